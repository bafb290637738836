import type { ExchangeRecord, Receipt } from "../core/exchange.ts";
import type { Fault } from "../core/fault.ts";
import type { Observation } from "../core/observation.ts";
import { isFailure } from "../core/outcome.ts";
import type { AbortRecord, RecoveryRecord, WindowRecord } from "../core/profile.ts";
import type { Policy } from "../core/suite.ts";
import { RecordIndex, receiptsByWindow } from "./calls.ts";
import type { EngineOf } from "./match-engines.ts";
import type { Stretch } from "./plan/plan.ts";
import { killAtMs } from "./plan/timetable.ts";
import type { Injection, LoadGenerator, LoadResult, PlacedEngineFault, RunningSystem } from "./ports.ts";
import { delay } from "./timers.ts";

export interface StretchContext {
  readonly system: RunningSystem;
  readonly load: LoadGenerator;
  readonly engineOf: EngineOf;
  readonly policy: Policy;
  readonly runStartMs: number;
  /** Longest a request may take: what a stretch may last beyond its schedule. */
  readonly totalDeadlineMs: number;
  readonly signal: AbortSignal;
  readonly edges: readonly string[];
}

export interface StretchOutcome {
  readonly windows: readonly WindowRecord[];
  readonly observations: readonly Observation[];
  readonly records: readonly ExchangeRecord[];
  readonly index: RecordIndex;
  readonly recoveries: readonly RecoveryRecord[];
  readonly aborts: readonly AbortRecord[];
}

/** What an injector may outlive its window by, should we die: drain and a margin. */
const DEADLINE_MARGIN_MS = 10_000;
const DRAIN_WATCH_MS = 10_000;
const DRAIN_POLL_MS = 100;
const RECOVERY_WATCH_MS = 15_000;

const inject = async (
  context: StretchContext,
  placed: readonly PlacedEngineFault[],
  deadlineMs: number,
): Promise<Injection[]> => {
  const byEngine = Map.groupBy(placed, ({ fault }) => context.engineOf(fault));
  const injections: Injection[] = [];
  for (const [engine, faults] of byEngine) {
    if (engine !== null) injections.push(await engine.inject(context.system, faults, deadlineMs));
  }
  return injections;
};

const isKill = (fault: Fault): boolean => fault.kind === "kill";

/** Second largest in small samples: one hiccup of the machine in sixty requests does not spoil a window. */
const lagP99 = (observations: readonly Observation[]): number => {
  const lags = observations.map(({ lagMs }) => lagMs).sort((a, b) => a - b);
  return lags[Math.floor(0.99 * (lags.length - 1))] ?? 0;
};

const whyInvalid = (
  policy: Policy,
  observations: readonly Observation[],
  receipts: readonly Receipt[],
  struckElsewhere: (faultId: string) => boolean,
): string | undefined => {
  const unsent = observations.filter(({ outcome }) => outcome === "unsent").length;
  const sent = (observations.length - unsent) / Math.max(1, observations.length);
  if (sent < policy.minAchievedRate)
    return `only ${Math.round(sent * 1000) / 10} % of the planned requests could be sent`;
  const lagMs = lagP99(observations);
  if (lagMs > policy.maxLagP99Ms) {
    return `requests left ${Math.round(lagMs * 10) / 10} ms late (p99), more than ${policy.maxLagP99Ms} ms: the machine was too busy to measure`;
  }
  const idle = receipts.filter((receipt) => receipt.affected === 0 && !struckElsewhere(receipt.faultId));
  if (idle.length > 0) {
    const seen = idle.map(({ faultId, seen }) => `${faultId} saw ${seen} calls and struck none`).join("; ");
    return `fault without effect: ${seen}`;
  }
  return undefined;
};

/** Moves observations of a stretch to their windows. */
const observationsByWindow = (stretch: Stretch, result: LoadResult): Map<number, Observation[]> => {
  const byWindow = new Map<number, Observation[]>(stretch.windows.map(({ index }) => [index, []]));
  const bySlot = new Map(result.observations.map((observation) => [observation.slot, observation]));
  for (const window of stretch.windows) {
    for (let slot = window.firstSlot; slot < window.endSlot; slot++) {
      const observation = bySlot.get(slot);
      if (observation === undefined) continue;
      byWindow.get(window.index)?.push({
        ...observation,
        window: window.index,
        slot: slot - window.firstSlot,
        scheduledMs: observation.scheduledMs - window.offsetMs,
      });
    }
  }
  return byWindow;
};

/** First good answer, within the SLO, to a request sent after the kill; ms after the kill. */
const firstGoodAfter = (result: LoadResult, killedAtMs: number, sloMs: number): number | null => {
  let first: number | null = null;
  for (const observation of result.observations) {
    const sentMs = result.startedAtMs + observation.scheduledMs;
    if (sentMs < killedAtMs || isFailure(observation.outcome) || observation.outcome === "unsent") continue;
    if (observation.latencyMs > sloMs) continue;
    const endedMs = sentMs + observation.latencyMs - killedAtMs;
    if (first === null || endedMs < first) first = endedMs;
  }
  return first;
};

const watchRecovery = async (
  context: StretchContext,
  stretch: Stretch,
  injections: readonly Injection[],
  result: LoadResult,
  sloMs: number,
): Promise<RecoveryRecord[]> => {
  const window = stretch.windows[0];
  if (window === undefined) return [];
  const recoveries: RecoveryRecord[] = [];
  for (const { replica, atMs, signal } of injections.flatMap((injection) => injection.kills?.() ?? [])) {
    let recoveryMs = firstGoodAfter(result, atMs, sloMs);
    if (recoveryMs === null) {
      const endedMs = await context.load.probeUntilGood({
        timeoutMs: RECOVERY_WATCH_MS,
        intervalMs: 50,
        signal: context.signal,
      });
      recoveryMs = endedMs === null ? null : endedMs - atMs;
    }
    const watchedMs = Math.max(
      recoveryMs ?? 0,
      result.endedAtMs - atMs + (recoveryMs === null ? RECOVERY_WATCH_MS : 0),
    );
    recoveries.push({
      scenario: window.scenario,
      round: window.round,
      signal,
      replica,
      recoveryMs,
      watchedMs,
    });
  }
  return recoveries;
};

/** After clients hung up: how long their upstream calls go on. */
const watchAborts = async (context: StretchContext, stretch: Stretch): Promise<AbortRecord[]> => {
  const window = stretch.windows[0];
  const aborted = stretch.requests.filter(({ abortAfterEvents }) => abortAfterEvents !== undefined).length;
  if (window === undefined || aborted === 0) return [];
  const startMs = performance.now();
  const open = async (): Promise<number> => {
    const answer = await context.system.sidecar.active();
    return context.edges.reduce((sum, edge) => sum + (answer.open[edge] ?? 0), 0);
  };
  let openAfter1s: number | null = null;
  let drainedMs: number | null = null;
  while (performance.now() - startMs < DRAIN_WATCH_MS) {
    const now = await open();
    const elapsedMs = performance.now() - startMs;
    if (openAfter1s === null && elapsedMs >= 1000) openAfter1s = now;
    if (now === 0) {
      drainedMs = elapsedMs;
      break;
    }
    await delay(DRAIN_POLL_MS, context.signal);
  }
  return [{ window: window.index, aborted, openAfter1s: openAfter1s ?? 0, drainedMs }];
};

const windowRecords = (
  context: StretchContext,
  stretch: Stretch,
  result: LoadResult,
  byWindow: ReadonlyMap<number, readonly Observation[]>,
  receipts: ReadonlyMap<number, readonly Receipt[]>,
): WindowRecord[] => {
  // A fault that heals after its first requests strikes early windows only; it must have struck somewhere.
  const struck = new Set(
    [...receipts.values()].flat().flatMap(({ faultId, affected }) => (affected > 0 ? [faultId] : [])),
  );
  return stretch.windows.map((window) => {
    const observations = byWindow.get(window.index) ?? [];
    const own = receipts.get(window.index) ?? [];
    const invalid = whyInvalid(context.policy, observations, own, (faultId) => struck.has(faultId));
    return {
      scenario: window.scenario,
      round: window.round,
      phase: "load",
      startMs: result.startedAtMs - context.runStartMs + window.offsetMs,
      durationMs: window.durationMs,
      guardMs: window.guardMs,
      planned: window.endSlot - window.firstSlot,
      lagP99Ms: lagP99(observations),
      achievedRate:
        observations.filter(({ outcome }) => outcome !== "unsent").length /
        Math.max(1, window.endSlot - window.firstSlot),
      eventLoopP99Ms: result.eventLoopP99Ms,
      receipts: own,
      ...(invalid === undefined ? {} : { invalid }),
    };
  });
};

/**
 * Replays one stretch under its faults, and proves them gone.
 *
 * @throws SquallError `fault-not-cleared`, `replay-failed`, `interrupted`
 */
export const runStretch = async (
  context: StretchContext,
  stretch: Stretch,
  sloMs: number,
): Promise<StretchOutcome> => {
  const deadlineMs = stretch.durationMs + context.totalDeadlineMs + DEADLINE_MARGIN_MS;
  const injections: Injection[] = [];
  // Cleared on every way out; what went wrong first is what is reported, with a failed clearing beside it.
  await using clearing = new AsyncDisposableStack();
  clearing.defer(async () => {
    for (const injection of injections) await injection.clear();
  });
  injections.push(
    ...(await inject(
      context,
      stretch.faults.filter(({ fault }) => !isKill(fault)),
      deadlineMs,
    )),
  );
  const loading = context.load.run(
    {
      window: stretch.windows[0]?.index ?? 0,
      requests: stretch.requests,
      idleConnections: stretch.idleConnections,
    },
    context.signal,
  );
  const kills = stretch.faults.filter(({ fault }) => isKill(fault));
  if (kills.length > 0) {
    await Promise.race([delay(killAtMs, context.signal), loading]);
    injections.push(...(await inject(context, kills, deadlineMs)));
  }
  const result = await loading;
  const aborts = await watchAborts(context, stretch);
  const totals = (await Promise.all(injections.map((injection) => injection.receipts()))).flat();
  const recoveries = await watchRecovery(context, stretch, injections, result, sloMs);
  const records = await context.system.sidecar.takeRecords();
  const index = new RecordIndex(stretch, result.startedAtMs);
  const byWindow = observationsByWindow(stretch, result);
  return {
    windows: windowRecords(
      context,
      stretch,
      result,
      byWindow,
      receiptsByWindow(stretch, index, records, totals),
    ),
    observations: [...byWindow.values()].flat(),
    records,
    index,
    recoveries,
    aborts,
  };
};
