/**
 * What one run measured under each of its scenarios, in plain figures: told in every report, also where nothing is
 * compared. Comparisons decide; these figures describe.
 */
import { type CalmAnswers, LARGEST_VARYING } from "../calm-answers.ts";
import { isOfService } from "../process-name.ts";
import type { HealthSample, Profile, Scenario } from "../profile.ts";
import { medianOf, quantileOfSorted, sortedCopy } from "../statistics/quantile.ts";
import type { Policy } from "../suite.ts";
import type { MeasuredCalls, MeasuredPath, MeasuredScenario } from "../verdict.ts";
import { cleanRun } from "./clean.ts";
import { calmAnswers, drifted } from "./conduct/drift.ts";
import { type RunSample, rowsOfRun, type ScoredRow } from "./context.ts";

/** Requests scheduled so long before and after a look at a health path say whether it told the truth. */
const NEAR_MS = 500;
/** Of these, so many must have failed for a 2xx to be false. */
const MOSTLY_FAILED = 0.5;

const share = (rows: readonly ScoredRow[], has: (row: ScoredRow) => boolean): number | null =>
  rows.length === 0 ? null : rows.filter(has).length / rows.length;

/** +Infinity where the request at that quantile failed. */
const quantile = (times: readonly number[], q: number): number | null =>
  times.length === 0 ? null : quantileOfSorted(sortedCopy(times), q);

const isIn = (run: RunSample, scenario: Scenario, window: number): boolean =>
  run.profile.windows[window]?.scenario === scenario.name;

const counts = (run: RunSample, scenario: Scenario, window: number): boolean =>
  run.validWindows.has(window) && isIn(run, scenario, window);

const recoveryOf = ({ profile }: RunSample, scenario: Scenario): MeasuredScenario["recovery"] => {
  const records = profile.recoveries.filter((record) => record.scenario === scenario.name);
  const medianMs = medianOf(records.map(({ recoveryMs }) => recoveryMs ?? Number.POSITIVE_INFINITY));
  return medianMs === null ? null : { kills: records.length, medianMs };
};

interface Calls {
  readonly perRequest: number;
  readonly perHitRequest: number | null;
  readonly most: number | null;
}

const callsAt = (run: RunSample, scenario: Scenario, edge: string): Calls | null => {
  const records = run.profile.edgeCalls.filter(
    (record) => record.edge === edge && counts(run, scenario, record.window),
  );
  const sum = (of: (record: (typeof records)[number]) => number): number =>
    records.reduce((total, record) => total + of(record), 0);
  const requests = sum(({ clientRequests }) => clientRequests);
  if (requests === 0) return null;
  const calls = sum((record) => record.calls);
  const hitRequests = sum(({ hitRequests: hits }) => hits);
  const most = Math.max(...records.map(({ maxCalls }) => maxCalls));
  return {
    perRequest: calls / requests,
    // Where every request is struck, the figure over all says it already.
    perHitRequest:
      hitRequests === 0 || hitRequests === requests ? null : sum(({ hitCalls }) => hitCalls) / hitRequests,
    most: most === 0 && calls > 0 ? null : most,
  };
};

const callsOf = (
  run: RunSample,
  scenario: Scenario,
  control: Scenario | undefined,
): readonly MeasuredCalls[] =>
  [...new Set(run.profile.edgeCalls.map(({ edge }) => edge))].flatMap((edge) => {
    const here = callsAt(run, scenario, edge);
    if (here === null) return [];
    const calm = control === undefined ? null : callsAt(run, control, edge);
    const comparable = scenario !== control && calm !== null && calm.perRequest > 0;
    return [{ edge, ...here, timesCalm: comparable ? here.perRequest / calm.perRequest : null }];
  });

/** Did most requests fail just before the look and just after it? At the edge of an outage neither answer is a lie. */
const mostFailedAround = (run: RunSample, rows: readonly ScoredRow[], look: HealthSample): boolean => {
  const startMs = run.profile.windows[look.window]?.startMs ?? 0;
  const offsets = rows.flatMap(({ window, observation, failed }) =>
    window === look.window ? [{ ms: startMs + observation.scheduledMs - look.atMs, failed }] : [],
  );
  const sides = [
    offsets.filter(({ ms }) => ms <= 0 && ms >= -NEAR_MS),
    offsets.filter(({ ms }) => ms > 0 && ms <= NEAR_MS),
  ].filter((side) => side.length > 0);
  return (
    sides.length > 0 &&
    sides.every((side) => side.filter(({ failed }) => failed).length / side.length > MOSTLY_FAILED)
  );
};

/** What the paths said under a scenario, and how often that was false. */
export const measuredPaths = (
  run: RunSample,
  scenario: Scenario,
  rows: readonly ScoredRow[],
): readonly MeasuredPath[] =>
  (["health", "ready"] as const).flatMap((path) => {
    const looks = run.profile.health.filter(
      (look) => look.path === path && counts(run, scenario, look.window),
    );
    if (looks.length === 0) return [];
    const saidOk = looks.filter(({ status }) => status >= 200 && status < 300);
    const falselyOk = saidOk.filter((look) => mostFailedAround(run, rows, look)).length;
    return [{ path, looks: looks.length, ok: saidOk.length, falselyOk }];
  });

const abortsOf = (run: RunSample, scenario: Scenario): MeasuredScenario["aborts"] => {
  const records = run.profile.aborts.filter(({ window }) => counts(run, scenario, window));
  const aborted = records.reduce((sum, record) => sum + record.aborted, 0);
  if (aborted === 0) return null;
  return { aborted, openAfter1s: records.reduce((sum, record) => sum + record.openAfter1s, 0) };
};

/**
 * Peaks of the busiest replica while one of the scenario's windows ran. A processor figure covers the time since the
 * look before, so it counts only where that lies in the window too.
 */
const serviceOf = ({ profile }: RunSample, scenario: Scenario): MeasuredScenario["service"] => {
  const windows = profile.windows.filter((window) => window.scenario === scenario.name);
  const spans = (fromMs: number, toMs: number): boolean =>
    windows.some(({ startMs, durationMs }) => fromMs >= startMs && toMs <= startMs + durationMs);
  const cores: number[] = [];
  const bytes: number[] = [];
  const replicas = Map.groupBy(
    profile.processes.filter(({ name }) => isOfService(name)),
    ({ name }) => name,
  );
  for (const samples of replicas.values()) {
    for (const [index, { atMs, cpu, memoryBytes }] of samples.entries()) {
      if (spans(atMs, atMs)) bytes.push(memoryBytes);
      const before = samples[index - 1];
      if (before !== undefined && spans(before.atMs, atMs)) cores.push(cpu);
    }
  }
  if (bytes.length === 0) return null;
  return {
    peakCpuCores: cores.length === 0 ? null : Math.max(...cores),
    peakMemoryBytes: Math.max(...bytes),
  };
};

/** Null for calm traffic itself, and where calm answers vary too much to tell. */
const driftOf = (rows: readonly ScoredRow[], calm: CalmAnswers | null): number | null => {
  if (calm === null || calm.varying > LARGEST_VARYING) return null;
  const differ = rows.map((row) => drifted(row, calm)).filter((value) => value !== null);
  return differ.length === 0 ? null : differ.filter((value) => value > 0).length / differ.length;
};

/** One entry for each scenario of the run, in its order; valid windows only, after their guard. Pure. */
export const measuredScenarios = (head: Profile, policy: Policy): readonly MeasuredScenario[] => {
  const run = cleanRun(head, 0, { policy, sloMs: head.sloMs });
  const control = head.scenarios.find(({ shape }) => shape === "control");
  const calm = control === undefined ? null : calmAnswers(run, control.name);
  return head.scenarios.map((scenario) => {
    const rows = rowsOfRun(run, scenario.name);
    const latencies = rows.map(({ latencyMs }) => latencyMs);
    return {
      scenario: scenario.name,
      requests: rows.length,
      errorRate: share(rows, ({ failed }) => failed),
      goodput: share(rows, ({ late }) => !late),
      degradedRate: share(rows, ({ observation }) => observation.outcome === "degraded"),
      driftRate: scenario === control ? null : driftOf(rows, calm),
      p50Ms: quantile(latencies, 0.5),
      p95Ms: quantile(latencies, 0.95),
      ttft50Ms: quantile(
        rows.map(({ ttftMs }) => ttftMs),
        0.5,
      ),
      recovery: recoveryOf(run, scenario),
      calls: callsOf(run, scenario, control),
      paths: measuredPaths(run, scenario, rows),
      aborts: abortsOf(run, scenario),
      deaths: head.deaths.filter((death) => !death.injected && isIn(run, scenario, death.window)).length,
      service: serviceOf(run, scenario),
    };
  });
};
