import { watched } from "./answer-body.ts";
import { isFailure, ownAnswer } from "./outcome.ts";
import type { CallOutcome, RemedyFactory } from "./remedy.ts";

/**
 * After so many failures in a row calls are answered 503 at once for `openMs`; then one is let through: its success closes
 * the circuit, its failure opens it anew. A failure is no connection, 408, 429, 5xx, an answer cut short, or a call that
 * its caller gave up before its first byte. Calls that were under way when it opened change nothing any more.
 */
export const circuitBreaker: RemedyFactory<"circuit-breaker"> = ({ failures, openMs }) => {
  let inARow = 0;
  /** Monotonic ms; null: closed. */
  let openUntilMs: number | null = null;
  let probing = false;
  /** Grows with every change between open and closed. */
  let epoch = 0;

  const succeeded = (): void => {
    inARow = 0;
    if (openUntilMs === null) return;
    openUntilMs = null;
    epoch++;
  };
  const failed = (): void => {
    inARow++;
    if (openUntilMs === null && inARow < failures) return;
    openUntilMs = performance.now() + openMs;
    epoch++;
  };
  /** Takes one result of a call begun in this epoch. */
  const verdictOf = (isProbe: boolean) => {
    const begun = epoch;
    let told = false;
    return (result: (() => void) | null): void => {
      if (told) return;
      told = true;
      if (isProbe) probing = false;
      if (begun === epoch) result?.();
    };
  };

  return async (call, next, act): Promise<CallOutcome> => {
    if (openUntilMs !== null && (probing || performance.now() < openUntilMs)) {
      act();
      return ownAnswer(503, "not called: it failed too often just now (remedy: circuit-breaker)");
    }
    const isProbe = openUntilMs !== null;
    if (isProbe) probing = true;
    const tell = verdictOf(isProbe);
    const outcome = await next(call);
    if (outcome.type === "failed" || isFailure(outcome)) {
      tell(failed);
      return outcome;
    }
    const body = watched(
      outcome.body,
      (piece) => {
        if (piece.type === "end") tell(succeeded);
        else if (piece.type === "cut") tell(call.signal.aborted ? null : failed);
      },
      () => tell(null),
    );
    return { ...outcome, body };
  };
};
