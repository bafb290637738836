import { redactUrl } from "../../core/redaction.ts";
import { fingerprint } from "../fingerprint.ts";

/** Larger request bodies can not be told apart, and are refused. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

export interface RequestIdentity {
  readonly fingerprint: string;
  readonly method: string;
  /** With secret query values replaced. */
  readonly path: string;
}

/** Secret query values do not count: a cassette recorded with one key is replayed for callers with another, or none. */
export const identify = (
  method: string,
  target: string,
  body: Buffer,
  redact: readonly string[] = [],
): RequestIdentity => {
  const path = redactUrl(target, redact);
  return { fingerprint: fingerprint(method, path, body), method, path };
};
