/** Forms in which compose writes plain things. Each reader takes anything, and says what is wrong where it stands. */
import { readCommand } from "../command.ts";
import { looksSecret } from "../literal-secrets.ts";
import type { ComposeReader, Path } from "./reader.ts";

type Map_ = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Map_ =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" ||
  typeof value === "boolean" ||
  (typeof value === "number" && Number.isFinite(value));

/** Absent, or written so that it changes nothing. */
export const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === "false" ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** A text without NUL; numbers and booleans as their text. Undefined where it is absent or wrong. */
export const textOf = (reader: ComposeReader, value: unknown, path: Path): string | undefined => {
  if (value === undefined || value === null) return undefined;
  if (isScalar(value) && !`${value}`.includes("\0")) return `${value}`;
  reader.wrongType(path, "a text");
  return undefined;
};

/** A list of texts; a single text is a list of one. */
export const textsOf = (reader: ComposeReader, value: unknown, path: Path): string[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    if (!isScalar(value)) reader.wrongType(path, "a list of texts");
    return isScalar(value) ? [`${value}`] : [];
  }
  return (value as unknown[]).flatMap((item, index) => textOf(reader, item, [...path, index]) ?? []);
};

/** argv. A text is split without a shell; an empty text or list takes the image's own away. */
export const commandOf = (reader: ComposeReader, value: unknown, path: Path): string[] | undefined => {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return textsOf(reader, value, path);
  if (value === "") return [];
  const reading = readCommand(value);
  if (reading.ok) return [...reading.value];
  reader.problem(path, {
    code: "wrong-value",
    message: reading.message.charAt(0).toUpperCase() + reading.message.slice(1),
    allowed: 'a command line such as "node server.js", or a list of its words',
    // The reader's own remedy would repeat the line, and with it what the environment filled in.
    ...(reading.remedy === undefined ? {} : { remedy: 'Write it as a list; a shell is ["sh", "-c", "…"].' }),
  });
  return undefined;
};

/** Names of services: a list, or the keys of a map. */
export const namesOf = (reader: ComposeReader, value: unknown, path: Path): string[] =>
  isMap(value) ? Object.keys(value) : textsOf(reader, value, path);

/**
 * `NAME=value` by list or map. A name without a value is taken from the environment, and left out where it is not set
 * there.
 */
export const variablesOf = (reader: ComposeReader, value: unknown, path: Path): Record<string, string> => {
  const found = new Map<string, string>();
  const take = (name: string, text: string | undefined, place: Path): void => {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) || name === "__proto__") {
      reader.problem(place, {
        code: "wrong-value",
        message: "This is no name of a variable",
        allowed: "letters, digits and underscores, not beginning with a digit",
      });
      return;
    }
    const given = text ?? reader.variable(name);
    if (text !== undefined && looksSecret(name, text)) reader.secrets.push(place);
    if (given !== undefined) found.set(name, given);
  };
  if (isMap(value)) {
    for (const [name, each] of Object.entries(value)) {
      const place = [...path, name];
      const wrong = each !== null && !isScalar(each);
      if (wrong) reader.wrongType(place, "a text");
      else take(name, each === null ? undefined : `${each}`, place);
    }
  } else if (Array.isArray(value)) {
    for (const [index, each] of (value as unknown[]).entries()) {
      const text = textOf(reader, each, [...path, index]) ?? "";
      const equals = text.indexOf("=");
      const name = equals < 0 ? text : text.slice(0, equals);
      take(name, equals < 0 ? undefined : text.slice(equals + 1), [...path, index]);
    }
  } else if (value !== undefined && value !== null) reader.wrongType(path, "a map, or a list of NAME=value");
  return Object.fromEntries(found);
};

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes: a whole number, or one with `b`, `k`, `m`, `g` and their kin, all of 1024. */
export const bytesOf = (
  reader: ComposeReader,
  value: unknown,
  path: Path,
  least: number,
): number | undefined => {
  if (value === undefined || value === null) return undefined;
  const match =
    typeof value === "number" || (typeof value === "string" && value.length <= 64)
      ? /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*$/i.exec(String(value))
      : null;
  const bytes = Math.round(Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ""] ?? Number.NaN));
  if (bytes >= least && bytes <= 2 ** 50) return bytes;
  reader.problem(path, {
    code: "wrong-value",
    message: match === null ? "This is no size" : `A size of at least ${least} bytes is needed`,
    allowed: 'a size such as "512m" or "1g"',
  });
  return undefined;
};

/** Cores, above 0. */
export const coresOf = (reader: ComposeReader, value: unknown, path: Path): number | undefined => {
  if (value === undefined || value === null) return undefined;
  const cores = typeof value === "string" && /^\s*\d*\.?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof cores === "number" && cores >= 0.01 && cores <= 1024) return cores;
  reader.problem(path, {
    code: "wrong-value",
    message: "This is no number of cores",
    allowed: "a number of at least 0.01, such as 0.5",
  });
  return undefined;
};
