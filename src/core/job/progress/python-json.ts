/** JSON as Python's `json.dumps` writes it: with bare NaN, Infinity and -Infinity (RFC 8259 knows none of them). */

const WORDS = ["-Infinity", "Infinity", "NaN"] as const;

/** Puts those words in quotes; one pass, strings left as they are. */
const quoted = (text: string): string => {
  let made = "";
  for (let at = 0; at < text.length; ) {
    if (text[at] === '"') {
      let end = at + 1;
      while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      made += text.slice(at, end + 1);
      at = end + 1;
      continue;
    }
    const word = WORDS.find((candidate) => text.startsWith(candidate, at));
    made += word === undefined ? text[at] : `"${word}"`;
    at += word?.length ?? 1;
  }
  return made;
};

const objectOf = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
};

/** @returns null: no object. NaN and the infinities are strings in it. */
export const pythonJson = (text: string): Readonly<Record<string, unknown>> | null =>
  objectOf(text) ?? (/NaN|Infinity/.test(text) ? objectOf(quoted(text)) : null);
