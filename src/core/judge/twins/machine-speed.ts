/**
 * What the machine did to a run: how its calm answers differ from those of the baseline runs, request by request. Taken
 * away from every latency before twins are compared, so that a slower runner is not a slower change (METHOD 4).
 */
import type { Scale } from "../../fault-catalogue.ts";
import { clusteredSample } from "../../statistics/cluster-quantile.ts";
import { medianOf, quantileOf } from "../../statistics/quantile.ts";
import type { RunSample, ScoredRow } from "../context.ts";
import { medianDesignEffect, medianError } from "./median-error.ts";
import { pairRows } from "./pairs.ts";

export type Measure = "latency" | "ttft";

/** ms: of an answer its latency, of a failure the time until it; null: no content came. */
export const measured = (row: ScoredRow, measure: Measure): number | null => {
  if (measure === "ttft") return row.observation.ttftMs;
  return row.failed ? row.observation.latencyMs : row.latencyMs;
};

export interface MachineSpeed {
  /** Median calm latency of this request in the baseline, ms. */
  typicalMs(requestId: string): number;
  /** Turns a run's latency of a request into what it would be at the speed of the baseline's typical run, ms. */
  normaliser(run: RunSample, scale: Scale): (typicalMs: number, valueMs: number) => number;
  /** Standard errors of the head's calm difference: ms, and relative. */
  readonly seMs: number;
  readonly seRelative: number;
  /** Median calm latency of the baseline, ms. */
  readonly controlMs: number;
  /** The head's calm answers over the baseline's, before that is taken away. */
  readonly calmRatio: number;
  /**
   * 85 % of calm answers stray less than this from their request's median, in the head as in each baseline run, ms. The
   * largest of all: what it decides must treat both sides alike.
   */
  readonly calmScatterMs: number;
}

interface Shift {
  readonly interceptMs: number;
  readonly slope: number;
  readonly ratio: number;
}

interface Point {
  readonly run: ScoredRow;
  readonly consensusMs: number;
  readonly valueMs: number;
  readonly requestId: string;
}

/** Fewer calm pairs say nothing about a run's speed. */
const FEWEST_PAIRS = 12;
const FEWEST_IDS = 6;
/** Theil-Sen looks at every pair of ids: so many at most. */
const MOST_IDS = 150;
const NO_SHIFT: Shift = { interceptMs: 0, slope: 0, ratio: 1 };

const groupMedians = (points: readonly Point[]): readonly { readonly x: number; readonly y: number }[] => {
  const byId = new Map<string, { x: number[]; y: number[] }>();
  for (const point of points) {
    const group = byId.get(point.requestId) ?? { x: [], y: [] };
    group.x.push(point.consensusMs);
    group.y.push(point.valueMs - point.consensusMs);
    byId.set(point.requestId, group);
  }
  return [...byId.values()]
    .slice(0, MOST_IDS)
    .map(({ x, y }) => ({ x: medianOf(x) ?? 0, y: medianOf(y) ?? 0 }));
};

/** Robust line through the ids' median differences (Theil 1950, Sen 1968): a slower processor costs long requests more. */
const fitShift = (points: readonly Point[]): Shift => {
  if (points.length < FEWEST_PAIRS) return NO_SHIFT;
  const ids = groupMedians(points);
  const slopes: number[] = [];
  if (ids.length >= FEWEST_IDS) {
    for (const [index, a] of ids.entries()) {
      for (const b of ids.slice(index + 1)) {
        if (Math.abs(b.x - a.x) > 1) slopes.push((b.y - a.y) / (b.x - a.x));
      }
    }
  }
  const slope = Math.max(-0.9, medianOf(slopes) ?? 0);
  const rests = points.map(({ valueMs, consensusMs }) => valueMs - consensusMs * (1 + slope));
  const ratios = points.map(({ valueMs, consensusMs }) => valueMs / Math.max(consensusMs, 0.01));
  return { slope, interceptMs: medianOf(rests) ?? 0, ratio: Math.max(0.01, medianOf(ratios) ?? 1) };
};

const goodValue = (row: ScoredRow, measure: Measure): number | null =>
  row.failed ? null : measured(row, measure);

/** A row names its run by index; only the rows know it. */
export const runsByIndex = (runs: readonly RunSample[], scenario: string): ReadonlyMap<number, RunSample> =>
  new Map(
    runs.flatMap((run) => {
      const row = run.samples.get(scenario)?.rows[0];
      return row === undefined ? [] : [[row.run, run] as const];
    }),
  );

/** Calm answers of the head and of every baseline run, each with the baseline's typical answer to the same request. */
const calmPoints = (
  head: RunSample,
  bases: readonly RunSample[],
  control: string,
  measure: Measure,
): ReadonlyMap<RunSample, readonly Point[]> => {
  const points = new Map<RunSample, Point[]>([head, ...bases].map((run) => [run, []]));
  const byIndex = runsByIndex(bases, control);
  for (const pair of pairRows(head.samples.get(control)?.rows ?? [], bases, control)) {
    const values = pair.bases.map((row) => goodValue(row, measure));
    const consensusMs = values.length === 1 ? values[0] : medianOf(values.filter((value) => value !== null));
    if (consensusMs === null || consensusMs === undefined) continue;
    const add = (run: RunSample | undefined, row: ScoredRow): void => {
      const valueMs = goodValue(row, measure);
      if (run !== undefined && valueMs !== null)
        points.get(run)?.push({ run: row, consensusMs, valueMs, requestId: pair.requestId });
    };
    add(head, pair.head);
    for (const row of pair.bases) add(byIndex.get(row.run), row);
  }
  return points;
};

const calmError = (values: readonly number[], blocks: readonly number[]): number => {
  if (values.length < FEWEST_PAIRS) return 0;
  const sample = clusteredSample(values, blocks);
  const { seDown, seUp } = medianError(sample, Math.max(1, medianDesignEffect(sample).effect));
  return (seDown + seUp) / 2;
};

/** Scatter is read where a tail of one in ten slow requests does not reach. */
const SCATTER_QUANTILE = 0.85;

/** How far a run's calm answers stray from the median of the same request's, ms. */
const scatterWithinIds = (run: RunSample, control: string, measure: Measure): number => {
  const byId = new Map<string, number[]>();
  for (const row of run.samples.get(control)?.rows ?? []) {
    const value = goodValue(row, measure);
    if (value === null) continue;
    const known = byId.get(row.observation.requestId) ?? [];
    known.push(value);
    byId.set(row.observation.requestId, known);
  }
  const scatter: number[] = [];
  for (const values of byId.values()) {
    const centre = medianOf(values) ?? 0;
    if (values.length > 1) for (const value of values) scatter.push(Math.abs(value - centre));
  }
  return scatter.length === 0 ? 0 : quantileOf(scatter, SCATTER_QUANTILE);
};

/** Not every caller reads every figure: computed when first read. */
const once = (compute: () => number): (() => number) => {
  let known: number | null = null;
  return () => {
    known ??= compute();
    return known;
  };
};

/** The speeds of a head and its baseline runs, from their calm twins. */
export const machineSpeed = (
  head: RunSample,
  bases: readonly RunSample[],
  control: string,
  measure: Measure,
): MachineSpeed => {
  const points = calmPoints(head, bases, control, measure);
  const shifts = new Map<RunSample, Shift>();
  for (const [run, calm] of points) shifts.set(run, fitShift(calm));
  const ofHead = points.get(head) ?? [];
  const shift = shifts.get(head) ?? NO_SHIFT;
  const typical = new Map<string, number>();
  const grouped = Map.groupBy(ofHead, (point) => point.requestId);
  for (const [id, group] of grouped) typical.set(id, medianOf(group.map((point) => point.consensusMs)) ?? 0);
  const controlMs = medianOf(ofHead.map((point) => point.consensusMs)) ?? 0;
  const blocks = ofHead.map((point) => point.run.block);
  const errorOf = (rest: (point: Point) => number): number => calmError(ofHead.map(rest), blocks);
  const seMs = once(() => errorOf((p) => p.valueMs - p.consensusMs * (1 + shift.slope)));
  const seRelative = once(() => errorOf((p) => p.valueMs / Math.max(p.consensusMs, 0.01) / shift.ratio));
  const scatterOf = (run: RunSample): number => scatterWithinIds(run, control, measure);
  const calmScatterMs = once(() => Math.max(...[head, ...bases].map(scatterOf)));
  return {
    typicalMs: (requestId) => typical.get(requestId) ?? controlMs,
    normaliser: (run, scale) => {
      const own = shifts.get(run) ?? NO_SHIFT;
      if (scale === "multiplicative") return (_, valueMs) => valueMs / own.ratio;
      return (there, valueMs) => {
        const here = Math.max(0.01, there * (1 + own.slope) + own.interceptMs);
        // A request cut short did part of its work, so part of the shift is in it.
        return valueMs >= here ? valueMs - here + there : (valueMs * there) / here;
      };
    },
    get seMs() {
      return seMs();
    },
    get seRelative() {
      return seRelative();
    },
    controlMs,
    calmRatio: shift.ratio,
    get calmScatterMs() {
      return calmScatterMs();
    },
  };
};

/** Speeds of the head and its twins by the calm scenario's name and the measure. */
export type SpeedOf = (control: string, measure: Measure) => MachineSpeed;

/** Pairs share machine and moment: a difference of their calm answers is the change's own, and stays. */
const unshifted = (speed: MachineSpeed): MachineSpeed => ({
  typicalMs: (requestId) => speed.typicalMs(requestId),
  normaliser: () => (_, valueMs) => valueMs,
  seMs: 0,
  seRelative: 0,
  controlMs: speed.controlMs,
  calmRatio: speed.calmRatio,
  get calmScatterMs() {
    return speed.calmScatterMs;
  },
});

/** Each speed is computed once. */
export const speedsOf = (head: RunSample, bases: readonly RunSample[], paired: boolean): SpeedOf => {
  const known = new Map<string, MachineSpeed>();
  return (control, measure) => {
    const key = `${measure}|${control}`;
    const own = (): MachineSpeed => machineSpeed(head, bases, control, measure);
    const speed = known.get(key) ?? (paired ? unshifted(own()) : own());
    known.set(key, speed);
    return speed;
  };
};
