/**
 * What every check reads: scored rows per scenario, of the head run and of the comparable baseline runs.
 *
 *   Profile --clean.ts--> RunSample (rows per scenario) --buildContext--> JudgeContext --checks, twins, conduct--> Comparison[]
 */
import type { Baseline, Profile, Scenario } from "../profile.ts";
import type { Policy } from "../suite.ts";
import { cleanRun } from "./clean.ts";
import { comparability, type IncomparableKind } from "./comparable.ts";
import { type OutlierRun, outlierRuns } from "./outliers.ts";
import { changedScenarios, withoutScenarios } from "./same-scenario.ts";
import type { ScoredRow } from "./scored-row.ts";

export type { ScoredRow } from "./scored-row.ts";

/** The rows of one scenario: of one run, or pooled over a side's runs. */
export interface ScenarioSample {
  readonly scenario: string;
  readonly rows: readonly ScoredRow[];
  /** Distinct blocks among the rows. */
  readonly blocks: number;
}

export interface InvalidWindow {
  readonly run: number;
  readonly window: number;
  readonly scenario: string;
  readonly round: number;
  readonly reason: string;
}

/** One run after cleaning. */
export interface RunSample {
  readonly profile: Profile;
  readonly samples: ReadonlyMap<string, ScenarioSample>;
  readonly invalidWindows: readonly InvalidWindow[];
  /** Indices into the profile's windows that are scored: valid, phase load. */
  readonly validWindows: ReadonlySet<number>;
}

/** Head (one run) or baseline (one or more, newest last), with pooled rows. */
export interface Side {
  readonly runs: readonly RunSample[];
  /** Rows over all runs, by scenario name. */
  readonly pooled: ReadonlyMap<string, ScenarioSample>;
}

export interface Incomparable {
  readonly profile: Profile;
  readonly kind: IncomparableKind;
  readonly reason: string;
}

export interface JudgeContext {
  readonly policy: Policy;
  readonly head: Side;
  /** Null: nothing to compare with (no baseline, or none of its runs is comparable). */
  readonly baseline: Side | null;
  /** The one baseline run was measured beside the head, windows in turn, on one machine: calm traffic is judged too. */
  readonly paired: boolean;
  /** Scenarios of the suite that the head's run was told to leave out. */
  readonly notAsked: ReadonlySet<string>;
  /** Scenarios that a run of the baseline measured with other faults: that part of it is left out. */
  readonly changed: ReadonlySet<string>;
  /** Comparable baseline runs that are unlike the others: left out too. */
  readonly outliers: readonly OutlierRun[];
  /** Baseline runs left out, and why. */
  readonly incomparable: readonly Incomparable[];
  /** The head's scenarios in their order, `control` included. */
  readonly scenarios: readonly Scenario[];
  /** Baseline runs with the head's schedule, newest last; empty: stored mode only. */
  readonly twins: readonly RunSample[];
}

const EMPTY_ROWS: readonly ScoredRow[] = [];

/** Pools runs: rows in order, blocks made unique over the side. */
export const poolRuns = (runs: readonly RunSample[]): Side => {
  const first = runs[0];
  if (runs.length === 1 && first !== undefined) return { runs, pooled: first.samples };
  const rows = new Map<string, ScoredRow[]>();
  const blocks = new Map<string, number>();
  for (const run of runs) {
    for (const [name, sample] of run.samples) {
      const all = rows.get(name) ?? [];
      for (const row of sample.rows) all.push(row);
      rows.set(name, all);
      blocks.set(name, (blocks.get(name) ?? 0) + sample.blocks);
    }
  }
  const pooled = new Map<string, ScenarioSample>();
  for (const [scenario, all] of rows)
    pooled.set(scenario, { scenario, rows: all, blocks: blocks.get(scenario) ?? 0 });
  return { runs, pooled };
};

interface ComparableRuns {
  readonly kept: readonly Profile[];
  readonly changed: ReadonlySet<string>;
  readonly incomparable: readonly Incomparable[];
}

/**
 * Runs of the head's very suite where there are any, since they may be its twins; else runs of its frame, without what is
 * no longer the same of them.
 */
export const comparableRuns = (
  head: Profile,
  profiles: readonly Profile[],
  { pooledRuns }: Pick<Policy, "pooledRuns">,
): ComparableRuns => {
  const most = Math.max(1, pooledRuns);
  const incomparable: Incomparable[] = [];
  const whole: Profile[] = [];
  const parts: Profile[] = [];
  for (const profile of profiles) {
    const fit = comparability(head, profile);
    if (fit.kind === "whole") whole.push(profile);
    else if (fit.kind === "by-scenario") parts.push(profile);
    else incomparable.push({ profile, ...fit });
  }
  if (whole.length > 0) {
    const reason = "measured with other experiments";
    const others = parts.map((profile) => ({ profile, kind: "changed-suite" as const, reason }));
    return { kept: whole.slice(-most), changed: new Set(), incomparable: [...incomparable, ...others] };
  }
  const newest = parts.slice(-most).map((profile) => ({ profile, changed: changedScenarios(head, profile) }));
  return {
    kept: newest.map(({ profile, changed }) => withoutScenarios(profile, changed)),
    changed: new Set(newest.flatMap(({ changed }) => [...changed])),
    incomparable,
  };
};

/**
 * Everything the checks need, from plain data. Baseline runs that were measured on another kind of machine or by
 * another suite are set aside with their reason; of the rest the newest `policy.pooledRuns` count.
 */
export const buildContext = (
  head: Profile,
  baseline: Baseline | null,
  policy: Policy,
  notAsked: readonly string[] = [],
  paired = false,
): JudgeContext => {
  const { kept, changed, incomparable } = comparableRuns(head, baseline?.profiles ?? [], policy);
  const rules = { policy, sloMs: head.sloMs };
  const cleaned = kept.map((profile, run) => cleanRun(profile, run, rules));
  const outliers = outlierRuns(cleaned);
  const odd = new Set(outliers.map(({ profile }) => profile));
  // Numbered anew: a row knows its run by its place.
  const runs =
    odd.size === 0
      ? cleaned
      : kept.filter((profile) => !odd.has(profile)).map((profile, run) => cleanRun(profile, run, rules));
  return {
    policy,
    head: poolRuns([cleanRun(head, 0, rules)]),
    baseline: runs.length === 0 ? null : poolRuns(runs),
    paired,
    notAsked: new Set(notAsked),
    changed,
    outliers,
    incomparable,
    scenarios: head.scenarios,
    twins: runs.filter((run) => run.profile.scheduleHash === head.scheduleHash),
  };
};

/** Rows of a scenario over all runs of a side; empty where it was not measured. */
export const rowsOf = (side: Side | null, scenario: string): readonly ScoredRow[] =>
  side?.pooled.get(scenario)?.rows ?? EMPTY_ROWS;

/** Rows of a scenario of one run. */
export const rowsOfRun = (run: RunSample, scenario: string): readonly ScoredRow[] =>
  run.samples.get(scenario)?.rows ?? EMPTY_ROWS;

/** The head's only run. */
export const headRun = (context: JudgeContext): RunSample => {
  const run = context.head.runs[0];
  if (run === undefined) throw new RangeError("a judge context has exactly one head run");
  return run;
};

/** Runs of a training job, which has no traffic. */
export const isJob = (context: JudgeContext): boolean => headRun(context).profile.jobRuns !== undefined;

/** Scenario of the calm traffic. */
export const controlScenario = (context: JudgeContext): Scenario | null =>
  context.scenarios.find((scenario) => scenario.shape === "control") ?? null;

/** Scenarios that carry a fault, in the head's order. */
export const faultScenarios = (context: JudgeContext): readonly Scenario[] =>
  context.scenarios.filter((scenario) => scenario.shape !== "control");

/** Runs of the comparable baseline that measured the scenario. */
export const baselineRunsOf = ({ baseline }: JudgeContext, scenario: string): readonly RunSample[] =>
  baseline?.runs.filter((run) => run.profile.scenarios.some((each) => each.name === scenario)) ?? [];

/** Was the scenario measured at all in the comparable baseline? */
export const inBaseline = (context: JudgeContext, scenario: string): boolean =>
  baselineRunsOf(context, scenario).length > 0;
