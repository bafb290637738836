/** Twin differences of one scenario in ms, machine speed taken away. */
import type { Scenario } from "../../profile.ts";
import { medianOf } from "../../statistics/quantile.ts";
import { type RunSample, rowsOfRun, type ScoredRow } from "../context.ts";
import { type MachineSpeed, type Measure, measured } from "./machine-speed.ts";
import { matchRows, type TwinRows } from "./pairs.ts";

/**
 * Stands for "answered here, failed there": beyond every real difference, yet finite, so that quantiles next to it stay
 * numbers (METHOD 3: failures are censored, never dropped).
 */
export const CENSORED_MS = 1e9;

/** One entry for each head row that has a difference, in the rows' order; all columns have the same length. */
export interface TwinDifferences {
  readonly rows: readonly ScoredRow[];
  /** Place of each row among the head's rows of the scenario. */
  readonly places: readonly number[];
  /** Head minus baseline, ms; +-CENSORED_MS where only one side failed. */
  readonly differencesMs: readonly number[];
  /** Typical baseline time of this request, at the baseline's speed, ms. */
  readonly basesMs: readonly number[];
}

/** Those entries that are kept. */
export const onlyThose = (
  { rows, places, differencesMs, basesMs }: TwinDifferences,
  keep: (row: ScoredRow, differenceMs: number) => boolean,
): TwinDifferences => {
  const kept = rows.map((row, index) => keep(row, differencesMs[index] as number));
  const isKept = (_: unknown, index: number): boolean => kept[index] === true;
  return {
    rows: rows.filter(isKept),
    places: places.filter(isKept),
    differencesMs: differencesMs.filter(isKept),
    basesMs: basesMs.filter(isKept),
  };
};

/** Did both sides answer well? */
export const bothAnswered = (row: ScoredRow, differenceMs: number): boolean =>
  !row.failed && differenceMs !== -CENSORED_MS;

/** A deadline or a refusal takes the same time on any machine. */
const takesItsTime = ({ observation: { outcome } }: ScoredRow): boolean =>
  outcome.startsWith("timeout") || outcome === "refused";

/** Time of a run's row at the baseline's speed, ms; null where it has none. Twins have one typical time. */
type TimeOf = (row: ScoredRow, typicalMs: number) => number | null;

const timeIn = (run: RunSample, scenario: Scenario, speed: MachineSpeed, measure: Measure): TimeOf => {
  const normalise = speed.normaliser(run, scenario.scale);
  return (row, typicalMs) => {
    const value = measured(row, measure);
    return value === null || (row.failed && takesItsTime(row)) ? value : normalise(typicalMs, value);
  };
};

interface BaseValue {
  readonly failed: boolean;
  readonly valueMs: number;
}

interface BaseRun {
  readonly twins: TwinRows;
  readonly timeOf: TimeOf;
}

/** Median over the baseline runs: a stall in one of several does not show. Null where no run has a twin. */
const baseValue = (place: number, bases: readonly BaseRun[], typicalMs: number): BaseValue | null => {
  let pairs = 0;
  let failures = 0;
  for (const { twins } of bases) {
    const twin = twins[place];
    if (twin === undefined) continue;
    pairs += 1;
    if (twin.failed) failures += 1;
  }
  if (pairs === 0) return null;
  const failed = failures * 2 > pairs;
  const values: number[] = [];
  for (const { twins, timeOf } of bases) {
    const twin = twins[place];
    const value = twin === undefined || twin.failed !== failed ? null : timeOf(twin, typicalMs);
    if (value !== null) values.push(value);
  }
  const valueMs = values.length === 1 ? values[0] : medianOf(values);
  return valueMs === undefined || valueMs === null ? null : { failed, valueMs };
};

/** Both sides failed: how long each took to say so is compared (a timeout of 3 s in place of 1 s is slower). */
export const twinDifferences = (
  head: RunSample,
  bases: readonly RunSample[],
  scenario: Scenario,
  speed: MachineSpeed,
  measure: Measure,
): TwinDifferences => {
  const all = rowsOfRun(head, scenario.name);
  const headTime = timeIn(head, scenario, speed, measure);
  const baseRuns = bases.map((run) => ({
    twins: matchRows(all, rowsOfRun(run, scenario.name)),
    timeOf: timeIn(run, scenario, speed, measure),
  }));
  const rows: ScoredRow[] = [];
  const places: number[] = [];
  const differencesMs: number[] = [];
  const basesMs: number[] = [];
  for (const [place, row] of all.entries()) {
    const typicalMs = speed.typicalMs(row.observation.requestId);
    const base = baseValue(place, baseRuns, typicalMs);
    const own = base === null ? null : headTime(row, typicalMs);
    if (base === null || own === null) continue;
    const censored = row.failed ? CENSORED_MS : -CENSORED_MS;
    rows.push(row);
    places.push(place);
    differencesMs.push(row.failed === base.failed ? own - base.valueMs : censored);
    basesMs.push(base.valueMs);
  }
  return { rows, places, differencesMs, basesMs };
};
