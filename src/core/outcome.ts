/** How one request ended. Closed: every observation has exactly one of these. */
export const OUTCOMES = [
  "ok", // complete, correct
  "degraded", // complete, but the service said it fell back (the suite's marker)
  "wrong-answer", // complete, but an expectation does not hold
  "incomplete", // looks finished (clean end, 2xx), yet the content says it was cut short
  "error-event", // an in-band error after a 2xx
  "status", // a status the expectation does not allow
  "refused", // connection refused
  "reset", // RST or an unclean end after the connection stood
  "malformed", // not HTTP, or a broken message
  "timeout-connect",
  "timeout-headers",
  "timeout-first-content",
  "timeout-silence",
  "timeout-total",
  "client-abort", // we hung up on purpose (fault client-abort); not a failure
  "unsent", // the generator could not send it: our failure, makes the window invalid
] as const;

export type Outcome = (typeof OUTCOMES)[number];

const FAILED: ReadonlySet<Outcome> = new Set<Outcome>([
  "wrong-answer",
  "incomplete",
  "error-event",
  "status",
  "refused",
  "reset",
  "malformed",
  "timeout-connect",
  "timeout-headers",
  "timeout-first-content",
  "timeout-silence",
  "timeout-total",
]);

/** A failure of the service as its client sees it. `degraded` is an answer; `client-abort` and `unsent` are ours. */
export const isFailure = (outcome: Outcome): boolean => FAILED.has(outcome);

/** Outcomes that say nothing about the service and are left out of every rate. */
export const isUnscored = (outcome: Outcome): boolean => outcome === "client-abort" || outcome === "unsent";
