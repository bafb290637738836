import { discard, ownAnswer, withFirstByte } from "./outcome.ts";
import { pause } from "./pause.ts";
import type { RemedyFactory } from "./remedy.ts";

/**
 * Gives up on a call whose first byte is not there in time: 504, and the call is ended. The first byte is that of the
 * answer's body (or its end): a head that comes early is held back until then, the answer behind it streams undelayed and
 * for as long as it likes.
 */
export const deadline: RemedyFactory<"deadline"> =
  ({ afterMs }) =>
  async (call, next, act) => {
    const late = new AbortController();
    const settled = new AbortController();
    const answered = next({ ...call, signal: AbortSignal.any([call.signal, late.signal]) }).then(
      withFirstByte,
    );
    const first = await Promise.race([
      answered,
      pause(afterMs, AbortSignal.any([call.signal, settled.signal])),
    ]);
    if (first !== undefined) {
      settled.abort();
      return first;
    }
    late.abort();
    void answered.then(discard);
    if (!call.signal.aborted) act();
    return ownAnswer(504, `no answer within ${afterMs} ms (remedy: deadline)`);
  };
