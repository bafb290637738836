/** What alarms are worth: the schedule of injections says which were right. */
import { medianOf } from "../statistics/quantile.ts";
import { type Alarm, MOST_ALARMS, type ScenarioDetection } from "./result.ts";
import type { Second } from "./series.ts";

export interface Scores {
  readonly calmMs: number;
  readonly falseAlarms: number;
  readonly alarms: readonly Alarm[];
  readonly scenarios: readonly ScenarioDetection[];
}

interface Watched {
  readonly series: readonly Second[];
  /** By second. */
  readonly flags: readonly boolean[];
}

/** Was the alarm up already in the second before, without a gap? */
const isCarriedOver = ({ series, flags }: Watched, row: number): boolean =>
  series[row]?.follows === true && flags[row - 1] === true;

/** The second in which each alarm began; one that was up before it, without a gap, is no other alarm. */
const alarmsOf = (watched: Watched): readonly Alarm[] =>
  watched.series
    .flatMap(({ startMs, durationMs, label }, row): Alarm[] =>
      watched.flags[row] === true && !isCarriedOver(watched, row)
        ? [{ atMs: startMs + durationMs, isFalse: label === "calm" }]
        : [],
    )
    .sort((a, b) => a.atMs - b.atMs)
    .slice(0, MOST_ALARMS);

/**
 * An alarm is a run of flagged seconds. It is false where it begins in calm: one that began under a fault, or in what the fault
 * disturbed, and goes on into calm is that fault's.
 */
const falseAlarms = (watched: Watched): number =>
  watched.series.filter(
    ({ label }, row) => label === "calm" && watched.flags[row] === true && !isCarriedOver(watched, row),
  ).length;

/**
 * ms from the fault's start to the end of the first second that was flagged; null: missed. An alarm that was up before the window
 * began (windows of two faults adjoin) says nothing of this fault unless it is still up a second later.
 */
const delayMs = (watched: Watched, rows: readonly number[], startMs: number): number | null => {
  const first = rows.find(
    (row, place) => watched.flags[row] === true && (place > 0 || !isCarriedOver(watched, row)),
  );
  const second = first === undefined ? undefined : watched.series[first];
  return second === undefined ? null : second.startMs + second.durationMs - startMs;
};

/**
 * @param scenarios names in the order they are told in
 * @param faultStarts ms from the run's start, by window
 */
export const scoresOf = (
  series: readonly Second[],
  flags: readonly boolean[],
  scenarios: readonly string[],
  faultStarts: ReadonlyMap<number, number>,
): Scores => {
  const watched = { series, flags };
  const rows = series.flatMap(({ label }, row) => (label === "fault" ? [row] : []));
  const byScenario = Map.groupBy(rows, (row) => series[row]?.scenario ?? "");
  return {
    calmMs: series.reduce((sum, { label, durationMs }) => sum + (label === "calm" ? durationMs : 0), 0),
    falseAlarms: falseAlarms(watched),
    alarms: alarmsOf(watched),
    scenarios: scenarios.flatMap((scenario): ScenarioDetection[] => {
      const windows = Map.groupBy(byScenario.get(scenario) ?? [], (row) => series[row]?.window ?? -1);
      if (windows.size === 0) return [];
      const delays = [...windows].flatMap(([window, own]) => {
        const delay = delayMs(watched, own, faultStarts.get(window) ?? 0);
        return delay === null ? [] : [delay];
      });
      return [{ scenario, windows: windows.size, found: delays.length, medianDelayMs: medianOf(delays) }];
    }),
  };
};
