/** Twin differences of one scenario in ms, machine speed taken away. */
import type { Scenario } from "../../profile.ts";
import { medianOf } from "../../statistics/quantile.ts";
import type { RunSample, ScoredRow } from "../context.ts";
import { type MachineSpeed, type Measure, measured, runsByIndex } from "./machine-speed.ts";
import { pairRows } from "./pairs.ts";

/**
 * Stands for "answered here, failed there": beyond every real difference, yet finite, so that quantiles next to it stay
 * numbers (METHOD 3: failures are censored, never dropped).
 */
export const CENSORED_MS = 1e9;

export interface TwinDifference {
  readonly head: ScoredRow;
  /** Head minus baseline, ms; +-CENSORED_MS where only one side failed. */
  readonly differenceMs: number;
  /** Typical baseline time of this request, at the baseline's speed, ms. */
  readonly baseMs: number;
  readonly block: number;
  readonly hit: boolean;
  /** Both sides answered well. */
  readonly answered: boolean;
}

interface BaseValue {
  readonly failed: boolean;
  readonly valueMs: number;
}

/** Median over the baseline runs: a stall in one of several does not show. */
const baseValue = (
  rows: readonly ScoredRow[],
  normalise: (row: ScoredRow) => number | null,
): BaseValue | null => {
  const only = rows.length === 1 ? rows[0] : undefined;
  if (only !== undefined) {
    const value = normalise(only);
    return value === null ? null : { failed: only.failed, valueMs: value };
  }
  const failedRows = rows.filter((row) => row.failed);
  const failed = failedRows.length * 2 > rows.length;
  const values = rows
    .filter((row) => row.failed === failed)
    .map(normalise)
    .filter((value) => value !== null);
  const valueMs = medianOf(values);
  return valueMs === null ? null : { failed, valueMs };
};

/** A deadline or a refusal takes the same time on any machine. */
const takesItsTime = ({ observation: { outcome } }: ScoredRow): boolean =>
  outcome.startsWith("timeout") || outcome === "refused";

/** Both sides failed: how long each took to say so is compared (a timeout of 3 s in place of 1 s is slower). */
export const twinDifferences = (
  head: RunSample,
  bases: readonly RunSample[],
  scenario: Scenario,
  speed: MachineSpeed,
  measure: Measure,
): readonly TwinDifference[] => {
  const byIndex = runsByIndex(bases, scenario.name);
  const differences: TwinDifference[] = [];
  for (const pair of pairRows(head.samples.get(scenario.name)?.rows ?? [], bases, scenario.name)) {
    const at = (run: RunSample | undefined, row: ScoredRow): number | null => {
      const value = measured(row, measure);
      if (value === null || run === undefined) return null;
      return takesItsTime(row) ? value : speed.normalise(run, pair.requestId, value, scenario.scale);
    };
    const base = baseValue(pair.bases, (row) => at(byIndex.get(row.run), row));
    const own = at(head, pair.head);
    if (base === null || own === null) continue;
    const { failed } = pair.head;
    const differenceMs = failed === base.failed ? own - base.valueMs : failed ? CENSORED_MS : -CENSORED_MS;
    differences.push({
      head: pair.head,
      differenceMs,
      baseMs: base.valueMs,
      block: pair.block,
      hit: pair.hit,
      answered: !failed && !base.failed,
    });
  }
  return differences;
};
