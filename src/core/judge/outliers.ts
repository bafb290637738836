/**
 * Baseline runs that are unlike the others: measured on a machine in trouble, or of a commit that was broken and mended. Pooled with
 * the rest they would excuse a regression, or blame an innocent change; they are reported, and left out.
 */
import type { Profile, Scenario } from "../profile.ts";
import { formatChange, formatValue } from "../report/format.ts";
import { medianOf } from "../statistics/quantile.ts";
import type { RunSample } from "./context.ts";
import { RUN_FIGURES, type RunFigure } from "./run-figures.ts";

export interface OutlierRun {
  readonly profile: Profile;
  /** "errors under llm-down 41 %, in the others 2 %". */
  readonly reason: string;
}

/** With fewer runs nobody can say which is the odd one. */
const FEWEST_RUNS = 4;
/** Robust standard deviations: 1 in 10^8 of normal ones, and machines are not normal. */
const MOST_DEVIATIONS = 6;
/** No more than this share of the runs: where many differ, main has changed, and none is odd. */
const MOST_SHARE = 0.25;
/** Of a normal distribution's standard deviation. */
const MAD_SCALE = 1.4826;

const describe = (scenario: Scenario): string =>
  scenario.shape === "control" ? "in calm traffic" : `under ${scenario.name}`;

/** How far a value lies from the others' median, in robust standard deviations. */
const deviations = (value: number, others: readonly number[], least: number): number => {
  const centre = medianOf(others) ?? value;
  const spread = MAD_SCALE * (medianOf(others.map((other) => Math.abs(other - centre))) ?? 0);
  return Math.abs(value - centre) / Math.max(least, spread);
};

interface Oddness {
  readonly run: RunSample;
  readonly deviations: number;
  readonly reason: string;
}

/** One figure of every run under one scenario; each is worked out once. */
interface Column {
  readonly figure: RunFigure;
  readonly scenario: Scenario;
  readonly values: readonly (number | null)[];
}

const columnsOf = (runs: readonly RunSample[], scenarios: readonly Scenario[]): readonly Column[] =>
  scenarios.flatMap((scenario) =>
    RUN_FIGURES.map((figure) => ({ figure, scenario, values: runs.map((run) => figure.of(run, scenario)) })),
  );

const oddnessOf = (run: RunSample, place: number, columns: readonly Column[]): Oddness => {
  let worst: Oddness = { run, deviations: 0, reason: "" };
  for (const { figure, scenario, values } of columns) {
    const { name, unit, least } = figure;
    const value = values[place] ?? null;
    const others = values.flatMap((other, index) => (index === place ? [] : (other ?? [])));
    if (value === null || others.length < FEWEST_RUNS - 1) continue;
    const far = deviations(value, others, least);
    if (far <= worst.deviations) continue;
    const usual = medianOf(others) ?? 0;
    const reason = `${name} ${describe(scenario)} ${formatValue(value, unit)}, in the others ${formatValue(usual, unit)} (${formatChange(value - usual, unit)})`;
    worst = { run, deviations: far, reason };
  }
  return worst;
};

/** @param runs of one baseline. @returns those to leave out, oddest first; never more than a quarter of them */
export const outlierRuns = (runs: readonly RunSample[]): readonly OutlierRun[] => {
  const scenarios = runs.at(-1)?.profile.scenarios ?? [];
  if (runs.length < FEWEST_RUNS) return [];
  const columns = columnsOf(runs, scenarios);
  const odd = runs
    .map((run, place) => oddnessOf(run, place, columns))
    .filter((each) => each.deviations > MOST_DEVIATIONS)
    .sort((a, b) => b.deviations - a.deviations);
  // Where so many differ it is not for us to say which is main.
  if (odd.length > MOST_SHARE * runs.length) return [];
  return odd.map(({ run, reason }) => ({ profile: run.profile, reason }));
};
