import { type ExchangeRecord, requestKey } from "../core/exchange.ts";
import type { Observation } from "../core/observation.ts";
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

/** A call that ends so soon after its client hung up was about to end anyway. */
const ABOUT_TO_END_MS = 10;

/**
 * Clients that hung up and for whom the service let a dependency call run to its end all the same: work for nobody, also where the
 * call is over long before anybody could look whether it is still open.
 *
 * @param startedAtMs epoch ms at which slot times count from
 */
export const finishedForNobody = (
  observations: readonly Observation[],
  startedAtMs: number,
  records: readonly ExchangeRecord[],
  httpEdges: readonly string[],
): number => {
  const goneAtMs = new Map(
    observations
      .filter(({ outcome }) => outcome === "client-abort")
      .map((row) => [
        requestKey(row.requestId, row.repetition),
        startedAtMs + row.scheduledMs + row.latencyMs,
      ]),
  );
  const finished = records.filter(({ edge, end, requestKey: key, endedMs }) => {
    const atMs = key === null ? undefined : goneAtMs.get(key);
    return (
      atMs !== undefined && httpEdges.includes(edge) && end === "complete" && endedMs > atMs + ABOUT_TO_END_MS
    );
  });
  return new Set(finished.map(({ requestKey: key }) => key)).size;
};
