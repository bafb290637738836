/** Ways to answer wrongly, for the next requests that match. */
import type { Reply } from "./call.ts";
import type { Json } from "./description.ts";

export type Fault =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: Json | string;
    }
  /** The connection ends before the request is served. */
  | "drop"
  /** The request is served, and the connection ends without an answer: the outcome is unknown to the client. */
  | "drop-after"
  /** Served, and half of the answer is sent. */
  | "truncate"
  /** Served, and answered so much later. */
  | { readonly delayMs: number };

export interface FaultMatch {
  readonly method?: string;
  /** Tested against the path without the API's base path and query. */
  readonly path?: RegExp;
}

interface Armed {
  readonly match: FaultMatch;
  readonly fault: Fault;
  left: number;
}

export class Faults {
  private readonly armed: Armed[] = [];

  arm(match: FaultMatch, fault: Fault, times: number): void {
    this.armed.push({ match, fault, left: times });
  }

  /** The fault for this request, used up by one; null where there is none. */
  take(method: string, path: string): Fault | null {
    const found = this.armed.find(
      ({ match, left }) =>
        left > 0 &&
        (match.method === undefined || match.method === method) &&
        (match.path === undefined || match.path.test(path)),
    );
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  }
}

export const faultReply = (fault: Extract<Fault, { status: number }>): Reply => {
  const { status, headers = {}, body = { message: `Answered so by a test: ${status}` } } = fault;
  return typeof body === "string" ? { status, headers, raw: Buffer.from(body) } : { status, headers, body };
};
