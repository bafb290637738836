/** What every format has in common: the checks a request passes before it becomes a RequestTemplate. */
import { createHash } from "node:crypto";
import { REQUEST_KEY_HEADER } from "../../core/exchange.ts";

export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_LINE_BYTES = 10_000_000;
export const MAX_REQUESTS = 20_000;
const MAX_PATH_LENGTH = 8192;

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** Request ids travel in a header and, joined by `~` with the repetition, in records and file names. */
const SAFE_ID = /^[A-Za-z0-9._-]{1,64}$/;
const ID_RULE = "1 to 64 letters, digits, dots, underscores and hyphens";

export const isSafeId = (id: string): boolean => SAFE_ID.test(id) && id !== "__proto__";
export const idRule = (): string => ID_RULE;

/**
 * A foreign id (an OpenAI custom_id may be any text) as a safe one: what is unsafe becomes "-", and a short hash of the
 * original keeps two different ids different.
 */
export const safeId = (foreign: string): string => {
  if (isSafeId(foreign)) return foreign;
  const hash = createHash("sha256").update(foreign).digest("hex").slice(0, 10);
  return `${foreign.slice(0, 50).replace(/[^A-Za-z0-9._-]/g, "-")}-${hash}`;
};

/** Why a path can not be sent; null where it can. */
export const pathProblem = (path: string): string | null => {
  if (!path.startsWith("/")) return "a path that begins with /, such as /v1/chat/completions";
  if (path.length > MAX_PATH_LENGTH) return `at most ${MAX_PATH_LENGTH} characters`;
  if (!/^[\u0021-\u007e]*$/.test(path)) return "printable ASCII without spaces: percent-encode the rest";
  return path.includes("#") ? "a path without # (fragments are not sent)" : null;
};

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;

/** Set by the generator itself, or able to break the framing of a message. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  REQUEST_KEY_HEADER,
]);

/** Is this header the generator's own, so that a set must not (JSONL) or need not (HAR) give it? */
export const isOwnHeader = (name: string): boolean => OWN_HEADERS.has(name.toLowerCase());

/** Why a header can not be sent; null where it can. */
export const headerProblem = (name: string, value: string): string | null => {
  if (!TOKEN.test(name) || name === "__proto__") return "a header name (RFC 9110 token)";
  if (isOwnHeader(name)) return `any header but ${name.toLowerCase()}, which squall sets itself`;
  // Visible ASCII, tab and obs-text; CR and LF would begin a header of their own.
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value))
    return "a value without control characters or line breaks";
  return value.length > 16_384 ? "a value of at most 16,384 characters" : null;
};

/** Deeper than any body or schema in use, and far from where recursion over it would end the process. */
const MAX_DEPTH = 200;

export const isTooDeep = (value: unknown, levels: number = MAX_DEPTH): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1)));
