/** GitHub's own OpenAPI description, as far as the stand-in serves it (cut by scripts/github/cut-openapi.ts). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "./served.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const isObject = (json: unknown): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

/** Text as it is; anything else as JSON. */
export const textOf = (json: Json | undefined): string =>
  typeof json === "string" ? json : (JSON.stringify(json) ?? "");

/** OpenAPI 3.0's `nullable` in JSON Schema's words; `oneOf` becomes `anyOf`, because GitHub's alternatives overlap. */
const asJsonSchema = (json: Json): Json => {
  if (Array.isArray(json)) return json.map(asJsonSchema);
  if (!isObject(json)) return json;
  const { nullable, oneOf, ...rest } = json;
  const plain: Record<string, Json> = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, asJsonSchema(value)]),
  );
  if (oneOf !== undefined) plain["anyOf"] = asJsonSchema(oneOf);
  return nullable === true ? { anyOf: [plain, { type: "null" }] } : plain;
};

export const DESCRIPTION = asJsonSchema(
  JSON.parse(readFileSync(join(import.meta.dirname, "openapi.json"), "utf8")) as Json,
) as JsonObject;

/** Follows a reference, or gives the schema itself. */
export const resolved = (json: Json | undefined): JsonObject => {
  if (!isObject(json)) throw new Error(`no schema: ${JSON.stringify(json)}`);
  const reference = json["$ref"];
  if (typeof reference !== "string") return json;
  let found: Json = DESCRIPTION;
  for (const step of reference.slice(2).split("/")) found = isObject(found) ? (found[step] ?? null) : null;
  return resolved(found);
};

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Json;
}

export interface DescribedOperation {
  readonly id: Operation;
  readonly method: string;
  /** With `{names}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Null where there is none. */
  readonly body: { readonly required: boolean; readonly schema: Json } | null;
  /** By status; the schema is null where the answer has no JSON body. */
  readonly answers: ReadonlyMap<string, Json>;
}

const jsonSchemaIn = (json: Json | undefined): Json => {
  const content = isObject(json) ? json["content"] : undefined;
  const media = isObject(content) ? content["application/json"] : undefined;
  return isObject(media) ? (media["schema"] ?? null) : null;
};

const described = (path: string, method: string, operation: JsonObject): DescribedOperation => {
  const body = operation["requestBody"];
  const parameters = (operation["parameters"] ?? []) as readonly Json[];
  return {
    id: operation["operationId"] as Operation,
    method: method.toUpperCase(),
    path,
    parameters: parameters.map((parameter) => {
      const { name, in: place, required, schema } = resolved(parameter);
      return {
        name: textOf(name),
        in: textOf(place),
        required: required === true,
        schema: schema ?? true,
      };
    }),
    body: isObject(body) ? { required: body["required"] === true, schema: jsonSchemaIn(body) } : null,
    answers: new Map(
      Object.entries(operation["responses"] as JsonObject).map(([status, answer]) => [
        status,
        jsonSchemaIn(resolved(answer)),
      ]),
    ),
  };
};

export const OPERATIONS: ReadonlyMap<string, DescribedOperation> = new Map(
  Object.entries(DESCRIPTION["paths"] as JsonObject).flatMap(([path, methods]) =>
    Object.entries(methods as JsonObject).map(([method, operation]) => {
      const read = described(path, method, operation as JsonObject);
      return [read.id, read] as const;
    }),
  ),
);
