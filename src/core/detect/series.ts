/**
 * A run as seconds in time order, as its clients saw it: what every detector reads.
 *
 *   Profile.windows (load, valid) --whole seconds, labelled--> Second[] <--figures-- Profile.observations
 */

import type { Observation } from "../observation.ts";
import { isFailure, isUnscored } from "../outcome.ts";
import type { Profile, ScenarioShape, WindowRecord } from "../profile.ts";
import { medianOf, quantileOf } from "../statistics/quantile.ts";

/**
 * `calm` no fault; `fault` under one; `disturbed` neither: what a fault next to it may still (or, for an outage, already) have
 * spoiled. Disturbed seconds teach nothing, and count neither as found nor as false alarms.
 */
export type SecondLabel = "calm" | "fault" | "disturbed";

/** One second of a window, over the requests scheduled in it. */
export interface Second {
  /** Index into Profile.windows. */
  readonly window: number;
  /** Place in its window, from 0. */
  readonly place: number;
  readonly scenario: string;
  readonly label: SecondLabel;
  /** ms from the run's start. */
  readonly startMs: number;
  /** A window's length over its number of seconds: 750 .. 1500 ms. */
  readonly durationMs: number;
  /** Directly after the second before it in the series. */
  readonly follows: boolean;
  readonly calls: number;
  /** Answers without failure to requests of this second, a second. */
  readonly throughputRps: number;
  /** Of its requests, 0..1; 0 where it has none. */
  readonly errorShare: number;
  readonly degradedShare: number;
  /** Null: no request was scheduled in it. */
  readonly meanMs: number | null;
  readonly p95Ms: number | null;
  /** Mean time to the first content, and the longest gap between two chunks; null: none came. */
  readonly ttftMs: number | null;
  readonly longestGapMs: number | null;
}

/** Runs are of minutes; a profile that claims days is cut here, whatever it says. */
const MOST_SECONDS = 20_000;
/** No answer takes eleven days; a stored run may claim it, and sums must stay finite. */
const LONGEST_MS = 1e9;
/** Windows of one stretch follow each other at once; their starts are measured, and so not exact. */
const ADJACENT_MS = 250;
/**
 * After an outage or a kill a breaker or full slots spoil the next 1.4 to 4.5 s, and requests already in flight fail before it
 * (METHOD 10). A fault that follows its requests leaves no more behind than the last of them: one second.
 */
const AFTER_CLOCK_MS = 5000;
const BEFORE_CLOCK_MS = 1000;

interface Load {
  readonly window: WindowRecord;
  readonly index: number;
  readonly shape: ScenarioShape;
  /** When its fault begins, ms from the run's start. */
  readonly faultMs: number;
}

const byTheClock = (shape: ScenarioShape): boolean => shape === "clock" || shape === "kill";

/** Valid load windows in time order. A kill comes some time into its window: what was seen of it says when. */
const loadsOf = ({ windows, scenarios, deaths }: Profile): readonly Load[] => {
  const shapes = new Map(scenarios.map(({ name, shape }) => [name, shape]));
  const kills = new Map<number, number>();
  for (const { injected, window, atMs } of deaths)
    if (injected) kills.set(window, Math.min(atMs, kills.get(window) ?? Number.POSITIVE_INFINITY));
  return windows
    .flatMap((window, index): Load[] => {
      const shape = shapes.get(window.scenario);
      if (window.phase !== "load" || window.invalid !== undefined || shape === undefined) return [];
      return [{ window, index, shape, faultMs: Math.max(window.startMs, kills.get(index) ?? 0) }];
    })
    .sort((a, b) => a.window.startMs - b.window.startMs);
};

const endMs = ({ window }: Load): number => window.startMs + window.durationMs;

/** Is calm second `place` of a window that close to a fault of a neighbouring window? */
const isDisturbed = (
  load: Load,
  place: number,
  startMs: number,
  secondMs: number,
  before: Load | undefined,
  after: Load | undefined,
): boolean => {
  if (before !== undefined && before.shape !== "control") {
    const sinceMs = startMs - endMs(before);
    if (byTheClock(before.shape) && sinceMs < AFTER_CLOCK_MS) return true;
    if (place === 0 && load.window.startMs - endMs(before) < ADJACENT_MS) return true;
  }
  return (
    after !== undefined &&
    byTheClock(after.shape) &&
    after.faultMs - (startMs + secondMs) < BEFORE_CLOCK_MS - ADJACENT_MS
  );
};

const labelOf = (
  load: Load,
  place: number,
  secondMs: number,
  before: Load | undefined,
  after: Load | undefined,
): SecondLabel => {
  const startMs = load.window.startMs + place * secondMs;
  if (load.shape === "control")
    return isDisturbed(load, place, startMs, secondMs, before, after) ? "disturbed" : "calm";
  return startMs + secondMs <= load.faultMs ? "disturbed" : "fault";
};

type Figures = Omit<Second, "window" | "place" | "scenario" | "label" | "startMs" | "durationMs" | "follows">;

/**
 * A failed request counts with its latency or `leastMs`, whichever is longer: the time it would have taken is only known to be
 * more, and a service that fails fast must not look like a fast one. That it failed is in the share of errors.
 */
const figuresOf = (
  own: readonly Observation[],
  durationMs: number,
  { medianMs, byRequest }: Usual,
): Figures => {
  const { length } = own;
  const latencies = new Float64Array(length);
  let sumMs = 0;
  let failed = 0;
  let degraded = 0;
  let ttftSumMs = 0;
  let ttfts = 0;
  let longestGapMs: number | null = null;
  for (const [index, { outcome, latencyMs, ttftMs, maxGapMs, requestId }] of own.entries()) {
    const hasFailed = isFailure(outcome);
    const ownMs = byRequest.get(requestId);
    const takenMs = Math.min(latencyMs, LONGEST_MS);
    const standardMs = ownMs === undefined ? takenMs : (takenMs / ownMs) * medianMs;
    const countedMs = hasFailed ? Math.max(standardMs, medianMs) : standardMs;
    latencies[index] = countedMs;
    sumMs += countedMs;
    if (hasFailed) failed += 1;
    if (outcome === "degraded") degraded += 1;
    if (ttftMs !== null) {
      ttftSumMs += ttftMs;
      ttfts += 1;
    }
    if (maxGapMs !== null) longestGapMs = Math.max(maxGapMs, longestGapMs ?? 0);
  }
  return {
    calls: length,
    throughputRps: (1000 * (length - failed)) / durationMs,
    errorShare: length === 0 ? 0 : failed / length,
    degradedShare: length === 0 ? 0 : degraded / length,
    meanMs: length === 0 ? null : sumMs / length,
    p95Ms: length === 0 ? null : quantileOf(latencies, 0.95),
    ttftMs: ttfts === 0 ? null : ttftSumMs / ttfts,
    longestGapMs,
  };
};

/** What requests usually take in this run's calm, ms. */
interface Usual {
  /** Over all good answers; 0: there are none. */
  readonly medianMs: number;
  /** Of those requests of which enough were answered. */
  readonly byRequest: ReadonlyMap<string, number>;
}

/** Answers from which a request's own median is told (METHOD 4). */
const FEWEST_ANSWERS = 3;

const usualOf = (byWindow: ReadonlyMap<number, readonly Observation[]>, loads: readonly Load[]): Usual => {
  const good: number[] = [];
  const byRequest = new Map<string, number[]>();
  for (const { index, shape } of loads) {
    if (shape !== "control") continue;
    for (const { outcome, latencyMs, requestId } of byWindow.get(index) ?? []) {
      if (isFailure(outcome)) continue;
      const takenMs = Math.min(latencyMs, LONGEST_MS);
      good.push(takenMs);
      const own = byRequest.get(requestId);
      if (own === undefined) byRequest.set(requestId, [takenMs]);
      else own.push(takenMs);
    }
  }
  const medians = [...byRequest].flatMap(([id, own]): [string, number][] => {
    const median = own.length < FEWEST_ANSWERS ? null : medianOf(own);
    return median === null || median <= 0 ? [] : [[id, median]];
  });
  return { medianMs: medianOf(good) ?? 0, byRequest: new Map(medians) };
};

/**
 * Windows that do not count are gaps. Requests belong to the second in which they were scheduled, however long their answer took.
 */
export const seriesOf = (profile: Profile): readonly Second[] => {
  const loads = loadsOf(profile);
  const byWindow = Map.groupBy(
    profile.observations.filter(({ outcome }) => !isUnscored(outcome)),
    ({ window }) => window,
  );
  const usual = usualOf(byWindow, loads);
  const seconds: Second[] = [];
  for (const [order, load] of loads.entries()) {
    const { window, index } = load;
    const count = Math.max(1, Math.round(window.durationMs / 1000));
    if (seconds.length + count > MOST_SECONDS) break;
    const durationMs = window.durationMs / count;
    if (!(durationMs > 0)) continue;
    const placeOf = ({ scheduledMs }: Observation): number =>
      Math.min(count - 1, Math.max(0, Math.floor(scheduledMs / durationMs)));
    const byPlace = Map.groupBy(byWindow.get(index) ?? [], placeOf);
    const before = loads[order - 1];
    const isAdjacent = before !== undefined && window.startMs - endMs(before) < ADJACENT_MS;
    for (let place = 0; place < count; place++)
      seconds.push({
        window: index,
        place,
        scenario: window.scenario,
        label: labelOf(load, place, durationMs, before, loads[order + 1]),
        startMs: window.startMs + place * durationMs,
        durationMs,
        follows: place > 0 || isAdjacent,
        ...figuresOf(byPlace.get(place) ?? [], durationMs, usual),
      });
  }
  return seconds;
};

/** When the fault of each window begins, ms from the run's start, by index into Profile.windows; faultless windows are left out. */
export const faultStartsOf = (profile: Profile): ReadonlyMap<number, number> =>
  new Map(
    loadsOf(profile)
      .filter(({ shape }) => shape !== "control")
      .map(({ index, faultMs }) => [index, faultMs]),
  );
