/**
 * Numbers with units, in the same words on every surface and in the judge's headline.
 *
 *   value 812 ms, 1.9 s, 6.1 %, 1.25      change +5.7 points, -40 ms      interval +3.9..+7.6
 */
import type { Comparison, MetricUnit } from "../verdict.ts";

/** What stands where nothing was measured. */
export const NOT_MEASURED = "n/a";

/** `digits` decimals at most, without trailing zeros, never "-0". */
const plain = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  const trimmed = digits > 0 ? text.replace(/\.?0+$/, "") : text;
  return trimmed === "-0" ? "0" : trimmed;
};

const signed = (text: string): string => (text.startsWith("-") || text === "0" ? text : `+${text}`);

/** Decimals that leave two or three telling digits. */
const decimalsFor = (magnitude: number): number => {
  if (magnitude === 0 || magnitude >= 99.95) return 0;
  if (magnitude >= 0.095) return 1;
  return magnitude >= 0.0095 ? 2 : 3;
};

/** "0.4 ms", "812 ms", "1.9 s", "12.3 s", "2 min 5 s". Infinity is a request that had no answer by its deadline. */
export const formatMs = (ms: number): string => {
  if (Number.isNaN(ms)) return NOT_MEASURED;
  if (!Number.isFinite(ms)) return ms > 0 ? "past the deadline" : NOT_MEASURED;
  const size = Math.abs(ms);
  if (size < 999.5) return `${plain(ms, size >= 9.95 ? 0 : decimalsFor(size))} ms`;
  if (size < 119_500) return `${plain(ms / 1000, size < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(size / 1000);
  const rest = seconds % 60;
  return `${ms < 0 ? "-" : ""}${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
};

/** A share 0..1 as "6.1 %"; 0.00025 as "0.03 %". */
export const formatShare = (share: number): string =>
  Number.isFinite(share) ? `${plain(share * 100, decimalsFor(Math.abs(share * 100)))} %` : NOT_MEASURED;

/** A difference of shares, -1..1, as "+5.7 points" (percentage points). */
export const formatPoints = (change: number): string => {
  const number = boundText(change * 100, decimalsFor(Math.abs(change * 100)));
  return `${number} ${number === "+1" || number === "-1" ? "point" : "points"}`;
};

/** A ratio of counts such as calls per request: "1.25". */
export const formatRatio = (ratio: number): string =>
  Number.isFinite(ratio) ? plain(ratio, Math.abs(ratio) >= 99.5 ? 0 : 2) : NOT_MEASURED;

/** A count: "3", "12,000". */
export const formatCount = (count: number): string => {
  if (!Number.isFinite(count)) return NOT_MEASURED;
  const [whole = "0", fraction] = plain(Math.abs(count), 1).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${count < 0 && grouped !== "0" ? "-" : ""}${grouped}${fraction === undefined ? "" : `.${fraction}`}`;
};

/** "1 run", "12,000 requests". */
export const formatCounted = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "5 hours old", "2 days old". A clock may be a little ahead of another; an age that is no number is unknown. */
export const formatAge = (ageMs: number): string => {
  if (!Number.isFinite(ageMs) || ageMs < -DAY_MS) return "of unknown age";
  if (ageMs < MINUTE_MS) return "less than a minute old";
  if (ageMs < HOUR_MS) return `${formatCounted(Math.floor(ageMs / MINUTE_MS), "minute")} old`;
  if (ageMs < 2 * DAY_MS) return `${formatCounted(Math.floor(ageMs / HOUR_MS), "hour")} old`;
  return `${formatCounted(Math.floor(ageMs / DAY_MS), "day")} old`;
};

/** Processor use: "0.25 cores", "1 core". */
export const formatCores = (cores: number): string => {
  const number = formatRatio(cores);
  return number === NOT_MEASURED ? number : `${number} ${number === "1" ? "core" : "cores"}`;
};

/** Memory in binary units: "85.2 MiB", "1.5 GiB". */
export const formatBytes = (bytes: number): string => {
  if (!Number.isFinite(bytes)) return NOT_MEASURED;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
  let place = 0;
  let value = bytes;
  while (Math.abs(value) >= 1023.5 && place < units.length - 1) {
    value /= 1024;
    place++;
  }
  return `${plain(value, place > 0 && Math.abs(value) < 99.95 ? 1 : 0)} ${units[place]}`;
};

/** A level: what base or head shows. */
export const formatValue = (value: number | null, unit: MetricUnit): string => {
  if (value === null) return NOT_MEASURED;
  switch (unit) {
    case "ms":
      return formatMs(value);
    case "share":
      return formatShare(value);
    case "ratio":
      return formatRatio(value);
    case "count":
      return formatCount(value);
    case "bytes":
      return formatBytes(value);
    case "bytes/s":
      return `${formatBytes(value)}/s`;
  }
};

/** One signed number of a change; infinities are written as what they mean. */
const boundText = (value: number, digits: number): string => {
  if (Number.isNaN(value)) return NOT_MEASURED;
  if (value === Number.POSITIVE_INFINITY) return "+unlimited";
  if (value === Number.NEGATIVE_INFINITY) return "-unlimited";
  return signed(plain(value, digits));
};

const BINARY = [
  { factor: 1 / 1024 ** 3, suffix: " GiB", from: 1024 ** 3 },
  { factor: 1 / 1024 ** 2, suffix: " MiB", from: 1024 ** 2 },
  { factor: 1 / 1024, suffix: " KiB", from: 1024 },
] as const;

interface ChangeScale {
  readonly factor: number;
  readonly suffix: string;
  readonly digits: number;
}

/** One scale for a change and its interval, so that their numbers can be read side by side. */
const changeScale = (unit: MetricUnit, values: readonly number[]): ChangeScale => {
  const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  switch (unit) {
    case "ms":
      return largest >= 999.5
        ? { factor: 1 / 1000, suffix: " s", digits: 2 }
        : { factor: 1, suffix: " ms", digits: largest >= 9.95 ? 0 : decimalsFor(largest) };
    case "share":
      return { factor: 100, suffix: " points", digits: decimalsFor(largest * 100) };
    case "ratio":
      return { factor: 1, suffix: "", digits: 2 };
    case "count":
      return { factor: 1, suffix: "", digits: 1 };
    case "bytes":
    case "bytes/s": {
      const { factor, suffix } = BINARY.find(({ from }) => largest >= from) ?? { factor: 1, suffix: " B" };
      return { factor, suffix: `${suffix}${unit === "bytes" ? "" : "/s"}`, digits: factor === 1 ? 0 : 1 };
    }
  }
};

/** A signed difference: "+40 ms", "+5.7 points", "-0.25". */
export const formatChange = (change: number | null, unit: MetricUnit): string => {
  if (change === null) return NOT_MEASURED;
  if (unit === "share") return formatPoints(change);
  const scale = changeScale(unit, [change]);
  return `${boundText(change * scale.factor, scale.digits)}${scale.suffix}`;
};

/** "+3.9..+7.6 points". */
export const formatInterval = (interval: readonly [number, number], unit: MetricUnit): string => {
  const scale = changeScale(unit, interval);
  const [low, high] = interval.map((bound) => boundText(bound * scale.factor, scale.digits));
  return `${low}..${high}${scale.suffix}`;
};

interface ChangeParts {
  readonly change: string;
  readonly interval: string | null;
}

/** Both on one scale, the unit said once, at the change. */
const changeParts = (
  change: number,
  interval: readonly [number, number] | null,
  unit: MetricUnit,
): ChangeParts => {
  if (interval === null) return { change: formatChange(change, unit), interval: null };
  const scale = changeScale(unit, [change, ...interval]);
  const [at = "", low, high] = [change, ...interval].map((value) =>
    boundText(value * scale.factor, scale.digits),
  );
  const suffix = unit === "share" && (at === "+1" || at === "-1") ? " point" : scale.suffix;
  return { change: `${at}${suffix}`, interval: `${low}..${high}` };
};

/** "+5.7 points, 95 % CI +3.9..+7.6". */
export const formatChangeWithInterval = (
  change: number | null,
  interval: readonly [number, number] | null,
  unit: MetricUnit,
): string => {
  if (change === null) return NOT_MEASURED;
  const parts = changeParts(change, interval, unit);
  return parts.interval === null ? parts.change : `${parts.change}, 95 % CI ${parts.interval}`;
};

/** "+5.7 points (+3.9..+7.6)", for a column whose title says what the brackets hold. */
export const formatChangeCell = (
  change: number | null,
  interval: readonly [number, number] | null,
  unit: MetricUnit,
): string => {
  if (change === null) return NOT_MEASURED;
  const parts = changeParts(change, interval, unit);
  return parts.interval === null ? parts.change : `${parts.change} (${parts.interval})`;
};

/** What was allowed, as a change: "+1 point", "+10 ms". */
export const formatMargin = (margin: number | null, unit: MetricUnit): string => {
  if (margin === null || unit !== "share") return formatChange(margin, unit);
  // Written by a person, such as 0.25 points: not rounded as a measurement is.
  const number = boundText(margin * 100, 2);
  return `${number} ${number === "+1" ? "point" : "points"}`;
};

/** As `formatMargin`, with the sign of what would be worse. */
export const formatAllowed = ({
  margin,
  unit,
  moreIsBetter,
}: Pick<Comparison, "margin" | "unit" | "moreIsBetter">): string =>
  formatMargin(margin === null || moreIsBetter !== true ? margin : -margin, unit);

/** The smallest change that could have been seen; of what is better when it is more, a loss. */
export const formatVisible = ({
  smallestVisible,
  unit,
  moreIsBetter,
}: Pick<Comparison, "smallestVisible" | "unit" | "moreIsBetter">): string =>
  formatChange(smallestVisible === null || moreIsBetter !== true ? smallestVisible : -smallestVisible, unit);

/** A 32-bit or larger seed, as it is typed after --seed. */
export const formatSeed = (seed: number): string => String(seed);
