import { requestFits } from "../core/request-match.ts";
import type { PlacedFault } from "../core/sidecar-protocol.ts";
import type { ExchangeInfo } from "./faults/fault.ts";

export type Selection =
  /** Does not fit, or the first so many are over: not seen. */
  "not-seen" | "spared" | "struck";

/**
 * Which exchanges (or connections) a placed fault strikes: marks, `match`, `attempts` and `first`, in this one place.
 *
 * - `keys`: the client request's first `attempts` calls of the same method and path on this edge. A call that could not be
 *   attributed is spared.
 * - `pattern`: by running number among the calls that fit; `attempts` means nothing without a request behind the call.
 * - `all`: every call, retries too: an outage has no attempts.
 * - `first: n`: the n first calls that fit, whether struck or spared; the later ones are not seen at all.
 */
export class StrikeSelection {
  private readonly placed: PlacedFault;
  private readonly keys: ReadonlySet<string>;
  private fitting = 0;

  constructor(placed: PlacedFault) {
    this.placed = placed;
    this.keys = new Set(placed.marks.type === "keys" ? placed.marks.keys : []);
  }

  /** Must the client request behind a call be known for the decision? */
  get needsKey(): boolean {
    return this.placed.marks.type === "keys";
  }

  /** Could it strike this exchange, as far as its head tells? Counts nothing. */
  mayStrike(exchange: ExchangeInfo): boolean {
    const { first, match } = this.placed.fault;
    return (
      (first === undefined || this.fitting < first) && (match === undefined || requestFits(match, exchange))
    );
  }

  /** Counts the exchange, and decides. */
  select(exchange: ExchangeInfo): Selection {
    if (!this.mayStrike(exchange)) return "not-seen";
    return this.marks(this.fitting++, exchange.requestKey, exchange.attempt) ? "struck" : "spared";
  }

  /** Marks alone, by running number. */
  marks(index: number, key: string | null, attempt: number): boolean {
    const { marks, fault } = this.placed;
    switch (marks.type) {
      case "all":
        return true;
      case "keys":
        return key !== null && this.keys.has(key) && (fault.attempts === "all" || attempt <= fault.attempts);
      case "pattern":
        return marks.pattern[index % marks.pattern.length] === true;
    }
  }
}
