import type { AbortRecord } from "../core/profile.ts";
import type { PlannedWindow } from "./plan/plan.ts";
import type { LoadResult, SidecarControl } from "./ports.ts";
import { delay } from "./timers.ts";

const DRAIN_WATCH_MS = 10_000;
const DRAIN_POLL_MS = 100;
/** A careful service has let go of its calls this long after its client went away. */
const LET_GO_MS = 1000;

/**
 * After clients hung up: how long the calls made for them go on. Called when the load has ended, so whatever is still
 * open is work for nobody. Empty where no client hung up.
 *
 * @param httpEdges dependencies whose open calls are work; an open connection of a pool is none
 */
export const watchAborts = async (
  sidecar: SidecarControl,
  window: PlannedWindow,
  result: LoadResult,
  httpEdges: readonly string[],
  signal: AbortSignal,
): Promise<AbortRecord[]> => {
  const aborts = result.observations.filter(({ outcome }) => outcome === "client-abort");
  if (aborts.length === 0) return [];
  const lastAbortMs =
    result.startedAtMs + Math.max(...aborts.map(({ scheduledMs, latencyMs }) => scheduledMs + latencyMs));
  let openAfter1s: number | null = null;
  let drainedMs: number | null = null;
  for (;;) {
    const { open } = await sidecar.active();
    const calls = httpEdges.reduce((sum, edge) => sum + (open[edge] ?? 0), 0);
    const elapsedMs = Math.max(0, performance.timeOrigin + performance.now() - lastAbortMs);
    if (elapsedMs >= LET_GO_MS) openAfter1s ??= calls;
    if (calls === 0) drainedMs = elapsedMs;
    if (calls === 0 || elapsedMs >= DRAIN_WATCH_MS) break;
    await delay(DRAIN_POLL_MS, signal);
  }
  return [{ window: window.index, aborted: aborts.length, openAfter1s: openAfter1s ?? 0, drainedMs }];
};
