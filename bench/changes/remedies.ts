/** Which remedies are the right ones for a careless change to examples/answers: those that put back what the change took away. */
import type { RemedyKind } from "../../src/core/remedy/remedy.ts";

interface Right {
  readonly remedies: readonly RemedyKind[];
  /** Why these. */
  readonly because: string;
}

/** By the change's name. What is not here has no remedy that could stand on an edge or at a process. */
export const RIGHT_REMEDIES: Readonly<Record<string, Right>> = {
  "retries-gone": {
    remedies: ["retry"],
    because: "the change took the retry",
  },
  "timeout-60s": {
    remedies: ["deadline", "hedge"],
    because: "the change took the deadline; a second call gets the answer that the first one waits for",
  },
  "retry-after-uncapped": {
    remedies: ["retry-after-cap", "retry"],
    because: "the change took the cap; a retry before the service sees the 429 leaves it nothing to wait for",
  },
  "fallback-gone": {
    remedies: ["cache", "retry"],
    because:
      "the change took the other source of answers; a kept answer is one, and one retry is enough where one call fails",
  },
  "truncation-unseen": {
    remedies: ["retry", "cache"],
    because: "the change no longer sees a cut stream; a whole one, asked for again or kept, is not cut",
  },
  "retry-storm": {
    remedies: ["circuit-breaker"],
    because: "the change asks a dead dependency six times; a breaker ends that",
  },
  "search-timeout-gone": {
    remedies: ["deadline", "hedge"],
    because: "the change took the deadline of the search",
  },
  "pool-of-two": {
    remedies: ["replica"],
    because: "the change lets two questions in at a time; another process lets in two more",
  },
  "slow-restart": {
    remedies: ["replica"],
    because: "the change is gone for longer; another process answers meanwhile",
  },
};
