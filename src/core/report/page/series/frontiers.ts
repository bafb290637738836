/** One search for a frontier as it is drawn: the range, every window that was tried, and where head and base give way. */
import { requestExpectation } from "../../../frontier/expectation.ts";
import { chanceThatItHolds } from "../../../frontier/posterior.ts";
import type { FrontierRange, FrontierStep } from "../../../frontier/range.ts";
import type { FrontierResult } from "../../../frontier/result.ts";
import type { FrontierRecord } from "../../../profile.ts";
import type { PageInput } from "../input.ts";

/** `unscored`: the window does not count. */
export type WindowOutcome = "held" | "not-held" | "unscored";

export interface TriedWindow {
  /** Place in the search, from 1. */
  readonly window: number;
  /** Of the parameter. */
  readonly value: number;
  readonly outcome: WindowOutcome;
  readonly requests: number;
  /** Requests that missed the expectation that was missed most, against what was allowed. */
  readonly missed: number;
}

export interface FrontierPlot {
  readonly frontier: FrontierResult;
  /** As the range was divided: by ratio or by difference. */
  readonly scale: "log" | "linear";
  /** Ascending. */
  readonly domain: readonly [number, number];
  /** Harmless end first, where less is harder the largest. */
  readonly ticks: readonly number[];
  /** In the order in which they were tried; empty where the run's samples are not at hand. */
  readonly windows: readonly TriedWindow[];
  /** What the base tolerates; null: not compared. */
  readonly base: number | null;
}

/** As the grid is made (`config/frontier/levels.ts`). */
const GEOMETRIC_FROM = 8;
/** Beyond this no scale has room. */
const MOST_VALUE = 1e15;
const TICKS = 4;

const outcomeOf = (step: FrontierStep, allowed: readonly number[]): WindowOutcome => {
  if (step.invalid !== undefined || step.requests === 0) return "unscored";
  const chances = step.beyond.map((k, place) => chanceThatItHolds(k, step.requests, allowed[place] ?? 0.5));
  return Math.min(1, ...chances) >= 0.5 ? "held" : "not-held";
};

const windowsOf = ({ range, expect, steps }: FrontierRecord, sloMs: number): readonly TriedWindow[] => {
  const allowed = expect.map((hypothesis) => requestExpectation(hypothesis, sloMs).allowed);
  return steps.flatMap((step, place) => {
    const value = range.levels[step.level];
    return value === undefined
      ? []
      : [
          {
            window: place + 1,
            value,
            outcome: outcomeOf(step, allowed),
            requests: step.requests,
            missed: Math.max(0, ...step.beyond),
          },
        ];
  });
};

/** Ends and quarters of the grid: values that were tried, evenly apart on its own scale. */
const ticksOf = ({ from, levels }: Pick<FrontierRange, "from" | "levels">): readonly number[] => {
  const all = [from, ...levels];
  const last = all.length - 1;
  const places = Array.from({ length: TICKS + 1 }, (_, part) => Math.round((part / TICKS) * last));
  return [...new Set(places.map((place) => all[place] ?? from))];
};

/** @returns those whose range can be drawn */
export const frontierPlots = ({
  result,
  head,
}: Pick<PageInput, "result" | "head">): readonly FrontierPlot[] =>
  (result.frontiers ?? []).flatMap((frontier) => {
    const { from, to, name } = frontier;
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    if (!(low < high && Math.abs(low) <= MOST_VALUE && Math.abs(high) <= MOST_VALUE)) return [];
    const record = head?.frontiers?.find((each) => each.name === name);
    const comparison = result.verdict.comparisons.find(
      ({ metric, scenario }) => metric === "frontier" && scenario === name,
    );
    const inside = (value: number): boolean => value >= low && value <= high;
    return [
      {
        frontier,
        scale: low > 0 && high / low >= GEOMETRIC_FROM ? "log" : "linear",
        domain: [low, high],
        ticks: ticksOf(record?.range ?? { from, levels: [to] }).filter(inside),
        windows:
          record === undefined || head === null
            ? []
            : windowsOf(record, head.sloMs).filter(({ value }) => inside(value)),
        base: comparison?.base ?? null,
      } satisfies FrontierPlot,
    ];
  });
