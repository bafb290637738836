/**
 * Truth of the health and ready paths during outages and kills: a path that says 2xx where the baseline's said that it
 * could not work, though the service answers no better than the baseline did, sends traffic into the outage. Under every
 * other scenario what the paths said is reported, and tested by nothing: there a 2xx is as a rule the truth.
 */
import type { HealthSample, Scenario } from "../../profile.ts";
import { effectiveCount, exceedanceP, newcombeInterval } from "../../statistics/proportion.ts";
import type { Comparison } from "../../verdict.ts";
import { assessed, refused, type Subject } from "../comparison.ts";
import { headRun, type JudgeContext, type RunSample, rowsOfRun } from "../context.ts";
import { BOUND_Z, INTERVAL_Z, isByClock, POWER_Z } from "../twins/share.ts";

/** A path may change its mind a sample earlier or later. */
const MARGIN = 0.1;
const CEILING = 0.5;
const FEWEST_SAMPLES = 4;
/** Samples of one outage follow each other: they count as half as many. */
const DESIGN_EFFECT = 2;
/** So much more of the requests answered is a service that has learned to stand the outage: its 2xx is no lie. */
const STANDS_THE_OUTAGE = 0.5;

interface Claims {
  /** Looks that were answered 2xx; of several replicas looked at together, the share of them. */
  readonly healthy: number;
  /** Looks, of all replicas together. */
  readonly samples: number;
  /** Share of requests answered, fallbacks included. */
  readonly answered: number;
}

const says2xx = ({ status }: HealthSample): boolean => status >= 200 && status < 300;

const claimsOf = (run: RunSample, scenario: string, path: HealthSample["path"]): Claims => {
  const samples = run.profile.health.filter(
    (sample) =>
      sample.path === path &&
      run.validWindows.has(sample.window) &&
      run.profile.windows[sample.window]?.scenario === scenario,
  );
  const rows = rowsOfRun(run, scenario);
  // Replicas looked at in one moment tell one thing, not several.
  const looks = [...Map.groupBy(samples, ({ atMs }) => atMs).values()];
  return {
    healthy: looks.reduce((sum, look) => sum + look.filter(says2xx).length / look.length, 0),
    samples: looks.length,
    answered: rows.length === 0 ? 0 : rows.filter((row) => !row.failed).length / rows.length,
  };
};

const compare = (
  context: JudgeContext,
  scenario: Scenario,
  path: HealthSample["path"],
): readonly Comparison[] => {
  const twins = context.twins.length > 0;
  const runs = twins ? context.twins : (context.baseline?.runs ?? []);
  const now = claimsOf(headRun(context), scenario.name, path);
  if (now.samples === 0) return [];
  const then = runs.map((run) => claimsOf(run, scenario.name, path)).filter((claims) => claims.samples > 0);
  const subject: Subject = {
    scenario: scenario.name,
    metric: path === "ready" ? "ready-truth" : "health-truth",
    unit: "share",
    primary: path === "ready" && scenario.shape === "clock",
    method: twins ? "twin" : "stored",
  };
  const healthy = then.reduce((sum, claims) => sum + claims.healthy, 0);
  const samples = then.reduce((sum, claims) => sum + claims.samples, 0);
  const head = now.healthy / now.samples;
  if (then.length === 0) return [refused(subject, "no-baseline", { head, n: now.samples })];
  const base = healthy / samples;
  if (!isByClock(scenario))
    return [refused(subject, "advisory", { base, head, change: head - base, n: now.samples })];
  if (now.samples < FEWEST_SAMPLES) return [refused(subject, "n", { base, head, n: now.samples })];
  const answered = then.reduce((sum, claims) => sum + claims.answered, 0) / then.length;
  const stands = now.answered >= answered + STANDS_THE_OUTAGE;
  const headCount = effectiveCount({ k: now.healthy, n: now.samples }, DESIGN_EFFECT);
  const baseCount = effectiveCount({ k: healthy, n: samples }, DESIGN_EFFECT);
  const interval = newcombeInterval(headCount, baseCount, INTERVAL_Z);
  const se = (interval[1] - interval[0]) / (2 * INTERVAL_Z);
  const comparison = assessed(subject, {
    base,
    head,
    change: head - base,
    interval,
    margin: MARGIN,
    p: stands ? 0.5 : exceedanceP(headCount, baseCount, MARGIN),
    bounded: stands || newcombeInterval(headCount, baseCount, BOUND_Z)[1] < CEILING,
    n: now.samples,
    details: { S: se, D: DESIGN_EFFECT, answeredHead: now.answered, answeredBase: answered },
  });
  return [{ ...comparison, smallestVisible: MARGIN + (BOUND_Z + POWER_Z) * se }];
};

export const truthComparisons = (context: JudgeContext): readonly Comparison[] =>
  context.scenarios.flatMap((scenario) => [
    ...compare(context, scenario, "ready"),
    ...compare(context, scenario, "health"),
  ]);
