/**
 * Completes an answer's body by GitHub's own schema: what is required and was not given gets the plainest value that is allowed.
 * So handlers say only what means something to us, and answers still have GitHub's whole shape.
 */
import { DESCRIPTION, isObject, type Json, type JsonObject, resolved, textOf } from "./description.ts";

const schemas = (DESCRIPTION["components"] as JsonObject)["schemas"] as JsonObject;

const PLAIN_TEXT: Readonly<Record<string, string>> = {
  uri: "https://github.invalid/stand-in",
  "date-time": "2026-01-01T00:00:00Z",
  email: "nobody@github.invalid",
};

const plainest = (given: Json): Json => {
  const schema = resolved(given);
  const alternatives = (schema["anyOf"] ?? schema["allOf"]) as readonly Json[] | undefined;
  if (alternatives !== undefined) {
    const none = alternatives.some((alternative) => resolved(alternative)["type"] === "null");
    return none ? null : plainest(alternatives[0] ?? {});
  }
  const [first] = (schema["enum"] ?? []) as readonly Json[];
  if (first !== undefined) return first;
  switch (schema["type"]) {
    case "string":
      return PLAIN_TEXT[textOf(schema["format"])] ?? "";
    case "integer":
    case "number":
      return schema["minimum"] ?? 0;
    case "boolean":
      return false;
    case "array":
      return [];
    case "null":
      return null;
    default:
      return completed(schema, {});
  }
};

const completed = (schema: JsonObject, given: JsonObject): JsonObject => {
  const properties = (schema["properties"] ?? {}) as JsonObject;
  const required = (schema["required"] ?? []) as readonly string[];
  const missing = required.filter((name) => !Object.hasOwn(given, name));
  return {
    ...Object.fromEntries(missing.map((name) => [name, plainest(properties[name] ?? {})])),
    ...given,
  };
};

/** @param schema name among GitHub's components, such as "issue-comment" */
export const fill = (schema: string, given: JsonObject): JsonObject => {
  const found = resolved(schemas[schema]);
  if (!isObject(found)) throw new Error(`GitHub's description has no schema ${schema}`);
  return completed(found, given);
};
