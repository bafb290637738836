import type { ByteSink } from "../faults/fault.ts";
import type { LiveStrike } from "../strike.ts";

/** The way of one direction's bytes through the stages of all strikes that have one; the first is nearest to the sender. */
export const throughStages = (
  strikes: readonly LiveStrike[],
  hook: "requestBytes" | "responseBytes",
  base: ByteSink,
): ByteSink =>
  strikes.reduceRight((next: ByteSink, strike) => {
    const stage = strike.over ? undefined : strike.hooks[hook]?.(next);
    return stage === undefined ? next : strike.owns(stage);
  }, base);
