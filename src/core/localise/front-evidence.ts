/** What speaks against the two ends in front of all dependencies: the clients with their edge, and the service itself. */
import { formatRatio } from "../report/format.ts";
import { added, type EdgeFigures, type EdgeSeries, type Sides } from "./edge-figures.ts";
import { type Evidence, later, moreOften, strongest } from "./evidence.ts";
import {
  type Figure,
  figureOf,
  NO_FIGURE,
  SURE_Z,
  shareFigure,
  type Tally,
  type Weighed,
} from "./figures.ts";
import type { ClientAnswer } from "./observed.ts";

/** What is looked at of the front: the client edge's series beside those of the dependencies. */
export interface Front {
  readonly client: EdgeSeries;
  readonly dependencies: readonly EdgeSeries[];
  readonly answers: readonly ClientAnswer[];
  readonly sides: Sides;
  /** Seconds that the fault's windows touch at all. */
  readonly touched: readonly number[];
}

const increase = ({ calm, fault }: Figure): number => Math.max(0, fault - calm);

/** The service's time without the time of its dependencies' calls, second by second. */
export const ownTime = ({ client, dependencies, sides }: Front): Figure => {
  const values = (seconds: ReadonlyMap<number, number>): Weighed[] =>
    [...seconds].flatMap(([at, share]) => {
      const row = client.get(at);
      if (row?.upstreamMs === undefined || row.upstreamMs === null || row.upstreamCalls === undefined)
        return [];
      const waited = dependencies.reduce((sum, series) => {
        const call = series.get(at);
        return call === undefined ? sum : sum + call.calls * call.meanMs;
      }, 0);
      const value = Math.max(0, row.upstreamMs - waited / Math.max(1, row.upstreamCalls));
      return [{ value, weight: share * row.upstreamCalls }];
    });
  return figureOf(values(sides.calm), values(sides.fault), 2);
};

/** What a process of its own spends between two looks at the clock: a shorter own time is told as none. */
const NO_OWN_TIME_MS = 5;

export const serviceEvidence = (front: Front, figures: EdgeFigures): readonly Evidence[] => {
  const { failures } = figures;
  const classes = [
    failures["server-error"],
    failures["client-error"],
    failures["rate-limited"],
    failures.refused,
    failures.malformed,
  ];
  const failed: Figure = {
    calm: classes.reduce((sum, { calm }) => sum + calm, 0),
    fault: classes.reduce((sum, { fault }) => sum + fault, 0),
    z: Math.max(...classes.map(({ z }) => z)),
  };
  const own = ownTime(front);
  const shown: Figure = { ...own, calm: own.calm + NO_OWN_TIME_MS, fault: own.fault + NO_OWN_TIME_MS };
  return [
    ...later("own-time", shown, "its own time, without its dependencies',"),
    ...moreOften("own-failures", failed, "its answers failed", increase(figures.keptBack)),
  ];
};

const answersIn = (answers: readonly ClientAnswer[], seconds: ReadonlyMap<number, number>): Tally => {
  let [count, of] = [0, 0];
  for (const { atMs, failed } of answers) {
    const share = seconds.get(Math.floor(atMs / 1000)) ?? 0;
    of += share;
    if (failed) count += share;
  }
  return { count, of };
};

/** Where a generator is late, requests arrive in the second after: fewer that are not seen tell nothing. */
const LEAST_UNSEEN = 0.25;

/** Requests that clients sent and that the edge never saw. */
const unseenFigure = ({ answers, client, sides }: Front): Figure => {
  const unseen = (seconds: ReadonlyMap<number, number>): Tally => {
    const { of } = answersIn(answers, seconds);
    let seen = 0;
    for (const [at, share] of seconds) seen += share * (client.get(at)?.calls ?? 0);
    return { count: Math.max(0, of - seen), of };
  };
  const figure = shareFigure(unseen(sides.calm), unseen(sides.fault));
  return figure.fault - figure.calm < LEAST_UNSEEN ? NO_FIGURE : figure;
};

const PEAK_TIMES = 1.5;
const RATE_TIMES = 1.3;
const CONCURRENCY_TIMES = 1.2;

/** Most calls that began in one second, and most time of calls that did. */
const peaks = (series: EdgeSeries, seconds: ReadonlyMap<number, number>): { calls: number; work: number } => {
  const rows = [...seconds.keys()].flatMap((at) => series.get(at) ?? []);
  return {
    calls: Math.max(0, ...rows.map(({ calls }) => calls)),
    work: Math.max(0, ...rows.map(({ calls, meanMs }) => calls * meanMs)),
  };
};

/**
 * Clients ask for more: more requests and more work at once. In a closed loop quick failures bring more requests, but never more of them
 * at once.
 */
const offeredLoad = ({ client, sides }: Front, { rate, concurrency }: EdgeFigures): readonly Evidence[] => {
  const evidence: Evidence[] = [];
  if (
    rate.calm > 0 &&
    rate.z >= SURE_Z &&
    rate.fault >= RATE_TIMES * rate.calm &&
    concurrency.fault >= CONCURRENCY_TIMES * concurrency.calm
  )
    evidence.push({
      kind: "load",
      strength: Math.max(0.5, 1 - rate.calm / rate.fault),
      reason: `${formatRatio(rate.fault / rate.calm)} times as many requests (${formatRatio(rate.calm)} -> ${formatRatio(rate.fault)} a second)`,
    });
  const [calm, fault] = [peaks(client, sides.calm), peaks(client, sides.fault)];
  if (
    evidence.length === 0 &&
    calm.calls > 0 &&
    fault.calls >= PEAK_TIMES * calm.calls &&
    fault.work > calm.work
  )
    evidence.push({
      kind: "load",
      strength: Math.max(0.5, 1 - calm.calls / fault.calls),
      reason: `a burst of ${fault.calls} requests in one second (${calm.calls} at most in calm traffic)`,
    });
  return evidence;
};

/** Clients that hang up though nothing is late do it of their own will. */
const hungUp = (figures: EdgeFigures): readonly Evidence[] => {
  const late = [figures.meanMs, figures.firstByteMs, figures.upstreamMs].some(
    ({ z, calm, fault }) => z >= SURE_Z && fault > 1.2 * calm,
  );
  return late ? [] : moreOften("load", figures.failures.aborted, "clients hung up");
};

const connected = ({ client, sides, touched }: Front): readonly Evidence[] => {
  const opened = (seconds: readonly number[]): number =>
    seconds.reduce((most, at) => Math.max(most, client.get(at)?.connections ?? 0), 0);
  const [calm, fault] = [opened([...sides.calm.keys()]), opened(touched)];
  // Each call may open one: what is beyond calls is held for its own sake.
  const calls = peaks(client, sides.fault).calls;
  if (fault <= 2 * calm + 10 || fault <= 1.5 * calls) return [];
  return [
    {
      kind: "load",
      strength: 0.6,
      reason: `clients opened ${fault} connections in one second (${calm} at most in calm traffic)`,
    },
  ];
};

/** Silences inside answers, beyond those of dependencies and what the service itself took longer. */
const silences = (
  { gapMs, upstreamMs }: EdgeFigures,
  dependencies: readonly EdgeFigures[],
): readonly Evidence[] => {
  const explained = Math.max(increase(upstreamMs), ...dependencies.map((each) => increase(each.gapMs)));
  const own: Figure = { ...gapMs, fault: Math.max(gapMs.calm, gapMs.fault - explained) };
  return own.fault <= own.calm
    ? []
    : later("client-view", own, "silences inside answers that nobody behind makes", OF_GAPS_MS);
};

/** Pieces of answers come a few times as far apart as this, on any machine. */
const OF_GAPS_MS = 50;

export const clientEvidence = (
  front: Front,
  figures: EdgeFigures,
  dependencies: readonly EdgeFigures[],
): readonly Evidence[] => {
  const { answers, sides } = front;
  const unseen = unseenFigure(front);
  const failed = shareFigure(answersIn(answers, sides.calm), answersIn(answers, sides.fault));
  const seen = Object.values(figures.failures).reduce((sum, figure) => sum + increase(figure), 0);
  return [
    ...strongest([
      ...moreOften("edge-itself", figures.keptBack, "never passed on to the service"),
      ...moreOften("edge-itself", figures.failures.cut, "cut on the way"),
      ...moreOften("edge-itself", unseen, "requests that never arrived"),
    ]),
    ...later("edge-itself", added(figures), "answers, by what the edge adds to the service's time,"),
    ...silences(figures, dependencies),
    ...moreOften("client-view", failed, "answers that only clients found bad", seen + increase(unseen)),
    ...offeredLoad(front, figures),
    ...hungUp(figures),
    ...connected(front),
  ];
};
