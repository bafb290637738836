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
  differences: TwinDifferences,
  keep: (row: ScoredRow, differenceMs: number) => boolean,
): TwinDifferences => {
  const { rows, places, differencesMs, basesMs } = differences;
  const kept = rows.map((row, index) => keep(row, differencesMs[index] as number));
  if (!kept.includes(false)) return differences;
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

interface BaseRun {
  readonly twins: TwinRows;
  readonly timeOf: TimeOf;
}

/** Did most baseline runs fail this request? Null where none has a twin. */
const mostlyFailed = (place: number, bases: readonly BaseRun[]): boolean | null => {
  let pairs = 0;
  let failures = 0;
  for (const { twins } of bases) {
    const twin = twins[place];
    if (twin === undefined) continue;
    pairs += 1;
    if (twin.failed) failures += 1;
  }
  return pairs === 0 ? null : failures * 2 > pairs;
};

/**
 * Median over the baseline runs that failed, or did not: a stall in one of several does not show. `times` is room for one
 * time of each run, so that a million requests need no list each.
 */
const medianTime = (
  place: number,
  bases: readonly BaseRun[],
  failed: boolean,
  typicalMs: number,
  times: Float64Array,
): number | null => {
  let count = 0;
  for (const { twins, timeOf } of bases) {
    const twin = twins[place];
    const time = twin === undefined || twin.failed !== failed ? null : timeOf(twin, typicalMs);
    if (time !== null) times[count++] = time;
  }
  return count === 1 ? (times[0] as number) : medianOf(times.subarray(0, count));
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
  const times = new Float64Array(bases.length);
  const rows: ScoredRow[] = [];
  const places: number[] = [];
  const differencesMs: number[] = [];
  const basesMs: number[] = [];
  for (const [place, row] of all.entries()) {
    const typicalMs = speed.typicalMs(row.observation.requestId);
    const baseFailed = mostlyFailed(place, baseRuns);
    if (baseFailed === null) continue;
    const baseMs = medianTime(place, baseRuns, baseFailed, typicalMs, times);
    const own = headTime(row, typicalMs);
    if (baseMs === null || own === null) continue;
    const censored = row.failed ? CENSORED_MS : -CENSORED_MS;
    rows.push(row);
    places.push(place);
    differencesMs.push(row.failed === baseFailed ? own - baseMs : censored);
    basesMs.push(baseMs);
  }
  return { rows, places, differencesMs, basesMs };
};
