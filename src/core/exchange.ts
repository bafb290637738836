/** What the sidecar tells about the connections it stands on. */

export type AttributedBy = "header" | "trace" | "fingerprint" | "text" | "none";

/** How an exchange ended, seen from the sidecar. */
export type ExchangeEnd =
  | "complete"
  | "client-abort" // the downstream peer went away first
  | "upstream-refused"
  | "upstream-reset"
  | "upstream-closed" // FIN in mid-message
  | "answered-by-fault" // the sidecar answered, upstream never saw it
  | "cut-by-fault"
  | "malformed";

/** One request and its answer on an HTTP edge (or one connection on a TCP edge, with method ""). Times in epoch ms, fractional. */
export interface ExchangeRecord {
  /** Running number over all edges, from 1: the cursor of GET /records. */
  readonly sequence: number;
  readonly edge: string;
  readonly method: string;
  readonly path: string;
  /** 0 where no status line was seen. */
  readonly status: number;
  readonly startedMs: number;
  readonly firstByteMs: number | null;
  readonly endedMs: number;
  /** Longest silence between two pieces of the answer, as the caller met it; null: fewer than two pieces, or a TCP connection. */
  readonly longestGapMs: number | null;
  /**
   * The upstream's own time: from when the request was passed on until the last byte of a whole answer came from upstream, or until the
   * exchange ended without one. Null: never passed on, or a TCP connection.
   */
  readonly upstreamMs: number | null;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly end: ExchangeEnd;
  /** Client request behind it, `id~repetition`; null where it could not be told. */
  readonly requestKey: string | null;
  readonly attributedBy: AttributedBy;
  /** Which call of that client request on this edge it was, from 1. */
  readonly attempt: number;
  /** Ids of the placed faults that struck it. */
  readonly faults: readonly string[];
}

/** Proof of what a placed fault did since its state was set. Zero affected: the window is invalid, never a pass. */
export interface Receipt {
  readonly faultId: string;
  readonly edge: string;
  readonly seen: number;
  readonly affected: number;
}

/** Faults that struck nothing in all of these receipts, with how much they saw. */
export const withoutEffect = (receipts: readonly Receipt[]): readonly Receipt[] => {
  const sums = new Map<string, Receipt>();
  for (const receipt of receipts) {
    const before = sums.get(receipt.faultId);
    sums.set(receipt.faultId, {
      ...receipt,
      seen: receipt.seen + (before?.seen ?? 0),
      affected: receipt.affected + (before?.affected ?? 0),
    });
  }
  return [...sums.values()].filter(({ affected }) => affected === 0);
};

/** Header by which the generator names a request: `id~repetition`. Also sent as baggage `squall=id~repetition`. */
export const REQUEST_KEY_HEADER = "x-squall-request";

export const requestKey = (requestId: string, repetition: number): string => `${requestId}~${repetition}`;
