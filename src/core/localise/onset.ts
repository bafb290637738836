/** Which place deviated first. A series knows seconds: two places of one second deviated at the same time. */
import type { EdgeSecond } from "../profile.ts";
import type { EdgeSeries } from "./edge-figures.ts";
import { median } from "./figures.ts";
import type { SeenDeath, Span } from "./observed.ts";

type Signal = (row: EdgeSecond | undefined) => number | null;

const BEYOND = 1.5;

const errorsOf = (row: EdgeSecond | undefined): number | null =>
  row === undefined || row.calls === 0 ? null : row.errors / row.calls;

const latencyOf = (row: EdgeSecond | undefined): number | null => row?.p95Ms ?? null;

/** First second of a span with more than half as much again as the worst calm second; null: none. */
const firstBeyond = (
  series: EdgeSeries,
  signal: Signal,
  calm: ReadonlyMap<number, number>,
  floor: number,
): ((span: Span) => number | null) => {
  const worst = [...calm.keys()].reduce((most, second) => Math.max(most, signal(series.get(second)) ?? 0), 0);
  const beyond = [...series.values()]
    .filter((row) => (signal(row) ?? 0) > BEYOND * worst + floor)
    .map(({ second }) => second * 1000)
    .sort((a, b) => a - b);
  return ({ startMs, endMs }) => {
    const found = beyond.find((atMs) => atMs + 1000 > startMs && atMs < endMs);
    return found === undefined ? null : Math.max(0, found - startMs);
  };
};

export interface OnsetInput {
  readonly series: EdgeSeries | undefined;
  readonly deaths: readonly SeenDeath[];
  readonly calm: ReadonlyMap<number, number>;
  readonly spans: readonly Span[];
}

/** Median over the windows, ms after their start; null: in fewer than half of them. */
export const onsetOf = ({ series, deaths, calm, spans }: OnsetInput): number | null => {
  const firsts =
    series === undefined
      ? []
      : [firstBeyond(series, errorsOf, calm, 0.02), firstBeyond(series, latencyOf, calm, 5)];
  const starts = spans.flatMap((span) => {
    const died = deaths.find(({ atMs }) => atMs >= span.startMs && atMs < span.endMs);
    const found = [
      died === undefined ? null : died.atMs - span.startMs,
      ...firsts.map((first) => first(span)),
    ].filter((each) => each !== null);
    return found.length === 0 ? [] : [Math.min(...found)];
  });
  return starts.length * 2 < spans.length || starts.length === 0 ? null : median(starts);
};
