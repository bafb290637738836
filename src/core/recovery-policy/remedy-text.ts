/** A remedy in the words of a rule's `do`: what config/recovery reads. */
import type { Remedy } from "../remedy/remedy.ts";

/** "300ms", "2s": so that it is read back as the same number. */
const duration = (ms: number): string =>
  ms >= 1000 && Number.isInteger(ms / 1000) ? `${ms / 1000}s` : `${ms}ms`;

const place = (on: string): string => (on === "service" ? "" : ` on ${on}`);

/** "cpus x2", "retry x1 after 100ms on llm". */
export const remedyText = (remedy: Remedy): string => {
  switch (remedy.kind) {
    case "more-cpu":
      return `cpus x${remedy.times}${place(remedy.on)}`;
    case "more-memory":
      return `memory x${remedy.times}${place(remedy.on)}`;
    case "replica":
      return "replica";
    case "restart":
      return remedy.on === "service" ? "restart" : `restart ${remedy.on}`;
    case "retry":
      return `retry x${remedy.attempts} after ${duration(remedy.backoffMs)} on ${remedy.on}`;
    case "deadline":
      return `deadline ${duration(remedy.afterMs)} on ${remedy.on}`;
    case "hedge":
      return `hedge after ${duration(remedy.afterMs)} on ${remedy.on}`;
    case "retry-after-cap":
      return `retry-after <= ${duration(remedy.mostMs)} on ${remedy.on}`;
    case "circuit-breaker":
      return `breaker ${remedy.failures} failures ${duration(remedy.openMs)} on ${remedy.on}`;
    case "cache":
      return `cache ${duration(remedy.forMs)} on ${remedy.on}`;
  }
};

export const remediesText = (remedies: readonly Remedy[]): string =>
  remedies.length === 0 ? "nothing done" : remedies.map(remedyText).join(" and ");
