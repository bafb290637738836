import * as z from "zod";
import { nearestOf, type PathPart, quoted, type RawProblem } from "./problems.ts";
import type { IssueParams } from "./quantity-schema.ts";

/** The part of a JSON Schema that messages need. */
interface SchemaNode {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: "a map",
  array: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  record: "a map",
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Turns zod's issues into problems: what was found, what is allowed there, what was probably meant. */
export class IssueReader {
  readonly #schema: z.ZodType;
  #root: SchemaNode | undefined;

  /** @param schema the schema that made the issues; its JSON Schema tells which keys are known where */
  constructor(schema: z.ZodType) {
    this.#schema = schema;
  }

  /** @param value the whole value that was parsed */
  read(issues: readonly z.core.$ZodIssue[], value: unknown): RawProblem[] {
    return issues.flatMap((issue) => this.#problems(issue, value));
  }

  #resolve(node: SchemaNode | undefined): SchemaNode | undefined {
    if (node?.$ref === undefined) return node;
    return this.#root?.$defs?.[node.$ref.replace("#/$defs/", "")];
  }

  /** The schema at a path; of a union, the member whose kind the value has. */
  #schemaAt(path: readonly PathPart[], value: unknown): SchemaNode | undefined {
    this.#root ??= z.toJSONSchema(this.#schema, { io: "input", unrepresentable: "any" }) as SchemaNode;
    let node: SchemaNode | undefined = this.#root;
    let here = value;
    for (let index = 0; ; index++) {
      node = this.#resolve(node);
      const kind = isMap(here) ? here["kind"] : undefined;
      if (node?.oneOf !== undefined)
        node = node.oneOf.find((member) => member.properties?.["kind"]?.const === kind) ?? node;
      // Of a text or a map, the map: only its keys are asked for further down.
      if (node?.anyOf !== undefined && (isMap(here) || path[index] !== undefined))
        node = node.anyOf.find((member) => member.properties !== undefined) ?? node;
      const part = path[index];
      if (part === undefined || node === undefined) return node;
      here = Array.isArray(here) ? (here as unknown[])[Number(part)] : isMap(here) ? here[part] : undefined;
      const rest: SchemaNode | boolean | undefined = node.additionalProperties;
      node =
        typeof part === "number"
          ? node.items
          : ((Object.hasOwn(node.properties ?? {}, part) ? node.properties?.[part] : undefined) ??
            (typeof rest === "object" ? rest : undefined));
    }
  }

  #allowed(path: readonly PathPart[], value: unknown, otherwise: string): string {
    return this.#schemaAt(path, value)?.description ?? otherwise;
  }

  #problems(issue: z.core.$ZodIssue, root: unknown): RawProblem[] {
    const path = issue.path as PathPart[];
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => this.#unknownKey(path, key, root));
    if (issue.code === "invalid_key") return [this.#badKey(path, root)];
    const found = valueAt(root, path);
    if (issue.code === "invalid_union" && isMap(found)) {
      const inner = insideMap(issue);
      if (inner !== undefined) return this.read(inner, root);
    }
    if (found === undefined && path.length > 0 && issue.code !== "invalid_element") {
      return [this.#missing(path, root, issue)];
    }
    return [{ path, at: "value", found: quoted(found), ...this.#judged(issue, path, found, root) }];
  }

  #unknownKey(path: readonly PathPart[], key: string, root: unknown): RawProblem {
    const known = Object.keys(this.#schemaAt(path, root)?.properties ?? {});
    const nearest = nearestOf(key, known);
    return {
      path: [...path, key],
      at: "key",
      code: "unknown-key",
      found: quoted(key),
      message: "This key is not known",
      allowed: known.join(", "),
      ...(nearest === undefined ? {} : { nearest }),
    };
  }

  #badKey(path: readonly PathPart[], root: unknown): RawProblem {
    const parent = String(path.at(-2) ?? "");
    const allowed =
      parent === "env"
        ? "letters, digits and underscores, not beginning with a digit"
        : parent.toLowerCase().includes("headers")
          ? "a header's name: letters, digits and dashes"
          : this.#allowed(path.slice(0, -1), root, "a plain name");
    return {
      path,
      at: "key",
      code: "wrong-value",
      found: quoted(path.at(-1)),
      message: "This name is not allowed",
      allowed,
    };
  }

  #missing(path: readonly PathPart[], root: unknown, issue: z.core.$ZodIssue): RawProblem {
    const key = String(path.at(-1));
    const parent = valueAt(root, path.slice(0, -1));
    const written = isMap(parent) && Object.hasOwn(parent, key);
    const union =
      issue.code === "invalid_union" ? (issue as { options?: readonly unknown[] }).options : undefined;
    return {
      path,
      at: "value",
      code: "missing-key",
      found: "nothing",
      message: written ? `${key} has no value` : `${key} is missing`,
      allowed: union === undefined ? this.#allowed(path, root, "") : union.join(", "),
    };
  }

  #judged(
    issue: z.core.$ZodIssue,
    path: readonly PathPart[],
    found: unknown,
    root: unknown,
  ): Pick<RawProblem, "code" | "message" | "allowed" | "nearest" | "remedy"> {
    switch (issue.code) {
      case "invalid_type": {
        const wanted = TYPE_WORDS[issue.expected] ?? issue.expected;
        return {
          code: "wrong-type",
          message: `This must be ${wanted}`,
          allowed: this.#allowed(path, root, wanted),
        };
      }
      case "invalid_value":
        return oneOf("This value is not known", issue.values.map(String), found);
      case "invalid_union": {
        const { options } = issue as { options?: readonly unknown[] };
        if (options !== undefined) return oneOf("This kind is not known", options.map(String), found);
        return {
          code: "wrong-type",
          message: "This value does not fit",
          allowed: this.#allowed(path, root, ""),
        };
      }
      case "too_small":
      case "too_big": {
        const few = issue.code === "too_small";
        const limit = few ? issue.minimum : issue.maximum;
        const noun = issue.origin === "array" ? "entries" : issue.origin === "string" ? "characters" : "";
        const bound = `${few ? "at least" : "at most"} ${limit} ${noun}`.trim();
        const amount = noun === "" ? (few ? "small" : "large") : few ? "short" : "long";
        return { code: "wrong-value", message: `This is too ${amount}`, allowed: bound };
      }
      case "custom": {
        const params = (issue.params ?? {}) as IssueParams;
        const message = issue.message.charAt(0).toUpperCase() + issue.message.slice(1);
        const unit = /unit/.test(issue.message);
        return {
          code: unit ? "wrong-unit" : "wrong-value",
          message,
          allowed: params.allowed ?? this.#allowed(path, root, ""),
          ...(params.remedy === undefined ? {} : { remedy: params.remedy }),
          ...(params.nearest === undefined ? {} : { nearest: params.nearest }),
        };
      }
      case "invalid_format":
        return {
          code: "wrong-value",
          message: issue.pattern === "/^\\//" ? 'This must begin with "/"' : "This text does not fit",
          allowed: this.#allowed(path, root, ""),
        };
      case "not_multiple_of":
      case "invalid_element":
      case "invalid_key":
      case "unrecognized_keys":
        return { code: "wrong-value", message: issue.message, allowed: this.#allowed(path, root, "") };
    }
  }
}

/** Of a text or a map, where a map is written: what is wrong inside it. */
const insideMap = (issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined =>
  issue.errors
    .find((branch) => !branch.some(({ code, path }) => code === "invalid_type" && path.length === 0))
    ?.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));

const oneOf = (
  message: string,
  known: readonly string[],
  found: unknown,
): Pick<RawProblem, "code" | "message" | "allowed" | "nearest"> => {
  const nearest = typeof found === "string" ? nearestOf(found, known) : undefined;
  const rest = { code: "wrong-value" as const, message, allowed: known.join(", ") };
  return nearest === undefined ? rest : { ...rest, nearest };
};

/** The value at a path; undefined where there is none. Own keys only. */
export const valueAt = (root: unknown, path: readonly PathPart[]): unknown =>
  path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Readonly<Record<PathPart, unknown>>)[part];
  }, root);
