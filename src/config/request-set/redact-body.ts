/**
 * Secrets out of recorded bodies: the value of every JSON key and form field whose name says that it is one.
 *
 *   JSON (also lines of it, and JSON inside strings, as tool arguments are) | multipart | a=b&c=d | other text
 */
import { isSecretName, REDACTED, redactUrl } from "../../core/redaction.ts";
import { isTooDeep } from "./template.ts";

/** Every text and number below a secret key; true, false and null give nothing away, and the shape stays. */
const blotted = (value: unknown): unknown => {
  if (typeof value === "string" || typeof value === "number") return REDACTED;
  if (Array.isArray(value)) return value.map(blotted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, blotted(member)]));
};

const redactedText = (text: string, redact: readonly string[]): string => {
  if (/^\s*[{[]/.test(text)) return redactedJson(text, redact) ?? text;
  return /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text) ? redactUrl(text, redact) : text;
};

const redactedValue = (value: unknown, redact: readonly string[]): unknown => {
  if (typeof value === "string") return redactedText(value, redact);
  if (Array.isArray(value)) return value.map((member) => redactedValue(member, redact));
  if (typeof value !== "object" || value === null) return value;
  // Object.fromEntries also makes a `__proto__` key a plain one.
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      isSecretName(key, redact) ? blotted(member) : redactedValue(member, redact),
    ]),
  );
};

/** Null where the text is no JSON that can be walked. A text without a secret stays as it is, spaces and all. */
const redactedJson = (text: string, redact: readonly string[]): string | null => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (isTooDeep(value)) return null;
  const redacted = JSON.stringify(redactedValue(value, redact));
  return redacted === JSON.stringify(value) ? text : redacted;
};

/** `"name": "value"` in what only looks like JSON, such as a body cut short. */
const MEMBER = /"((?:[^"\\]|\\.)*)"(\s*:\s*)("(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*)/g;

const redactedMembers = (text: string, redact: readonly string[]): string =>
  text.replace(MEMBER, (whole, name: string, colon: string) =>
    isSecretName(name, redact) ? `"${name}"${colon}"${REDACTED}"` : whole,
  );

/** The parts between the boundaries whose name is secret; their heads stay. */
const redactedMultipart = (body: string, boundary: string, redact: readonly string[]): string =>
  body
    .split(`--${boundary}`)
    .map((part) => {
      const [, head = "", content = ""] = /^(\r?\n[^]*?\r?\n\r?\n)([^]*)$/.exec(part) ?? [];
      const name = /\bname="([^"]*)"/i.exec(head)?.[1];
      if (name === undefined) return part;
      if (!isSecretName(name, redact)) return `${head}${redactBody(content, undefined, redact)}`;
      return `${head}${REDACTED}${/\r?\n$/.exec(content)?.[0] ?? ""}`;
    })
    .join(`--${boundary}`);

/** A form as its query string would be. */
const redactedForm = (body: string, redact: readonly string[]): string =>
  redactUrl(`?${body}`, redact).slice(1);

/**
 * The body with the values of secret-named keys and fields replaced by REDACTED.
 *
 * @param redact names that are secret beyond the built-in list
 */
export const redactBody = (
  body: string,
  contentType: string | undefined,
  redact: readonly string[] = [],
): string => {
  const boundary = /^multipart\/.*\bboundary="?([^";,]+)/i.exec(contentType ?? "")?.[1];
  if (boundary !== undefined) return redactedMultipart(body, boundary, redact);
  if (/^application\/x-www-form-urlencoded/i.test(contentType ?? "")) return redactedForm(body, redact);
  const json = redactedJson(body, redact);
  if (json !== null) return json;
  if (/^[^\s=&{["<]+=[^\s{["<]*$/.test(body.trim())) return redactedForm(body, redact);
  return body
    .split("\n")
    .map((line) => redactedJson(line, redact) ?? redactedMembers(line, redact))
    .join("\n");
};
