/**
 * Value at a dotted path (`choices.0.finish_reason`), or undefined. Own properties only: a hostile answer must not reach
 * prototypes. A number steps into an array.
 */
export const valueAt = (root: unknown, path: string): unknown => {
  let value: unknown = root;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
};

/** A JSON object (not an array, not null), or undefined. */
export const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;

export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const asText = (value: unknown): string => (typeof value === "string" ? value : "");

/** Parsed JSON, or undefined where the text is not JSON (`undefined` itself is no JSON value). */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
