import { SquallError } from "../../core/errors.ts";

/** A part of "http://host:port" or "host:port". */
const partOf = (address: string, part: "host" | "port"): string => {
  const [, host = "", port = ""] = /^(?:\w+:\/\/)?(.*):(\d+)$/.exec(address) ?? [];
  return part === "host" ? host : port;
};

/** Replaces `{{name}}`, `{{name.host}}` and `{{name.port}}`; an unknown name is an error, not an empty text. */
export const substitute = (text: string, values: Readonly<Record<string, string>>, place: string): string =>
  text.replaceAll(
    /\{\{\s*([A-Za-z0-9_-]+)(?:\.(host|port))?\s*\}\}/g,
    (whole, name: string, part: "host" | "port" | undefined) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      const filled = value === undefined || part === undefined ? value : partOf(value, part);
      if (filled === undefined || filled === "") {
        throw new SquallError("suite-invalid", `${whole} names no dependency.`, {
          place,
          remedy: `Known names: ${Object.keys(values).join(", ")}.`,
        });
      }
      return filled;
    },
  );
