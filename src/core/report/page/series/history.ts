/** Figures of main's runs in the order of time, with the run that is judged as the last of them. */
import type { RunSample } from "../../../judge/context.ts";
import { RUN_FIGURES, type RunFigure } from "../../../judge/run-figures.ts";
import { calmMedianMs } from "../../../judge/trend.ts";
import type { MetricUnit } from "../../../metric-unit.ts";
import type { Provenance, Scenario } from "../../../profile.ts";
import type { Trend, TrendChange } from "../../../trend.ts";
import { shortCommit } from "../../trust.ts";
import type { PageInput } from "../input.ts";
import { type ComparedRuns, comparedRuns } from "./compared-runs.ts";
import { scenariosInOrder } from "./distributions.ts";

export interface HistoryPoint {
  /** Place in the order of time, from 0. */
  readonly run: number;
  /** Commit, or nothing; day. */
  readonly commit: string;
  readonly day: string;
  readonly isHead: boolean;
  /** Null: this run does not tell. */
  readonly value: number | null;
}

export interface HistoryLine {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly points: readonly HistoryPoint[];
}

export interface ScenarioHistory {
  readonly scenario: Scenario;
  readonly lines: readonly HistoryLine[];
}

export interface History {
  /** Median calm latency. */
  readonly calm: HistoryLine;
  /** Their `run` is a place in `calm`. */
  readonly changes: readonly TrendChange[];
  /** Worst first. */
  readonly scenarios: readonly ScenarioHistory[];
}

/** The newest that are drawn. */
export const MOST_RUNS = 50;
const SCENARIOS = 6;

type RunLabel = Pick<Provenance, "commit" | "startedAt">;

const pointOf = (
  { commit, startedAt }: RunLabel,
  run: number,
  value: number | null,
  isHead: boolean,
): HistoryPoint => ({
  run,
  commit: commit === undefined ? "" : shortCommit(commit),
  day: startedAt.slice(0, 10),
  isHead,
  value: value === null || Number.isFinite(value) ? value : null,
});

const byTime = (a: RunLabel, b: RunLabel): number =>
  a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0;

/** Oldest first; the head is last, whenever it was measured. */
const inOrder = ({ head, runs }: ComparedRuns): readonly RunSample[] => [
  ...runs.toSorted((a, b) => byTime(a.profile.provenance, b.profile.provenance)).slice(-MOST_RUNS),
  head,
];

const calmLine = (trend: Trend | undefined, compared: ComparedRuns | null): HistoryLine => {
  const stored: readonly (RunLabel & { readonly calmMs: number | null })[] =
    trend?.runs.slice(-MOST_RUNS) ??
    (compared === null
      ? []
      : inOrder(compared)
          .slice(0, -1)
          .map((run) => ({ ...run.profile.provenance, calmMs: calmMedianMs(run.samples) })));
  const points = stored.map((run, place) => pointOf(run, place, run.calmMs, false));
  const head =
    compared === null
      ? []
      : [pointOf(compared.head.profile.provenance, points.length, calmMedianMs(compared.head.samples), true)];
  return { name: "median calm latency", unit: "ms", points: [...points, ...head] };
};

/** Errors, and how much slower than calm; of calm traffic itself only the first says anything. */
const figuresOf = ({ shape }: Scenario): readonly RunFigure[] =>
  RUN_FIGURES.filter(({ name, unit }) => name === "errors" || (unit === "ratio" && shape !== "control"));

const scenarioHistories = (input: PageInput, compared: ComparedRuns): readonly ScenarioHistory[] => {
  const runs = inOrder(compared);
  return scenariosInOrder(input, compared.head.profile.scenarios)
    .slice(0, SCENARIOS)
    .map((scenario) => ({
      scenario,
      lines: figuresOf(scenario)
        .map(({ name, unit, of }) => ({
          name,
          unit,
          points: runs.map((run, place) =>
            pointOf(run.profile.provenance, place, of(run, scenario), run === compared.head),
          ),
        }))
        .filter(({ points }) => points.filter(({ value }) => value !== null).length >= 2),
    }))
    .filter(({ lines }) => lines.length > 0);
};

/** @returns null of fewer than two runs */
export const historyOf = (input: PageInput): History | null => {
  const { trend } = input.result;
  const compared = comparedRuns(input);
  const calm = calmLine(trend, compared);
  if (calm.points.length < 2) return null;
  const before = Math.max(0, (trend?.runs.length ?? 0) - MOST_RUNS);
  return {
    calm,
    changes: (trend?.changes ?? [])
      .map((change) => ({ ...change, run: change.run - before }))
      .filter(({ run }) => run >= 0 && run < calm.points.length),
    scenarios: compared === null || compared.runs.length === 0 ? [] : scenarioHistories(input, compared),
  };
};
