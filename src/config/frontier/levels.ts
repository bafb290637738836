/** The range of a frontier: what its ends are counted in, and the grid between them. */
import type { FrontierRange } from "../../core/frontier/range.ts";
import type { MetricUnit } from "../../core/metric-unit.ts";
import { type Reading, readByteRate, readDuration, readRatio, readShare, readSize } from "../quantities.ts";

/** How one kind of quantity is read and written. */
interface Quantity {
  readonly unit: MetricUnit;
  readonly read: (value: unknown) => Reading<number>;
  readonly write: (value: number) => string | number;
  /** Only whole ones make sense. */
  readonly whole: boolean;
}

const percentage = (value: unknown): Reading<number> =>
  typeof value === "string" && value.trim().endsWith("%")
    ? readShare(value)
    : { ok: false, message: "not a percentage" };

const QUANTITIES: readonly Quantity[] = [
  { unit: "ms", read: readDuration, write: (value) => `${value}ms`, whole: false },
  { unit: "bytes/s", read: readByteRate, write: (value) => `${value}B/s`, whole: true },
  { unit: "bytes", read: readSize, write: (value) => `${value}B`, whole: true },
  { unit: "share", read: percentage, write: (value) => value, whole: false },
  { unit: "ratio", read: readRatio, write: (value) => value, whole: false },
];

/** Steps between the ends: the frontier is known to about a thirtieth of the range. */
const LEVELS = 32;
/** Ends so many times apart are divided by ratio, not by difference. */
const GEOMETRIC_FROM = 8;

export interface Ends {
  readonly quantity: Quantity;
  readonly from: number;
  readonly to: number;
}

/** Written with the same unit. */
const looksAlike = (one: unknown, other: unknown): boolean => {
  const unit = (value: unknown): string => String(value).replace(/^[\s\d.]+/, "");
  return unit(one) === unit(other);
};

const isZero = (value: unknown): boolean => value === 0 || value === "0";

/** What is wrong with one end, where the other says what it should be. */
export interface BrokenEnd {
  readonly end: "from" | "to";
  readonly message: string;
}

/** Both ends in one kind of quantity; a bare 0 is one of every kind. */
export const readEnds = (from: unknown, to: unknown): Ends | BrokenEnd => {
  let broken: BrokenEnd = { end: "to", message: "from and to are no two quantities of one kind" };
  for (const quantity of QUANTITIES) {
    const read = (value: unknown, other: unknown): Reading<number> =>
      isZero(value) && quantity.read(other).ok ? { ok: true, value: 0 } : quantity.read(value);
    const [low, high] = [read(from, to), read(to, from)];
    if (low.ok && high.ok) return { quantity, from: low.value, to: high.value };
    // A value of the right kind that is wrong in itself, such as 200%.
    if (low.ok && !high.ok && looksAlike(from, to)) broken = { end: "to", message: high.message };
    if (high.ok && !low.ok && looksAlike(from, to)) broken = { end: "from", message: low.message };
  }
  return broken;
};

const rounded = (value: number, whole: boolean): number => {
  const short = Number(value.toPrecision(3));
  return whole ? Math.round(short) : short;
};

/**
 * The grid, weakest first, `from` itself left out.
 *
 * @param whole only whole numbers: of a count, whatever its ends are written in
 */
export const levelsOf = ({ quantity, from, to }: Ends, whole: boolean): FrontierRange["levels"] => {
  const ratio = Math.max(from, to) / Math.min(from, to);
  const at = (part: number): number =>
    ratio >= GEOMETRIC_FROM && Number.isFinite(ratio)
      ? from * (to / from) ** part
      : from + (to - from) * part;
  const levels = Array.from({ length: LEVELS }, (_, place) =>
    place === LEVELS - 1 ? to : rounded(at((place + 1) / LEVELS), whole || quantity.whole),
  );
  const between = (level: number): boolean =>
    to > from ? level > from && level <= to : level < from && level >= to;
  return [...new Set(levels)].filter(between);
};
