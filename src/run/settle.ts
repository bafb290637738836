import { isFailure } from "../core/outcome.ts";
import type { RequestTemplate } from "../core/workload.ts";
import type { LoadGenerator, PlannedRequest } from "./ports.ts";

/** Seconds after an outage in which a service must come to rest, else it is a finding (METHOD 10). */
export const SETTLE_CAP_S = 10;

/** Repetitions of settling and warm-up traffic: far from any the plan uses. */
let nextExtraRepetition = 1_000_000;

/** A second of traffic outside the plan: for warming up and for settling. */
export const extraSecond = (requests: readonly RequestTemplate[], rateRps: number): PlannedRequest[] => {
  const count = Math.max(2, Math.round(rateRps));
  return Array.from({ length: count }, (_, slot) => ({
    slot,
    atMs: (slot * 1000) / count,
    requestId: (requests[slot % requests.length] as RequestTemplate).id,
    repetition: nextExtraRepetition++,
    hit: false,
  }));
};

export interface Settled {
  /** Seconds of traffic it took, the clean one included; null: not within the cap. */
  readonly seconds: number | null;
}

/**
 * Replays calm seconds until one is clean: no failure, and no more fallbacks than `calmDegradedShare` allows.
 * A circuit breaker or full slots spoil the seconds after an outage, and would be taken for the next scenario's doing.
 */
export const settle = async (
  load: LoadGenerator,
  requests: readonly RequestTemplate[],
  rateRps: number,
  calmDegradedShare: number,
  signal: AbortSignal,
): Promise<Settled> => {
  for (let second = 1; second <= SETTLE_CAP_S; second++) {
    const planned = extraSecond(requests, rateRps);
    const result = await load.run({ window: -1, requests: planned, idleConnections: 0 }, signal);
    const failures = result.observations.filter(({ outcome }) => isFailure(outcome)).length;
    const degraded = result.observations.filter(({ outcome }) => outcome === "degraded").length;
    if (failures === 0 && degraded <= Math.ceil(calmDegradedShare * planned.length))
      return { seconds: second };
  }
  return { seconds: null };
};
