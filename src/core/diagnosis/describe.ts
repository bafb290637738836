/** Remedies in words: "one retry after 100 ms on llm". */
import type { Remedy } from "../remedy/remedy.ts";
import { formatCount, formatMs } from "../report/format.ts";

const TIMES: ReadonlyMap<number, string> = new Map([
  [2, "twice"],
  [3, "three times"],
]);

const times = (count: number): string => TIMES.get(count) ?? `${formatCount(count)} times`;

const whose = (on: string): string => (on === "service" ? "the service" : on);

export const describeRemedy = (remedy: Remedy): string => {
  const { on } = remedy;
  switch (remedy.kind) {
    case "retry": {
      const retries = remedy.attempts === 1 ? "one retry" : `${formatCount(remedy.attempts)} retries`;
      return `${retries} after ${formatMs(remedy.backoffMs)} on ${on}`;
    }
    case "deadline":
      return `a deadline of ${formatMs(remedy.afterMs)} on ${on}`;
    case "hedge":
      return `a second call on ${on} where the first has no answer after ${formatMs(remedy.afterMs)}`;
    case "retry-after-cap":
      return `Retry-After capped at ${formatMs(remedy.mostMs)} on ${on}`;
    case "circuit-breaker":
      return `a circuit breaker on ${on}, open for ${formatMs(remedy.openMs)} after ${formatCount(remedy.failures)} failures in a row`;
    case "cache":
      return `a cache of ${formatCount(remedy.entries)} answers for ${formatMs(remedy.forMs)} on ${on}`;
    case "more-cpu":
      return `${times(remedy.times)} the cores for ${whose(on)}`;
    case "more-memory":
      return `${times(remedy.times)} the memory for ${whose(on)}`;
    case "replica":
      return on === "service" ? "one more replica" : `one more replica of ${on}`;
    case "restart":
      return `a restart of ${whose(on)}`;
  }
};

/** At a sentence's start. */
export const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
