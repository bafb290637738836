/**
 * Calls per client request at each dependency: retry amplification, a missing breaker. Only the dependency sees them
 * (METHOD 10). Ratio of counts over windows, twin windows subtracted from each other.
 */
import type { EdgeCalls, Scenario } from "../../profile.ts";
import { tQuantile, tUpperTail } from "../../statistics/student-t.ts";
import type { Comparison } from "../../verdict.ts";
import { assessed, refused, type Subject } from "../comparison.ts";
import { controlScenario, headRun, type JudgeContext, type RunSample } from "../context.ts";
import { BOUND_Z, POWER_Z } from "../twins/share.ts";

/** Ceiling over margin, as of latencies (25 % over 10 %). */
const CEILING_TIMES = 2.5;
/** A quarter of a call per request: in an outage behind a breaker calls are few, and their chance is large. */
const CEILING_ABSOLUTE = 0.25;
const FEWEST_REQUESTS = 10;
/** Degrees of freedom lent to the bound of the variance, so that two windows that agree do not look certain. */
const PRIOR_DF = 8;

interface WindowCalls {
  readonly calls: number;
  readonly requests: number;
}

interface RunCalls {
  /** Round -> calls and requests of its windows together. */
  readonly rounds: ReadonlyMap<number, WindowCalls>;
  readonly calls: number;
  readonly requests: number;
  readonly maxCalls: number;
}

const countsOf = (record: EdgeCalls, hits: boolean): WindowCalls =>
  hits
    ? { calls: record.hitCalls, requests: record.hitRequests }
    : { calls: record.calls, requests: record.clientRequests };

const runCalls = (run: RunSample, scenario: string, edge: string, hits: boolean): RunCalls => {
  const rounds = new Map<number, WindowCalls>();
  let calls = 0;
  let requests = 0;
  let maxCalls = 0;
  for (const record of run.profile.edgeCalls) {
    const window = run.profile.windows[record.window];
    if (record.edge !== edge || window?.scenario !== scenario || !run.validWindows.has(record.window))
      continue;
    const counts = countsOf(record, hits);
    const known = rounds.get(window.round) ?? { calls: 0, requests: 0 };
    rounds.set(window.round, {
      calls: known.calls + counts.calls,
      requests: known.requests + counts.requests,
    });
    calls += counts.calls;
    requests += counts.requests;
    maxCalls = Math.max(maxCalls, record.maxCalls);
  }
  return { rounds, calls, requests, maxCalls };
};

const ratio = (side: RunCalls): number => (side.requests === 0 ? 0 : side.calls / side.requests);

/** Sum of squared deviations of the rounds' calls from the ratio, in requests squared. */
const roundSquares = (side: RunCalls): number => {
  const mean = ratio(side);
  let squares = 0;
  for (const { calls, requests } of side.rounds.values()) squares += (calls - mean * requests) ** 2;
  return squares;
};

const pairedSquares = (head: RunCalls, bases: readonly RunCalls[]): { squares: number; blocks: number } => {
  let squares = 0;
  let blocks = 0;
  for (const [round, now] of head.rounds) {
    const then = bases.flatMap((base) => {
      const counts = base.rounds.get(round);
      return counts === undefined || counts.requests === 0
        ? []
        : [(counts.calls / counts.requests - ratio(base)) * now.requests];
    });
    if (then.length === 0) continue;
    const usual = then.reduce((sum, value) => sum + value, 0) / then.length;
    squares += (now.calls - ratio(head) * now.requests - usual) ** 2;
    blocks += 1;
  }
  return { squares: blocks < 2 ? 0 : (blocks / (blocks - 1)) * squares, blocks };
};

/** Most that the variance of one request's calls can be, given their mean and largest number (Bhatia & Davis 2000). */
const largestVariance = (side: RunCalls): number =>
  Math.max(0, Math.max(side.maxCalls, Math.ceil(ratio(side))) - ratio(side)) * ratio(side);

const varianceOf = (
  head: RunCalls,
  bases: readonly RunCalls[],
  paired: boolean,
): { readonly variance: number; readonly df: number } => {
  const baseRequests = bases.reduce((sum, base) => sum + base.requests, 0);
  const independent =
    largestVariance(head) / head.requests +
    bases.reduce((sum, base) => sum + largestVariance(base) * base.requests, 0) / baseRequests ** 2;
  // One call more or less can always happen.
  const floor = 1 / head.requests ** 2;
  const own = paired ? pairedSquares(head, bases) : { squares: roundSquares(head), blocks: head.rounds.size };
  let cluster = own.squares / head.requests ** 2;
  if (!paired) for (const base of bases) cluster += roundSquares(base) / baseRequests ** 2;
  const blocks = Math.max(0, own.blocks - 1);
  const moderated = (blocks * cluster + PRIOR_DF * independent) / (blocks + PRIOR_DF);
  // Windows that differ by more than single requests can are believed outright, with their few degrees of freedom.
  if (blocks >= 2 && cluster > moderated) return { variance: Math.max(floor, cluster), df: blocks };
  return { variance: Math.max(floor, moderated), df: blocks + PRIOR_DF };
};

/**
 * Calls per request that a killed service spared its dependencies while it was dead: one that is back sooner makes more again, up to
 * what it makes in calm traffic, and is no worse for it.
 */
const sparedByDeath = (
  context: JudgeContext,
  { shape }: Scenario,
  edge: string,
  runs: readonly RunSample[],
  base: number,
): number => {
  const calm = controlScenario(context);
  if (shape !== "kill" || calm === null || runs.length === 0) return 0;
  const usual =
    runs.reduce((sum, run) => sum + ratio(runCalls(run, calm.name, edge, false)), 0) / runs.length;
  return Math.max(0, usual - base);
};

const compare = (
  context: JudgeContext,
  scenario: Scenario,
  edge: string,
  hits: boolean,
): readonly Comparison[] => {
  const paired = context.twins.length > 0;
  const runs = paired ? context.twins : (context.baseline?.runs ?? []);
  const head = runCalls(headRun(context), scenario.name, edge, hits);
  const bases = runs.map((run) => runCalls(run, scenario.name, edge, hits)).filter((run) => run.requests > 0);
  if (head.requests === 0) return [];
  const subject: Subject = {
    scenario: scenario.name,
    metric: hits ? "hit-calls-per-request" : "calls-per-request",
    unit: "ratio",
    primary: scenario.shape !== "control",
    method: paired ? "twin" : "stored",
    edge,
  };
  if (bases.length === 0) return [refused(subject, "no-baseline", { n: head.requests })];
  if (head.requests < FEWEST_REQUESTS) return [refused(subject, "n", { n: head.requests })];
  const base = bases.reduce((sum, run) => sum + ratio(run), 0) / bases.length;
  const change = ratio(head) - base;
  const { variance, df } = varianceOf(head, bases, paired);
  const se = Math.sqrt(variance);
  const { relative, absolute } = context.policy.callsPerRequest;
  const allowed = Math.max(absolute, relative * base);
  const spared = sparedByDeath(context, scenario, edge, runs, base);
  const margin = allowed + spared;
  const half = tQuantile(0.975, df) * se;
  const ceiling = Math.max(CEILING_TIMES * allowed, CEILING_ABSOLUTE) + spared;
  const comparison = assessed(subject, {
    base,
    head: ratio(head),
    change,
    interval: [change - half, change + half],
    margin,
    p: tUpperTail((change - margin) / se, df),
    bounded: change + tQuantile(0.95, df) * se < ceiling,
    n: head.requests,
    details: { S: se, df, ceiling, maxCalls: head.maxCalls, rounds: head.rounds.size },
  });
  return [{ ...comparison, smallestVisible: margin + (BOUND_Z + POWER_Z) * se }];
};

export const callsComparisons = (context: JudgeContext): readonly Comparison[] => {
  const edges = [...new Set(headRun(context).profile.edgeCalls.map(({ edge }) => edge))];
  return context.scenarios.flatMap((scenario) =>
    edges.flatMap((edge) => {
      const all = compare(context, scenario, edge, false);
      if (scenario.shape !== "attributed") return all;
      return [...all, ...compare(context, scenario, edge, true)];
    }),
  );
};
