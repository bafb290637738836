import type { Outcome } from "../../core/outcome.ts";

/** How the exchange ended on the wire, before anyone looks at its content. */
export type TransportEnd =
  | { readonly type: "complete" } // the message ended as its framing says
  | {
      readonly type: "failed";
      readonly outcome: Extract<Outcome, "refused" | "reset" | "malformed" | `timeout-${string}` | "unsent">;
    }
  | { readonly type: "hung-up" }; // we did, on purpose

/** Kinds of evidence that an answer is whole. */
export interface EndMarks {
  readonly sentinel: boolean;
  readonly finish: boolean;
}

/** What the answer's content says. */
export interface AnswerFacts {
  readonly stream: boolean;
  readonly marks: EndMarks;
  /** A finish path stands in the (non-stream) answer with the value null. */
  readonly nullFinish: boolean;
  readonly errorTold: boolean;
  /** Broken JSON, text or compression where the answer promised it. */
  readonly broken: boolean;
  /** Cut inside its compression. */
  readonly cut: boolean;
  readonly degraded: boolean;
}

export interface Classified {
  readonly transport: TransportEnd;
  /** 0 where no status line was seen. */
  readonly status: number;
  readonly statusAllowed: boolean;
  readonly answer: AnswerFacts;
  /** A stream must end by content. */
  readonly mustComplete: boolean;
  /** How this request's calm answer ended; undefined where it is not known. */
  readonly calmMarks: EndMarks | undefined;
  readonly expectationsHold: boolean;
}

/**
 * Is the answer whole by its content? Evidence of the kinds its calm answer showed is wanted, all of them: a service that
 * closes a truncated stream with `[DONE]` after the finish reason got lost has cut the answer short. Without a calm
 * answer, and for fallbacks (which may speak a simpler protocol), one kind is enough. Null finish reasons are none (some
 * servers send nothing else: then calm shows none, and none is asked for); "length" is one, for the limit is the request's own.
 */
export const isWhole = (answer: AnswerFacts, calm: EndMarks | undefined): boolean => {
  const { sentinel, finish } = answer.marks;
  if (!answer.stream) return finish || !answer.nullFinish || (calm !== undefined && !calm.finish);
  if (calm === undefined || answer.degraded || !(calm.sentinel || calm.finish)) return sentinel || finish;
  return (sentinel || !calm.sentinel) && (finish || !calm.finish);
};

/**
 * The one outcome of a request. Order: our own hanging up; a status that is not allowed (the client knows it before the
 * rest); an error told in-band; the end sentinel makes later wire trouble moot; then the wire; then the content.
 */
export const classify = (seen: Classified): Outcome => {
  const { transport, answer } = seen;
  if (transport.type === "hung-up") return "client-abort";
  if (transport.type === "failed" && transport.outcome === "unsent") return "unsent";
  if (seen.status !== 0 && !seen.statusAllowed) return "status";
  const success = seen.status >= 200 && seen.status < 300;
  if (success && answer.errorTold) return "error-event";
  const saidAll = answer.stream && answer.marks.sentinel;
  if (transport.type === "failed" && !saidAll) return transport.outcome;
  if (answer.broken) return "malformed";
  if (answer.cut) return "incomplete";
  if (success && seen.mustComplete && !isWhole(answer, seen.calmMarks)) return "incomplete";
  if (!seen.expectationsHold) return "wrong-answer";
  return answer.degraded ? "degraded" : "ok";
};
