/** A few figures by which whole runs of one suite are held against each other: by their own calm traffic, not by their machine. */
import type { Scenario } from "../profile.ts";
import { medianOf } from "../statistics/quantile.ts";
import type { MetricUnit } from "../verdict.ts";
import type { RunSample, ScoredRow } from "./context.ts";

export interface RunFigure {
  readonly name: string;
  readonly unit: MetricUnit;
  /** Spread below which runs never differ by chance alone. */
  readonly least: number;
  /** Null: this run does not tell. */
  readonly of: (run: RunSample, scenario: Scenario) => number | null;
}

const FEWEST_ROWS = 30;

const shareOf =
  (counts: (row: ScoredRow) => boolean) =>
  (run: RunSample, scenario: Scenario): number | null => {
    const rows = run.samples.get(scenario.name)?.rows ?? [];
    return rows.length < FEWEST_ROWS ? null : rows.filter(counts).length / rows.length;
  };

/** Over the run's own calm median: a slower machine is no odd run. */
const slowness = (run: RunSample, scenario: Scenario): number | null => {
  const medianIn = (name: string): number | null => {
    const rows = (run.samples.get(name)?.rows ?? []).filter(({ failed }) => !failed);
    return rows.length < FEWEST_ROWS ? null : medianOf(rows.map(({ latencyMs }) => latencyMs));
  };
  const [own, calm] = [medianIn(scenario.name), medianIn("control")];
  return own === null || calm === null || calm <= 0 ? null : own / calm;
};

export const RUN_FIGURES: readonly RunFigure[] = [
  { name: "errors", unit: "share", least: 0.01, of: shareOf(({ failed }) => failed) },
  {
    name: "degraded answers",
    unit: "share",
    least: 0.01,
    of: shareOf(({ observation }) => observation.outcome === "degraded"),
  },
  { name: "median latency over calm", unit: "ratio", least: 0.05, of: slowness },
];
