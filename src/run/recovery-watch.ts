import { isFailure, isUnscored } from "../core/outcome.ts";
import type { RecoveryRecord } from "../core/profile.ts";
import type { PlannedWindow } from "./plan/plan.ts";
import type { Injection, LoadGenerator, LoadResult } from "./ports.ts";

const RECOVERY_WATCH_MS = 15_000;
const PROBE_INTERVAL_MS = 50;

/** First good answer, within the SLO, to a request sent after the kill; ms after the kill. */
const firstGoodAfter = (result: LoadResult, killedAtMs: number, sloMs: number): number | null => {
  let first: number | null = null;
  for (const { scheduledMs, latencyMs, outcome } of result.observations) {
    const sentMs = result.startedAtMs + scheduledMs;
    if (sentMs < killedAtMs || isFailure(outcome) || isUnscored(outcome) || latencyMs > sloMs) continue;
    const endedMs = sentMs + latencyMs - killedAtMs;
    if (first === null || endedMs < first) first = endedMs;
  }
  return first;
};

/** One record a kill. Where the window's own requests saw no recovery, the service is asked until it answers well. */
export const watchRecovery = async (
  load: LoadGenerator,
  window: PlannedWindow,
  injections: readonly Injection[],
  result: LoadResult,
  sloMs: number,
  signal: AbortSignal,
): Promise<RecoveryRecord[]> => {
  const recoveries: RecoveryRecord[] = [];
  for (const { replica, atMs, signal: sent } of injections.flatMap(
    (injection) => injection.kills?.() ?? [],
  )) {
    let recoveryMs = firstGoodAfter(result, atMs, sloMs);
    if (recoveryMs === null) {
      const endedMs = await load.probeUntilGood({
        timeoutMs: RECOVERY_WATCH_MS,
        intervalMs: PROBE_INTERVAL_MS,
        signal,
      });
      recoveryMs = endedMs === null ? null : endedMs - atMs;
    }
    const watchedMs = Math.max(
      recoveryMs ?? 0,
      result.endedAtMs - atMs + (recoveryMs === null ? RECOVERY_WATCH_MS : 0),
    );
    const { scenario, round } = window;
    recoveries.push({ scenario, round, signal: sent, replica, recoveryMs, watchedMs });
  }
  return recoveries;
};
