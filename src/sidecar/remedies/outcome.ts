/** What remedies ask of a call's outcome, and answers of their own. */
import { bodyOf, ReadAhead } from "./answer-body.ts";
import type { CallAnswer, CallOutcome } from "./remedy.ts";

/** 408, 429 and all of 5xx: what clients commonly try again. */
const isFailureStatus = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** No answer, or one that tells of a failure. */
export const isFailure = (outcome: CallOutcome): boolean =>
  outcome.type === "failed" || isFailureStatus(outcome.status);

export const discard = (outcome: CallOutcome): void => {
  if (outcome.type === "answer") outcome.body.discard();
};

/** With the first byte of its body read, or its end: the head alone says nothing of when an answer comes. */
export const withFirstByte = async (outcome: CallOutcome): Promise<CallOutcome> => {
  if (outcome.type === "failed") return outcome;
  const body = new ReadAhead(outcome.body);
  await body.read();
  return { ...outcome, body };
};

/** An error object that OpenAI- and Anthropic-shaped clients both read. */
export const ownAnswer = (status: 503 | 504, message: string): CallAnswer => {
  const type = status === 504 ? "timeout_error" : "overloaded_error";
  const bytes = Buffer.from(JSON.stringify({ type: "error", error: { type, message } }));
  return {
    type: "answer",
    status,
    statusMessage: status === 504 ? "Gateway Timeout" : "Service Unavailable",
    rawHeaders: ["Content-Type", "application/json", "Content-Length", String(bytes.length)],
    body: bodyOf([bytes]),
  };
};

/** Value of a header (name in lower case), the first where there are several. */
export const headerOf = (rawHeaders: readonly string[], name: string): string | undefined => {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) return rawHeaders[index + 1];
  }
  return undefined;
};
