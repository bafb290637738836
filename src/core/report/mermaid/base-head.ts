/** Which figures are drawn: the worst changed metric, base against head, under each fault that it was compared for. */
import type { MetricUnit } from "../../metric-unit.ts";
import type { Comparison, Result } from "../../verdict.ts";
import { changedCells, worstFirst } from "../summary.ts";

export interface BaseHead {
  readonly worst: Comparison;
  /** Worst first, `worst` before all; each has base or head. */
  readonly rows: readonly Comparison[];
  /** Those for which there was no room. */
  readonly leftOut: number;
  /** The largest finite figure, of the comparison's unit; at least `LEAST`. */
  readonly largest: number;
}

/** More, and less but 0, than any figure is: numbers that a diagram can show. */
const MOST = 1e15;
const LEAST = 1e-9;

/** Can it be a bar? Infinity, for a request without an answer, and what was not measured can not. */
export const isDrawable = (value: number | null): value is number =>
  value !== null && value >= 0 && value <= MOST;

/** @returns null where nothing changed, or nothing of it can be drawn */
export const baseAgainstHead = (result: Result, most: number): BaseHead | null => {
  const [worst] = changedCells(result);
  if (worst === undefined) return null;
  const { metric, edge, unit } = worst;
  const others = worstFirst(result).filter(
    (each) =>
      each !== worst &&
      each.metric === metric &&
      each.edge === edge &&
      each.unit === unit &&
      (each.base !== null || each.head !== null),
  );
  const all = [worst, ...others];
  const rows = all.slice(0, most);
  const largest = Math.max(0, ...rows.flatMap(({ base, head }) => [base, head]).filter(isDrawable));
  return largest < LEAST ? null : { worst, rows, leftOut: all.length - rows.length, largest };
};

export interface DrawnScale {
  readonly factor: number;
  readonly unit: string;
}

/** One scale for all bars of a diagram: ms or s, %, binary bytes. */
export const drawnScale = (unit: MetricUnit, largest: number): DrawnScale => {
  switch (unit) {
    case "ms":
      return largest >= 999.5 ? { factor: 1 / 1000, unit: "s" } : { factor: 1, unit: "ms" };
    case "share":
      return { factor: 100, unit: "%" };
    case "ratio":
    case "count":
      return { factor: 1, unit: "" };
    case "bytes":
    case "bytes/s": {
      const place = Math.min(4, Math.max(0, Math.floor(Math.log2(largest) / 10)));
      const name = ["B", "KiB", "MiB", "GiB", "TiB"][place] ?? "B";
      return { factor: 1024 ** -place, unit: unit === "bytes" ? name : `${name}/s` };
    }
  }
};
