import { isSecretName, REDACTED, redactUrl } from "../../core/redaction.ts";
import type { Recording } from "./tape.ts";

type Headers = readonly (readonly [string, string])[];

/** They belong to one connection, not to the answer (RFC 9110 7.6.1). */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** A shorter value would be found by chance. */
const SHORTEST_SECRET = 6;

/** Raw headers in pairs, without those of the connection. */
export const withoutConnection = (raw: readonly string[]): [string, string][] => {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) pairs.push([name, raw[index + 1] ?? ""]);
  }
  return pairs;
};

/** Headers as they may be written down. */
export const redactedHeaders = (headers: Headers, redact: readonly string[]): [string, string][] =>
  headers.map(([name, value]) => [name, isSecretName(name, redact) ? REDACTED : redactUrl(value, redact)]);

/** Values of a request's secret headers and query parameters, also without their scheme ("Bearer x" and "x"). */
export const callerSecrets = (
  rawHeaders: readonly string[],
  target: string,
  redact: readonly string[],
): string[] => {
  const query = [...new URLSearchParams(target.split("?").slice(1).join("?"))];
  const named = [...withoutConnection(rawHeaders), ...query].filter(([name]) => isSecretName(name, redact));
  return named
    .flatMap(([, value]) => [value, value.replace(/^\S+\s+/, "")])
    .filter((value) => value.length >= SHORTEST_SECRET);
};

/** Does an answer repeat one of them, in a header or its body, also across its chunks? */
export const holdsSecret = ({ headers, chunks }: Recording, secrets: readonly string[]): boolean => {
  if (secrets.length === 0) return false;
  const body = Buffer.concat(chunks.map(({ bytes }) => bytes));
  return secrets.some(
    (secret) => body.includes(secret) || headers.some(([, value]) => value.includes(secret)),
  );
};
