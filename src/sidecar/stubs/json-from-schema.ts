import { keyWords, type Prompt } from "./answer-text.ts";
import { isObject, type JsonObject } from "./stub.ts";

const MAX_DEPTH = 6;
const MAX_PROPERTIES = 50;

/**
 * A value that fits a JSON Schema of the kind models are given (types, enum, const, default, bounds, anyOf), filled with
 * words and numbers of the prompt. What it does not know it fills with a string.
 */
export const jsonFromSchema = (schema: unknown, prompt: Prompt): unknown =>
  fill(schema, { topic: keyWords(prompt.question).slice(0, 4).join(" "), numbers: numbersOf(prompt) }, 0);

interface Material {
  readonly topic: string;
  readonly numbers: readonly number[];
}

const numbersOf = ({ question }: Prompt): number[] =>
  (question.match(/-?\d+(?:\.\d+)?/g) ?? []).slice(0, 10).map(Number);

const fill = (schema: unknown, material: Material, depth: number): unknown => {
  if (!isObject(schema) || depth > MAX_DEPTH) return material.topic;
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"]) && schema["enum"].length > 0) return enumValue(schema["enum"], material);
  if ("default" in schema) return schema["default"];
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const options = schema[key];
    if (Array.isArray(options) && options.length > 0) return fill(options[0], material, depth + 1);
  }
  const declared = schema["type"];
  const type: unknown = Array.isArray(declared) ? declared.find((name) => name !== "null") : declared;
  if (type === "object" || isObject(schema["properties"])) return objectOf(schema, material, depth);
  switch (type) {
    case "array":
      return [fill(schema["items"], material, depth + 1)];
    case "integer":
      return Math.round(bounded(schema, material));
    case "number":
      return bounded(schema, material);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return typeof schema["maxLength"] === "number"
        ? material.topic.slice(0, schema["maxLength"])
        : material.topic;
  }
};

/** The one the user speaks of, else the first. */
const enumValue = (values: readonly unknown[], { topic }: Material): unknown =>
  values.find((value) => typeof value === "string" && topic.includes(value.toLowerCase())) ?? values[0];

const objectOf = (schema: JsonObject, material: Material, depth: number): JsonObject => {
  const properties = isObject(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  return Object.fromEntries(
    properties
      .slice(0, MAX_PROPERTIES)
      .map(([name, property]) => [name, fill(property, material, depth + 1)]),
  );
};

const bounded = (schema: JsonObject, { numbers }: Material): number => {
  const least = typeof schema["minimum"] === "number" ? schema["minimum"] : Number.NEGATIVE_INFINITY;
  const most = typeof schema["maximum"] === "number" ? schema["maximum"] : Number.POSITIVE_INFINITY;
  return Math.min(most, Math.max(least, numbers[0] ?? 1));
};
