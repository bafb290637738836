/** What changed on one edge between calm traffic and the windows of one experiment. */
import { type EdgeSecond, ERROR_CLASSES, type ErrorClass } from "../profile.ts";
import { type Figure, figureOf, shareFigure, type Tally, type Weighed } from "./figures.ts";

/** An edge's seconds, by second; those without calls are not there. */
export type EdgeSeries = ReadonlyMap<number, EdgeSecond>;

/** Seconds to their weight: calm ones and those under the fault. */
export interface Sides {
  readonly calm: ReadonlyMap<number, number>;
  readonly fault: ReadonlyMap<number, number>;
}

export interface EdgeFigures {
  readonly edge: string;
  /** Calls a second. */
  readonly rate: Figure;
  /** Calls at work at once, by Little's law: time of all calls that begin in a second. */
  readonly concurrency: Figure;
  readonly failures: Readonly<Record<ErrorClass, Figure>>;
  readonly meanMs: Figure;
  readonly p95Ms: Figure;
  readonly firstByteMs: Figure;
  readonly gapMs: Figure;
  readonly meanGapMs: Figure;
  /** The upstream's own time, and what the edge adds to it. */
  readonly upstreamMs: Figure;
  readonly addedMs: Figure;
  readonly answerBytes: Figure;
  readonly inFlight: Figure;
  /** Connections a call. */
  readonly connections: Figure;
  /** Share of calls that were passed on nowhere, though the upstream refused none of them. */
  readonly keptBack: Figure;
  /** Share of calls that repeat one of the same client request. */
  readonly retries: Figure;
  /** Mean time from the client's request to the call, in calm traffic; null: not told. */
  readonly sinceRequestMs: number | null;
  readonly calmCalls: number;
  readonly faultCalls: number;
}

type Read = (second: EdgeSecond) => number | null | undefined;

/** Each second counts by its calls. */
const valuesOf = (series: EdgeSeries, seconds: ReadonlyMap<number, number>, read: Read): Weighed[] =>
  [...seconds].flatMap(([at, share]) => {
    const row = series.get(at);
    const value = row === undefined ? undefined : read(row);
    return row === undefined || value === undefined || value === null
      ? []
      : [{ value, weight: share * row.calls }];
  });

/** Each second counts alike, also those without calls. */
const everySecond = (
  series: EdgeSeries,
  seconds: ReadonlyMap<number, number>,
  read: (second: EdgeSecond) => number,
): Weighed[] =>
  [...seconds].map(([at, weight]) => {
    const row = series.get(at);
    return { value: row === undefined ? 0 : read(row), weight };
  });

export const tallyOf = (series: EdgeSeries, seconds: ReadonlyMap<number, number>, read: Read): Tally => {
  let [count, of] = [0, 0];
  for (const [at, share] of seconds) {
    const row = series.get(at);
    if (row === undefined) continue;
    count += share * (read(row) ?? 0);
    of += share * row.calls;
  }
  return { count, of };
};

const MS = 0.5;
const BYTES = 2;

const addedBy = ({ meanMs, upstreamMs }: EdgeSecond): number | null =>
  upstreamMs === undefined || upstreamMs === null ? null : Math.max(0, meanMs - upstreamMs);

const keptBackOf = ({ calls, upstreamCalls, errorsByClass }: EdgeSecond): number =>
  upstreamCalls === undefined ? 0 : Math.max(0, calls - upstreamCalls - (errorsByClass?.refused ?? 0));

export const edgeFigures = (edge: string, series: EdgeSeries, { calm, fault }: Sides): EdgeFigures => {
  const level = (read: Read, floor: number): Figure =>
    figureOf(valuesOf(series, calm, read), valuesOf(series, fault, read), floor);
  const flow = (read: (second: EdgeSecond) => number, floor: number): Figure =>
    figureOf(everySecond(series, calm, read), everySecond(series, fault, read), floor);
  const share = (read: Read): Figure =>
    shareFigure(tallyOf(series, calm, read), tallyOf(series, fault, read));
  const since = valuesOf(series, calm, ({ sinceRequestMs }) => sinceRequestMs);
  const failures = Object.fromEntries(
    ERROR_CLASSES.map((name) => [name, share(({ errorsByClass }) => errorsByClass?.[name])]),
  ) as Record<ErrorClass, Figure>;
  return {
    edge,
    rate: flow(({ calls }) => calls, 0.5),
    concurrency: flow(({ calls, meanMs }) => (calls * meanMs) / 1000, 0.1),
    failures,
    meanMs: level(({ meanMs }) => meanMs, MS),
    p95Ms: level(({ p95Ms }) => p95Ms, MS),
    firstByteMs: level(({ firstByteMs }) => firstByteMs, MS),
    gapMs: level(({ longestGapMs }) => longestGapMs, MS),
    meanGapMs: level(({ meanGapMs }) => meanGapMs, MS),
    upstreamMs: level(({ upstreamMs }) => upstreamMs, MS),
    addedMs: level(addedBy, MS),
    answerBytes: level(({ answerBytes }) => answerBytes, BYTES),
    inFlight: flow(({ inFlight }) => inFlight ?? 0, 0.2),
    connections: level(
      ({ connections, calls }) => (connections === undefined ? null : connections / calls),
      0.05,
    ),
    keptBack: share(keptBackOf),
    retries: share(({ retries }) => retries),
    sinceRequestMs:
      since.length === 0 ? null : since.reduce((sum, { value }) => sum + value, 0) / since.length,
    calmCalls: tallyOf(series, calm, () => 0).of,
    faultCalls: tallyOf(series, fault, () => 0).of,
  };
};

/** What answers would take if only the edge's own part had changed. */
export const added = ({ meanMs, addedMs }: EdgeFigures): Figure => ({
  calm: meanMs.calm,
  fault: meanMs.calm + Math.max(0, addedMs.fault - addedMs.calm),
  z: addedMs.z,
});
