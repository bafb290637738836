/** What `squall doctor` finds of a machine: one question a file, each told and none changed. */
import { plainText } from "../../core/report/plain-text.ts";

/** `missing`: nothing can be measured without it (a runtime: nothing with this runtime). `warn`: possible, with less. */
export type CheckState = "ok" | "warn" | "missing";

export interface Check {
  readonly name: string;
  readonly state: CheckState;
  /** What there is, in one line. No secrets: no addresses with passwords, no values of environment variables. */
  readonly found: string;
  /** What to do, where something is not as it should be. */
  readonly remedy?: string;
  /** What squall wants it for. */
  readonly neededFor: string;
}

/** What one look gives; the question adds its name and what it is for. */
export type Answer = Omit<Check, "name" | "neededFor">;

export interface Question {
  readonly name: string;
  readonly neededFor: string;
  /** What is to be thought where the look fails or does not end, and what to do then. */
  readonly otherwise: { readonly state: CheckState; readonly remedy: string };
  /** Must end what it began when the signal is aborted, and throws as it likes. */
  readonly look: (signal: AbortSignal) => Promise<Answer>;
}

export const DEADLINE_MS = 3000;
const LONGEST = 600;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Asks, and has an answer after the deadline whatever happens. Never throws. */
export const ask = async (question: Question, deadlineMs = DEADLINE_MS): Promise<Check> => {
  const { name, neededFor, otherwise } = question;
  const controller = new AbortController();
  const late = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => {
    late.resolve({ ...otherwise, found: `no answer within ${deadlineMs / 1000} s` });
    controller.abort();
  }, deadlineMs);
  let answer: Answer;
  try {
    answer = await Promise.race([question.look(controller.signal), late.promise]);
  } catch (error) {
    answer = { ...otherwise, found: reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
  // What was found may be a stranger's text: a branch, an engine's words, a suite's name.
  const { state, found, remedy } = answer;
  return {
    name,
    state,
    found: plainText(found, LONGEST),
    ...(remedy === undefined ? {} : { remedy: plainText(remedy, LONGEST) }),
    neededFor,
  };
};
