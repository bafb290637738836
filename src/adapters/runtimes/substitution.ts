import { SquallError } from "../../core/errors.ts";

/** Replaces `{{name}}`; an unknown name is an error, not an empty text. */
export const substitute = (text: string, values: Readonly<Record<string, string>>, place: string): string =>
  text.replaceAll(/\{\{\s*([A-Za-z0-9_-]+)\s*\}\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      throw new SquallError("suite-invalid", `${whole} names no dependency.`, {
        place,
        remedy: `Known names: ${Object.keys(values).join(", ")}.`,
      });
    }
    return value;
  });
