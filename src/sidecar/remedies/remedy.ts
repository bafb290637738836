/**
 * What a remedy on an edge is made of.
 *
 *   caller -> listening socket -> [remedy 1] -> [remedy 2] -> the edge's own calls -> [faults] -> upstream
 *
 * The first remedy of the state is nearest to the caller. Each try of a remedy is a call on the edge like one of the
 * service: it meets the faults, is counted, recorded and attributed.
 *
 * How to add one:
 *   1. A member in core/remedy/remedy.ts. 2. A file here, named after the kind, exporting one RemedyFactory; the smallest
 *   example is retry-after-cap. 3. Its rows in registry.ts and remedy-bodies.ts. 4. Its test with real sockets in
 *   test/sidecar/remedies/.
 *
 * Rules:
 * - Call `act()` when the remedy really does something to the call: receipts count calls, once each.
 * - Whatever is not given back must be let go: an answer that is not used is ended by `body.discard()`, a call that is not
 *   waited for by the signal it was made with.
 * - State of one call in the closure of the call; state of all calls in the factory's.
 */
import type { EdgeRemedy, EdgeRemedyKind } from "../../core/remedy/remedy.ts";
import type { AnswerBody, CutHow } from "./answer-body.ts";
import type { RequestBody } from "./request-body.ts";

/** One call of the edge's caller. Headers as name, value, name, value, in order and in their own case; no hop-by-hop ones. */
export interface RemedyCall {
  readonly method: string;
  /** Request target, with query. */
  readonly path: string;
  readonly rawHeaders: readonly string[];
  readonly body: RequestBody;
  /** Nobody waits for the answer any more: its calls are ended. */
  readonly signal: AbortSignal;
}

export interface CallAnswer {
  readonly type: "answer";
  readonly status: number;
  readonly statusMessage: string;
  readonly rawHeaders: readonly string[];
  readonly body: AnswerBody;
}

/** No status line came. `refused`: no connection. */
export interface CallFailure {
  readonly type: "failed";
  readonly how: "refused" | CutHow;
}

export type CallOutcome = CallAnswer | CallFailure;

/** Makes the call; never rejects. */
export type Next = (call: RemedyCall) => Promise<CallOutcome>;

/** Meets one call. */
export type ActiveRemedy = (call: RemedyCall, next: Next, act: () => void) => Promise<CallOutcome>;

type RemedyOf<K extends EdgeRemedyKind> = Extract<EdgeRemedy, { readonly kind: K }>;

export type RemedyFactory<K extends EdgeRemedyKind> = (remedy: RemedyOf<K>) => ActiveRemedy;
