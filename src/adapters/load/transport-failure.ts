import type { TransportEnd } from "./classify.ts";

/** Codes by which our own machine ran out of something: no word about the service. */
const OURS: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "EADDRNOTAVAIL",
  "ENOBUFS",
  "ENOMEM",
  "EAGAIN",
]);

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/**
 * Outcome of a failed exchange from Node's error code: `HPE_*` are the HTTP parser's (endless headers are
 * HPE_HEADER_OVERFLOW), zlib's never come here. A connection that ends too early reads as ECONNRESET, whether by RST or
 * by FIN ("socket hang up", "aborted").
 */
export const transportFailure = (error: unknown, connected: boolean): TransportEnd => {
  const code = codeOf(error);
  if (code.startsWith("HPE_") || code.startsWith("ERR_HTTP") || code.startsWith("ERR_INVALID")) {
    return { type: "failed", outcome: "malformed" };
  }
  if (OURS.has(code)) return { type: "failed", outcome: "unsent" };
  if (code === "ETIMEDOUT") return { type: "failed", outcome: connected ? "reset" : "timeout-connect" };
  if (code === "ECONNRESET" || code === "EPIPE" || connected) return { type: "failed", outcome: "reset" };
  // Refused, or no way there (EHOSTUNREACH, ENETUNREACH): nobody took the connection.
  return { type: "failed", outcome: "refused" };
};
