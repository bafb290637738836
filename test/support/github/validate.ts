/** Holds requests and answers to GitHub's description. Every function returns what is wrong, in words; nothing where all is right. */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { DESCRIPTION, type DescribedOperation, isObject, type Json, resolved } from "./description.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/u;

const ajv = new Ajv({
  strict: false,
  allErrors: false,
  formats: {
    "date-time": (text: string) => ISO.test(text) && !Number.isNaN(Date.parse(text)),
    uri: (text: string) => URL.canParse(text.replaceAll(/\{[^}]*\}/gu, "x")),
    email: (text: string) => text.includes("@"),
    int64: true,
    "repo.nwo": true,
  },
});
ajv.addSchema(DESCRIPTION, "github");

const compiled = new Map<Json, ValidateFunction>();

/** References in a schema are those of the description. */
const rebased = (schema: Json): Json => {
  if (Array.isArray(schema)) return schema.map(rebased);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === "$ref" && typeof value === "string" ? [key, `github${value}`] : [key, rebased(value)],
    ),
  );
};

const validatorOf = (schema: Json): ValidateFunction => {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = ajv.compile(rebased(schema) as boolean | Record<string, unknown>);
  compiled.set(schema, made);
  return made;
};

const inWords = (errors: readonly ErrorObject[] | null | undefined): string =>
  (errors ?? [])
    .slice(0, 3)
    .map(({ instancePath, message, params }) => `${instancePath || "/"} ${message} ${JSON.stringify(params)}`)
    .join("; ");

const check = (schema: Json, value: unknown, what: string): readonly string[] => {
  const validate = validatorOf(schema);
  return validate(value) ? [] : [`${what}: ${inWords(validate.errors)}`];
};

/** A parameter's text as the type its schema has. */
const asTyped = (text: string, schema: Json): unknown => {
  const type = isObject(schema) ? resolved(schema)["type"] : undefined;
  if (type === "integer" || type === "number") return text.trim() === "" ? text : Number(text);
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
};

const parameterProblems = (
  operation: DescribedOperation,
  place: "path" | "query",
  given: Readonly<Record<string, string>>,
): readonly string[] => {
  const known = operation.parameters.filter((parameter) => parameter.in === place);
  const unknown = Object.keys(given).filter((name) => !known.some((parameter) => parameter.name === name));
  return [
    ...unknown.map((name) => `${place} parameter ${name} is not known to ${operation.id}`),
    ...known.flatMap(({ name, required, schema }) => {
      const text = given[name];
      if (text === undefined) return required ? [`${place} parameter ${name} is missing`] : [];
      return check(schema, asTyped(text, schema), `${place} parameter ${name}`);
    }),
  ];
};

/** Every schema that may speak about a value: alternatives and parts included. */
const parts = (schema: Json): readonly Record<string, Json>[] => {
  if (!isObject(schema)) return [];
  const own = resolved(schema);
  const inner = ["anyOf", "allOf"].flatMap((key) => (own[key] ?? []) as readonly Json[]);
  return [own, ...inner.flatMap(parts)];
};

/** Keys GitHub would silently ignore: its schemas leave objects open, we must not. */
const unknownKeys = (schema: Json, value: Json, place: string): readonly string[] => {
  const all = parts(schema);
  if (Array.isArray(value)) {
    const items = all.map((part) => part["items"]).find((item) => item !== undefined);
    return items === undefined
      ? []
      : value.flatMap((item: Json, index) => unknownKeys(items, item, `${place}/${index}`));
  }
  if (!isObject(value)) return [];
  const properties: Record<string, Json> = Object.assign({}, ...all.map((part) => part["properties"] ?? {}));
  if (Object.keys(properties).length === 0) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property === undefined) return [`body has ${place}/${key}, which GitHub does not know`];
    return unknownKeys(property, inner, `${place}/${key}`);
  });
};

export interface GivenRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Undefined where there is no body. */
  readonly body: unknown;
}

export const requestProblems = (operation: DescribedOperation, given: GivenRequest): readonly string[] => {
  const { body } = operation;
  const problems = [
    ...parameterProblems(operation, "path", given.path),
    ...parameterProblems(operation, "query", given.query),
  ];
  if (given.body === undefined) {
    return body?.required === true ? [...problems, "the body is missing"] : problems;
  }
  if (body === null) return [...problems, `${operation.id} takes no body`];
  return [
    ...problems,
    ...check(body.schema, given.body, "body"),
    ...unknownKeys(body.schema, given.body as Json, ""),
  ];
};

/** Refusals are described only here and there, so only their shape is checked where they are not. */
const UNDESCRIBED_REFUSAL: Json = {
  type: "object",
  required: ["message"],
  properties: { message: { type: "string" } },
};

export const answerProblems = (
  operation: DescribedOperation,
  status: number,
  body: unknown,
): readonly string[] => {
  const schema = operation.answers.get(String(status));
  if (schema === undefined && status < 400) return [`status ${status} is not an answer of ${operation.id}`];
  if (schema === undefined || (schema === null && status >= 400)) {
    return check(UNDESCRIBED_REFUSAL, body, `answer ${status}`);
  }
  if (schema === null) {
    return body === undefined ? [] : [`answer ${status} of ${operation.id} has no body, yet one was sent`];
  }
  return check(schema, body, `answer ${status}`);
};
