import type { Result } from "../verdict.ts";

/** Working figures that are no numbers say nothing and are left out; JSON would make them null. */
const finite = (details: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => Number.isFinite(value)));

/** result.json: infinite numbers as the texts "Infinity" and "-Infinity", NaN as null (schema: docs/schema/result.schema.json). */
export const renderJson = (result: Result): string =>
  JSON.stringify(
    result,
    (key, value: unknown) => {
      if (key === "details" && typeof value === "object" && value !== null) {
        return finite(value as Record<string, number>);
      }
      if (value === Number.POSITIVE_INFINITY) return "Infinity";
      return value === Number.NEGATIVE_INFINITY ? "-Infinity" : value;
    },
    2,
  );
