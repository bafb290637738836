import { discard, isFailure, withFirstByte } from "./outcome.ts";
import { pause } from "./pause.ts";
import type { CallOutcome, Next, RemedyCall, RemedyFactory } from "./remedy.ts";

/** A call that can be ended alone. */
class Try {
  readonly outcome: Promise<CallOutcome>;
  private readonly ended = new AbortController();

  constructor(call: RemedyCall, next: Next) {
    this.outcome = next({ ...call, signal: AbortSignal.any([call.signal, this.ended.signal]) }).then(
      withFirstByte,
    );
  }

  end(): void {
    this.ended.abort();
    void this.outcome.then(discard);
  }
}

/**
 * A second call where the first has no byte of its answer yet. The first good answer wins and the other call is ended;
 * where both fail, the caller gets the later failure. A call that fails before its time is not tried again. A request too
 * long to be kept is not hedged.
 */
export const hedge: RemedyFactory<"hedge"> =
  ({ afterMs }) =>
  async (call, next, act) => {
    if (call.body.type === "passing") return next(call);
    const first = new Try(call, next);
    const settled = new AbortController();
    const wait = pause(afterMs, AbortSignal.any([call.signal, settled.signal]));
    const early = await Promise.race([first.outcome, wait]);
    settled.abort();
    if (early !== undefined || call.signal.aborted) return first.outcome;
    act();
    const second = new Try(call, next);
    const [winner, outcome] = await Promise.race([
      first.outcome.then((each) => [first, each] as const),
      second.outcome.then((each) => [second, each] as const),
    ]);
    const other = winner === first ? second : first;
    if (!isFailure(outcome)) {
      other.end();
      return outcome;
    }
    winner.end();
    return other.outcome;
  };
