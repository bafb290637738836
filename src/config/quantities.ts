/**
 * Quantities with units, as people write them, turned into the numbers the rest of squall works with. Every reader
 * takes anything and answers with a number or with what is wrong; none throws. A bare number where a unit is needed is
 * wrong, because "delay: 2" means seconds to one reader and milliseconds to the next.
 */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly remedy?: string };

export type ReadQuantity<T> = (value: unknown) => Reading<T>;

const good = <T>(value: T): Reading<T> => ({ ok: true, value });
const bad = <T>(message: string, remedy?: string): Reading<T> =>
  remedy === undefined ? { ok: false, message } : { ok: false, message, remedy };

const NUMBER = String.raw`(\d+(?:\.\d+)?|\.\d+)`;
const TOO_LONG = 64;

interface UnitTable {
  /** "a duration" */
  readonly noun: string;
  readonly units: Readonly<Record<string, number>>;
  /** Two units to offer for a bare number. */
  readonly offer: readonly [string, string];
}

/** A number directly followed by one of the table's units (a space between is fine). */
const withUnit = (table: UnitTable): ReadQuantity<number> => {
  const names = Object.keys(table.units);
  const pattern = new RegExp(`^${NUMBER}\\s*(\\S+)$`);
  return (value) => {
    const list = names.join(", ");
    if (typeof value === "number" || (typeof value === "string" && /^\s*[\d.]+\s*$/.test(value))) {
      const [first, second] = table.offer;
      return bad(
        `${table.noun} needs a unit`,
        `Write ${JSON.stringify(`${String(value).trim()}${first}`)} or ${JSON.stringify(`${String(value).trim()}${second}`)}.`,
      );
    }
    if (typeof value !== "string") return bad(`${table.noun} is a text with a unit`);
    const match = value.length > TOO_LONG ? null : pattern.exec(value.trim());
    if (match === null) return bad(`not ${table.noun}`);
    const unit = match[2] ?? "";
    const factor = Object.hasOwn(table.units, unit) ? table.units[unit] : undefined;
    if (factor === undefined) return bad(`"${unit.slice(0, 20)}" is no unit of ${table.noun}: use ${list}`);
    const result = Number(match[1]) * factor;
    // Decimal fractions of a unit must not leave binary dust: 1.1s is 1100 ms.
    return good(Math.round(result * 1e6) / 1e6);
  };
};

export const DURATION_FORM = 'a duration with a unit, such as "300ms", "2s", "1.5m" or "1h"';
/** ms */
export const readDuration: ReadQuantity<number> = withUnit({
  noun: "a duration",
  units: { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  offer: ["ms", "s"],
});

export const RATE_FORM = 'a rate with a unit, such as "30/s" or "600/min"';
/** Per second. */
export const readRate: ReadQuantity<number> = withUnit({
  noun: "a rate",
  units: { "/s": 1, "/min": 1 / 60, "/m": 1 / 60, "/h": 1 / 3600 },
  offer: ["/s", "/min"],
});

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1000,
  kB: 1000,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};
export const SIZE_FORM = 'a size with a unit, such as "512MiB", "64KB" or "100B"';
/** Bytes, a whole number. */
export const readSize: ReadQuantity<number> = (value) => {
  const reading = withUnit({ noun: "a size", units: SIZE_UNITS, offer: ["KiB", "MiB"] })(value);
  return reading.ok ? good(Math.round(reading.value)) : reading;
};

export const BYTE_RATE_FORM = 'bytes per second with a unit, such as "100KB/s" or "2MiB/s"';
/** Bytes per second. */
export const readByteRate: ReadQuantity<number> = withUnit({
  noun: "a byte rate",
  units: Object.fromEntries(Object.entries(SIZE_UNITS).map(([name, factor]) => [`${name}/s`, factor])),
  offer: ["KB/s", "MB/s"],
});

export const SHARE_FORM = 'a share, such as "20%" or 0.2';
/** 0..1 */
export const readShare: ReadQuantity<number> = (value) => {
  const match =
    typeof value === "string" && value.length <= TOO_LONG
      ? new RegExp(`^${NUMBER}\\s*(%?)$`).exec(value.trim())
      : null;
  if (typeof value !== "number" && match === null) return bad("not a share");
  const share = typeof value === "number" ? value : Number(match?.[1]) / (match?.[2] === "%" ? 100 : 1);
  if (!Number.isFinite(share) || share < 0) return bad("a share lies between 0 and 1 (0% and 100%)");
  if (share > 1)
    return bad("a share lies between 0 and 1 (0% and 100%)", share <= 100 ? `Write "${share}%".` : undefined);
  return good(Math.round(share * 1e12) / 1e12);
};

export const POINTS_FORM = 'percentage points, such as "1pt" or "0.5pt" (or a share such as 0.01)';
/** Percentage points as a share, 0..1: "1pt" is 0.01. */
export const readPoints: ReadQuantity<number> = (value) => {
  if (typeof value === "string" && value.length <= TOO_LONG) {
    const match = new RegExp(`^${NUMBER}\\s*(pts?|points?|pp)$`).exec(value.trim());
    if (match !== null) return readShare(`${match[1]}%`);
  }
  return readShare(value);
};

/** One part in a hundred and one absolute part: a difference counts when it exceeds both. */
export interface ReadMargin {
  readonly relative: number;
  readonly absolute: number;
}

/** `"10% and 10ms"`, in either order, or one part alone (the other is then 0). */
const readMargin =
  (readAbsolute: ReadQuantity<number>): ReadQuantity<ReadMargin> =>
  (value) => {
    if (typeof value !== "string" || value.length > TOO_LONG)
      return bad("a margin is a text of a percentage and an absolute part");
    let relative: number | undefined;
    let absolute: number | undefined;
    for (const part of value.split(/\s+and\s+|\s*,\s*/)) {
      const isShare = part.trim().endsWith("%");
      if (isShare ? relative !== undefined : absolute !== undefined)
        return bad("a margin has at most one percentage and one absolute part");
      const reading = isShare ? readShare(part) : readAbsolute(part);
      if (!reading.ok) return reading;
      if (isShare) relative = reading.value;
      else absolute = reading.value;
    }
    return good({ relative: relative ?? 0, absolute: absolute ?? 0 });
  };

export const LATENCY_MARGIN_FORM = 'a margin such as "10% and 10ms"';
/** `absolute` in ms. */
export const readLatencyMargin: ReadQuantity<ReadMargin> = readMargin(readDuration);

export const RATIO_FORM = "a number without a unit, such as 1.5";
/** A plain number of at least 0, also as text. */
export const readRatio: ReadQuantity<number> = (value) => {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text.length > TOO_LONG || !new RegExp(`^${NUMBER}$`).test(text.trim()))
    return bad("not a number of at least 0 without a unit");
  return good(Number(text));
};

export const RATIO_MARGIN_FORM = 'a margin such as "10% and 0.05"';
export const readRatioMargin: ReadQuantity<ReadMargin> = readMargin(readRatio);

export type Comparator = "<=" | ">=" | "<" | ">";
export interface ReadComparison {
  readonly comparator: Comparator;
  readonly limit: number;
}

/** `"<= 5s"`: a comparator and a quantity read by `readLimit`. */
export const readComparison =
  (readLimit: ReadQuantity<number>): ReadQuantity<ReadComparison> =>
  (value) => {
    if (typeof value !== "string" || value.length > TOO_LONG)
      return bad("a hypothesis is a text that begins with <=, >=, < or >");
    const match = /^\s*(<=|>=|<|>)\s*(.+?)\s*$/.exec(value);
    if (match === null) return bad("a hypothesis begins with <=, >=, < or >", `Write "<= ${value.trim()}".`);
    const limit = readLimit(match[2]);
    return limit.ok ? good({ comparator: match[1] as Comparator, limit: limit.value }) : limit;
  };
