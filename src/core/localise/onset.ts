/** Which place deviated first. A series knows seconds: two places of one second deviated at the same time. */
import type { EdgeSecond } from "../profile.ts";
import type { EdgeSeries } from "./edge-figures.ts";
import { median } from "./figures.ts";
import type { SeenDeath, Span } from "./observed.ts";

type Signal = (second: number) => number | null;

const BEYOND = 1.5;

const errorsOf = (row: EdgeSecond | undefined): number | null =>
  row === undefined || row.calls === 0 ? null : row.errors / row.calls;

const latencyOf = (row: EdgeSecond | undefined): number | null => row?.p95Ms ?? null;

/** First second of a span with more than half as much again as the worst calm second; null: none. */
const firstBeyond = (signal: Signal, calm: Iterable<number>, span: Span, floor: number): number | null => {
  const worst = [...calm].reduce((most, second) => Math.max(most, signal(second) ?? 0), 0);
  for (let second = Math.floor(span.startMs / 1000); second * 1000 < span.endMs; second++) {
    const value = signal(second);
    if (value !== null && value > BEYOND * worst + floor) return Math.max(0, second * 1000 - span.startMs);
  }
  return null;
};

export interface OnsetInput {
  readonly series: EdgeSeries | undefined;
  readonly deaths: readonly SeenDeath[];
  readonly calm: ReadonlyMap<number, number>;
  readonly spans: readonly Span[];
}

/** Median over the windows, ms after their start; null: in fewer than half of them. */
export const onsetOf = ({ series, deaths, calm, spans }: OnsetInput): number | null => {
  const seconds = [...calm.keys()];
  const starts = spans.flatMap((span) => {
    const died = deaths.find(({ atMs }) => atMs >= span.startMs && atMs < span.endMs);
    const found = [
      died === undefined ? null : died.atMs - span.startMs,
      series === undefined ? null : firstBeyond((at) => errorsOf(series.get(at)), seconds, span, 0.02),
      series === undefined ? null : firstBeyond((at) => latencyOf(series.get(at)), seconds, span, 5),
    ].filter((each) => each !== null);
    return found.length === 0 ? [] : [Math.min(...found)];
  });
  return starts.length * 2 < spans.length || starts.length === 0 ? null : median(starts);
};
