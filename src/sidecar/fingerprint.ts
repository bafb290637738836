import { createHash } from "node:crypto";

const NONCE = /nonce-[0-9a-f]{16}/g;

/**
 * Keys whose values differ from call to call without changing what is asked. Only where they stand at the top of a JSON
 * body or in its `metadata`: deeper down the same names may be content.
 */
const VOLATILE_KEYS: ReadonlySet<string> = new Set([
  "nonce",
  "x_nonce",
  "request_id",
  "requestId",
  "trace_id",
  "traceId",
  "idempotency_key",
  "idempotencyKey",
  "user",
  "seed",
]);

const MAX_DEPTH = 64;

export const withoutNonces = (text: string): string => text.replaceAll(NONCE, "");

/** sha256 over method, path and body, alike for calls that ask the same: key order, nonces and volatile keys do not count. */
export const fingerprint = (method: string, path: string, body: Buffer): string => {
  const hash = createHash("sha256").update(`${method} ${withoutNonces(path)}\n`);
  const json = parseJson(body);
  if (json === undefined) return hash.update(withoutNonces(body.toString("latin1"))).digest("base64");
  return hash.update(withoutNonces(JSON.stringify(canonical(json, 0)))).digest("base64");
};

/** A body's text for searching: all strings of a JSON body, unescaped; the body itself otherwise. White space is folded. */
export const searchableText = (path: string, body: Buffer): string => {
  const json = parseJson(body);
  const texts: string[] = [decodedPath(path)];
  if (json === undefined) texts.push(body.toString("utf8"));
  else collectStrings(json, texts, 0);
  return foldSpace(withoutNonces(texts.join("\n")));
};

export const foldSpace = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

const decodedPath = (path: string): string => {
  try {
    return decodeURIComponent(path.replaceAll("+", " "));
  } catch {
    return path;
  }
};

const parseJson = (body: Buffer): unknown => {
  const first = body.find((byte) => byte > 32);
  if (first !== 0x7b && first !== 0x5b) return undefined;
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
};

const canonical = (value: unknown, depth: number): unknown => {
  if (typeof value !== "object" || value === null) return value;
  // No real call nests so deep; a hostile one must not exhaust the stack.
  if (depth > MAX_DEPTH) return "(deep)";
  if (Array.isArray(value)) return value.map((item) => canonical(item, depth + 1));
  const names = Object.keys(value).sort();
  const record = value as Readonly<Record<string, unknown>>;
  return names
    .filter((name) => depth > 0 || !VOLATILE_KEYS.has(name))
    .map((name) => [name, canonical(record[name], depth === 0 && name === "metadata" ? 0 : depth + 1)]);
};

const collectStrings = (value: unknown, into: string[], depth: number): void => {
  if (typeof value === "string") into.push(value);
  else if (depth <= MAX_DEPTH && typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) collectStrings(item, into, depth + 1);
  }
};
