import { ReadAhead } from "./answer-body.ts";
import { discard, headerOf, isFailure } from "./outcome.ts";
import { pause } from "./pause.ts";
import type { CallAnswer, CallOutcome, RemedyFactory } from "./remedy.ts";
import { lacksItsEnd } from "./whole-stream.ts";

/** What is held back of an answer until it is whole; beyond these it is passed on as it comes. */
const MAX_HELD_BYTES = 256 * 1024;
const MAX_HELD_MS = 5_000;

/** Reads ahead to the end or to the limits. `short`: it was cut, or ended without the end that its shape has. */
const readToEnd = async (
  answer: CallAnswer,
  signal: AbortSignal,
): Promise<{ readonly answer: CallAnswer; readonly short: boolean }> => {
  const body = new ReadAhead(answer.body);
  const held: CallAnswer = { ...answer, body };
  const done = new AbortController();
  const late = pause(MAX_HELD_MS, AbortSignal.any([signal, done.signal])).then(() => null);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    while (bytes <= MAX_HELD_BYTES) {
      const piece = await Promise.race([body.read(), late]);
      if (piece === null) break;
      if (piece.type === "cut") return { answer: held, short: true };
      if (piece.type === "end") {
        return { answer: held, short: lacksItsEnd(headerOf(answer.rawHeaders, "content-type"), chunks) };
      }
      chunks.push(piece.bytes);
      bytes += piece.bytes.length;
    }
    return { answer: held, short: false };
  } finally {
    done.abort();
  }
};

/**
 * Calls again, up to `attempts` more times with `backoffMs` between them, after: no connection, a connection that ended
 * without an answer, 408, 429, 5xx, and an answer cut short. To know the last, an answer is held back until it is whole, up
 * to 256 KiB and 5 s: a streamed one then costs its caller the time to the first token. (The last attempt streams at
 * once.) Every method is called again, POST too, and `retry-after` is not heeded: it is a counterfactual, not a library.
 * A request too long to be kept is sent once.
 */
export const retry: RemedyFactory<"retry"> =
  ({ attempts, backoffMs }) =>
  async (call, next, act) => {
    if (call.body.type === "passing") return next(call);
    const one = async (): Promise<{ readonly outcome: CallOutcome; readonly again: boolean }> => {
      const outcome = await next(call);
      if (outcome.type === "failed" || isFailure(outcome)) return { outcome, again: true };
      const { answer, short } = await readToEnd(outcome, call.signal);
      return { outcome: answer, again: short };
    };
    for (let left = attempts; left > 0; left--) {
      const { outcome, again } = await one();
      if (!again || call.signal.aborted) return outcome;
      discard(outcome);
      act();
      await pause(backoffMs, call.signal);
      if (call.signal.aborted) return { type: "failed", how: "fin" };
    }
    return next(call);
  };
