import { isFailure } from "../core/outcome.ts";
import type { RequestTemplate, Workload } from "../core/workload.ts";
import { loopRequests } from "./plan/arrivals.ts";
import type { LoadGenerator, LoadWindow } from "./ports.ts";

/** Seconds after an outage in which a service must come to rest, else it is a finding (METHOD 10). */
export const SETTLE_CAP_S = 10;

/** Repetitions of settling and warm-up traffic: far from any the plan and its repeated windows use. */
let nextExtraRepetition = 10_000_000;

/** Traffic outside the plan, as dense as the plan's: for warming up and for settling. */
export const extraTraffic = (
  requests: readonly RequestTemplate[],
  workload: Workload,
  durationMs: number,
): LoadWindow => {
  const { arrivals, concurrency, rateRps } = workload;
  const closed = arrivals === "closed";
  const count = closed
    ? loopRequests(durationMs, concurrency)
    : Math.max(2, Math.round((rateRps * durationMs) / 1000));
  return {
    window: -1,
    requests: Array.from({ length: count }, (_, slot) => ({
      slot,
      atMs: closed ? 0 : (slot * durationMs) / count,
      requestId: (requests[slot % requests.length] as RequestTemplate).id,
      repetition: nextExtraRepetition++,
      hit: false,
    })),
    loops: closed ? [{ firstSlot: 0, endSlot: count, startMs: 0, endMs: durationMs, concurrency }] : [],
    idleConnections: 0,
  };
};

export const extraSecond = (requests: readonly RequestTemplate[], workload: Workload): LoadWindow =>
  extraTraffic(requests, workload, 1000);

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
  workload: Workload,
  calmDegradedShare: number,
  signal: AbortSignal,
): Promise<Settled> => {
  for (let second = 1; second <= SETTLE_CAP_S; second++) {
    const { observations } = await load.run(extraSecond(requests, workload), signal);
    const failures = observations.filter(({ outcome }) => isFailure(outcome)).length;
    const degraded = observations.filter(({ outcome }) => outcome === "degraded").length;
    const clean = failures === 0 && degraded <= Math.ceil(calmDegradedShare * observations.length);
    if (clean && observations.length > 0) return { seconds: second };
  }
  return { seconds: null };
};
