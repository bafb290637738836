/**
 * Standardisation by request id (METHOD 4): each id's own calm median of the same run is taken off (or divided out), so
 * that neither the mix of requests nor the machine's speed looks like a change.
 */
import type { Scale } from "../fault-catalogue.ts";
import { medianOf } from "../statistics/quantile.ts";
import type { JudgeContext, RunSample, ScoredRow, Side } from "./context.ts";
import { controlScenario, rowsOfRun } from "./context.ts";

/** Which time of a row is compared. */
export type Measure = "latency" | "ttft";

export const timeOf = (row: ScoredRow, measure: Measure): number =>
  measure === "latency" ? row.latencyMs : row.ttftMs;

/** Calm medians of one run: `of` falls back to the median over ids where an id has under three calm answers. */
interface CalmMedians {
  readonly of: (requestId: string) => number;
  readonly all: readonly number[];
}

const LEAST_CALM_ANSWERS = 3;

const calmMedians = (run: RunSample, control: string | null, measure: Measure): CalmMedians => {
  const byId = new Map<string, number[]>();
  for (const row of control === null ? [] : rowsOfRun(run, control)) {
    const time = timeOf(row, measure);
    if (!Number.isFinite(time)) continue;
    const known = byId.get(row.observation.requestId);
    if (known === undefined) byId.set(row.observation.requestId, [time]);
    else known.push(time);
  }
  const medians = new Map<string, number>();
  for (const [id, times] of byId) {
    if (times.length >= LEAST_CALM_ANSWERS) medians.set(id, medianOf(times) ?? 0);
  }
  const all = [...medians.values()];
  const fallback = medianOf(all) ?? medianOf([...byId.values()].flat()) ?? 0;
  return { of: (id) => medians.get(id) ?? fallback, all: all.length > 0 ? all : [fallback] };
};

/** Standardised times of a side's rows, in the rows' order; a failure stays +Infinity. */
export type Standardise = (
  side: Side,
  rows: readonly ScoredRow[],
  scale: Scale,
  measure: Measure,
) => Float64Array;

interface CalmReference {
  readonly bySide: ReadonlyMap<Side, readonly CalmMedians[]>;
  /** The baseline's typical calm time, for both sides (the head's own without one). */
  readonly cbar: number;
}

/** Calm medians are computed once a context, of the measures that are asked for. */
export const standardiser = (context: JudgeContext): Standardise => {
  const control = controlScenario(context)?.name ?? null;
  const sides = context.baseline === null ? [context.head] : [context.head, context.baseline];
  const known = new Map<Measure, CalmReference>();
  const referenceOf = (measure: Measure): CalmReference => {
    const bySide = new Map(
      sides.map((side) => [side, side.runs.map((run) => calmMedians(run, control, measure))]),
    );
    const own = bySide.get(context.baseline ?? context.head) ?? [];
    return { bySide, cbar: medianOf(own.flatMap((run) => run.all)) ?? 0 };
  };
  return (side, rows, scale, measure) => {
    const reference = known.get(measure) ?? referenceOf(measure);
    known.set(measure, reference);
    const { bySide, cbar } = reference;
    const runs = bySide.get(side) ?? [];
    const standardised = new Float64Array(rows.length);
    for (const [index, row] of rows.entries()) {
      const time = timeOf(row, measure);
      const calm = runs[row.run]?.of(row.observation.requestId) ?? cbar;
      if (scale === "additive") standardised[index] = time - calm + cbar;
      else standardised[index] = calm > 0 ? (time / calm) * cbar : time;
    }
    return standardised;
  };
};
