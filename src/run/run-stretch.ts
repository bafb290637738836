import type { ExchangeRecord } from "../core/exchange.ts";
import type { Fault } from "../core/fault.ts";
import type { Observation } from "../core/observation.ts";
import type { AbortRecord, RecoveryRecord, WindowRecord } from "../core/profile.ts";
import type { Policy } from "../core/suite.ts";
import { finishedForNobody, watchAborts } from "./abort-watch.ts";
import { RecordIndex, receiptsByWindow } from "./calls.ts";
import type { EngineOf } from "./match-engines.ts";
import { loopsOf, type Stretch } from "./plan/plan.ts";
import { killAtMs } from "./plan/timetable.ts";
import type { Injection, LoadGenerator, PlacedEngineFault, RunningSystem } from "./ports.ts";
import { watchRecovery } from "./recovery-watch.ts";
import { delay } from "./timers.ts";
import { observationsByWindow, replayedPart, windowRecords } from "./window-records.ts";

export interface StretchContext {
  readonly system: RunningSystem;
  readonly load: LoadGenerator;
  readonly engineOf: EngineOf;
  readonly policy: Policy;
  readonly runStartMs: number;
  /** Longest a request may take: what a stretch may last beyond its schedule. */
  readonly totalDeadlineMs: number;
  readonly sloMs: number;
  readonly signal: AbortSignal;
  /** Dependencies that speak HTTP. */
  readonly httpEdges: readonly string[];
}

/** What goes on beside a stretch's load; disposed when that has ended, while the faults are still in force. */
export type Beside = () => AsyncDisposable;

export interface StretchOutcome {
  /** What was replayed of the stretch: of a closed loop, what it came to. */
  readonly replayed: Stretch;
  readonly windows: readonly WindowRecord[];
  readonly observations: readonly Observation[];
  readonly records: readonly ExchangeRecord[];
  readonly index: RecordIndex;
  readonly recoveries: readonly RecoveryRecord[];
  readonly aborts: readonly AbortRecord[];
}

/** What an injector may outlive its window by, should we die: drain and a margin. */
const DEADLINE_MARGIN_MS = 10_000;

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

/**
 * Replays one stretch under its faults, and proves them gone.
 *
 * @throws SquallError `fault-not-cleared`, `replay-failed`, `interrupted`
 */
export const runStretch = async (
  context: StretchContext,
  stretch: Stretch,
  beside?: Beside,
): Promise<StretchOutcome> => {
  const { load, signal, system } = context;
  const deadlineMs = stretch.durationMs + context.totalDeadlineMs + DEADLINE_MARGIN_MS;
  const injections: Injection[] = [];
  // Cleared on every way out; what went wrong first is what is reported, with a failed clearing beside it.
  await using clearing = new AsyncDisposableStack();
  clearing.defer(async () => {
    for (const injection of injections) await injection.clear();
  });
  const [kills, others] = [
    stretch.faults.filter(({ fault }) => isKill(fault)),
    stretch.faults.filter(({ fault }) => !isKill(fault)),
  ];
  injections.push(...(await inject(context, others, deadlineMs)));
  const first = stretch.windows[0];
  await using besides = new AsyncDisposableStack();
  if (beside !== undefined) besides.use(beside());
  const loading = load.run(
    {
      window: first?.index ?? 0,
      requests: stretch.requests,
      loops: loopsOf(stretch.windows),
      idleConnections: stretch.idleConnections,
    },
    signal,
  );
  if (kills.length > 0) {
    const due = delay(killAtMs, signal);
    // A load that has nothing left to send does not bring the kill forward; one that fails ends the wait.
    await Promise.race([due, loading.then(() => due)]);
    injections.push(...(await inject(context, kills, deadlineMs)));
  }
  const result = await loading;
  // What it did to a limit is undone while that limit stands.
  await besides.disposeAsync();
  const aborts =
    first === undefined ? [] : await watchAborts(system.sidecar, first, result, context.httpEdges, signal);
  const totals = (await Promise.all(injections.map((injection) => injection.receipts()))).flat();
  const recoveries =
    first === undefined ? [] : await watchRecovery(load, first, injections, result, context.sloMs, signal);
  const records = await system.sidecar.takeRecords();
  const replayed = replayedPart(stretch, result);
  const index = new RecordIndex(replayed, result.startedAtMs);
  const byWindow = observationsByWindow(stretch, result);
  const receipts = receiptsByWindow(replayed, index, records, totals);
  return {
    replayed,
    windows: windowRecords(context.policy, replayed, result, byWindow, receipts, context.runStartMs),
    observations: [...byWindow.values()].flat(),
    records,
    index,
    recoveries,
    aborts: aborts.map((abort) => ({
      ...abort,
      finished: finishedForNobody(result.observations, result.startedAtMs, records, context.httpEdges),
    })),
  };
};
