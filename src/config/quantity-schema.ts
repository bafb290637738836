import * as z from "zod";
import {
  BYTE_RATE_FORM,
  DURATION_FORM,
  LATENCY_MARGIN_FORM,
  POINTS_FORM,
  RATE_FORM,
  RATIO_MARGIN_FORM,
  type ReadQuantity,
  readByteRate,
  readDuration,
  readLatencyMargin,
  readPoints,
  readRate,
  readRatioMargin,
  readShare,
  readSize,
  SHARE_FORM,
  SIZE_FORM,
} from "./quantities.ts";

/** What a custom issue carries; turned into a Problem in issues.ts. */
export interface IssueParams {
  readonly allowed?: string;
  readonly remedy?: string;
  readonly nearest?: string;
}

type JsonType = "string" | "number" | "integer" | "boolean" | "array" | "object";

/**
 * A zod schema around a reader. The JSON Schema sees `type` and the form as description; the parsed value is the
 * reader's, so units are gone behind the door.
 */
export const quantity = <T>(
  read: ReadQuantity<T>,
  form: string,
  description: string,
  type: JsonType | readonly JsonType[] = "string",
) =>
  z
    .unknown()
    .transform((value, context): T => {
      const reading = read(value);
      if (reading.ok) return reading.value;
      const params: IssueParams =
        reading.remedy === undefined ? { allowed: form } : { allowed: form, remedy: reading.remedy };
      context.addIssue({ code: "custom", message: reading.message, input: value, params: { ...params } });
      return z.NEVER;
    })
    .meta({ description: `${description} (${form})`, type });

type Bounds = {
  readonly above?: number;
  readonly least?: number;
  readonly most?: number;
  readonly says: string;
};

const bounded =
  (read: ReadQuantity<number>, bounds: Bounds): ReadQuantity<number> =>
  (value) => {
    const reading = read(value);
    if (!reading.ok) return reading;
    const { above = Number.NEGATIVE_INFINITY, least = Number.NEGATIVE_INFINITY, most = Infinity } = bounds;
    const fits = reading.value > above && reading.value >= least && reading.value <= most;
    return fits ? reading : { ok: false, message: bounds.says };
  };

const DAY_MS = 86_400_000;

/** ms, 0 or more, at most a day. */
export const duration = (description: string) =>
  quantity(bounded(readDuration, { most: DAY_MS, says: "longer than a day" }), DURATION_FORM, description);

/** ms, above 0. */
export const positiveDuration = (description: string) =>
  quantity(
    bounded(readDuration, { above: 0, most: DAY_MS, says: "must be above 0 and at most a day" }),
    DURATION_FORM,
    description,
  );

/** ms, above 0, up to ten years: how old something may be. */
export const age = (description: string) =>
  quantity(
    bounded(readDuration, { above: 0, most: 3650 * DAY_MS, says: "must be above 0 and at most 3650 days" }),
    'a duration with a unit, such as "12h" or "30d"',
    description,
  );

/** ms, either sign: "-1h", "+5m". */
export const signedDuration = (description: string) =>
  quantity(
    (value) => {
      const match = typeof value === "string" ? /^\s*([+-])\s*(.*)$/s.exec(value) : null;
      const reading = readDuration(match === null ? value : match[2]);
      return reading.ok && match?.[1] === "-" ? { ok: true, value: -reading.value } : reading;
    },
    `${DURATION_FORM}, with + or - before it`,
    description,
  );

/** Per second, above 0. */
export const rate = (description: string) =>
  quantity(
    bounded(readRate, { above: 0, most: 100_000, says: "must be above 0/s and at most 100000/s" }),
    RATE_FORM,
    description,
  );

/** Bytes, at least `least.bytes` (in words `least.says`), with a unit. */
export const size = (description: string, least = { bytes: 1, says: "1B" }) =>
  quantity(
    bounded(readSize, { least: least.bytes, most: 2 ** 50, says: `must be at least ${least.says}` }),
    SIZE_FORM,
    description,
  );

/** Bytes where the key already says so: a plain whole number, or a size with a unit. */
export const byteCount = (description: string, least = 0) =>
  quantity(
    bounded(
      (value) =>
        typeof value === "number" && Number.isInteger(value) ? { ok: true, value } : readSize(value),
      { least, most: 2 ** 50, says: `must be at least ${least}` },
    ),
    'a number of bytes, such as 4096 or "4KiB"',
    description,
    ["string", "integer"],
  );

export const byteRate = (description: string) =>
  quantity(
    bounded(readByteRate, { above: 0, most: 2 ** 50, says: "must be above 0B/s" }),
    BYTE_RATE_FORM,
    description,
  );

/** 0..1 */
export const share = (description: string) =>
  quantity(readShare, SHARE_FORM, description, ["string", "number"]);

/** Above 0, at most 1. */
export const positiveShare = (description: string) =>
  quantity(
    bounded(readShare, { above: 0, says: "must be above 0: a share of 0 strikes nothing" }),
    SHARE_FORM,
    description,
    ["string", "number"],
  );

export const points = (description: string) =>
  quantity(bounded(readPoints, { above: 0, says: "must be above 0" }), POINTS_FORM, description, [
    "string",
    "number",
  ]);

export const latencyMargin = (description: string) =>
  quantity(readLatencyMargin, LATENCY_MARGIN_FORM, description);
export const ratioMargin = (description: string) => quantity(readRatioMargin, RATIO_MARGIN_FORM, description);

/** A whole number between two bounds, both included. */
export const whole = (description: string, least: number, most = 1_000_000) =>
  quantity(
    (value) =>
      typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
        ? { ok: true, value }
        : { ok: false, message: `must be a whole number between ${least} and ${most}` },
    `a whole number between ${least} and ${most}`,
    description,
    "integer",
  );

/** Text; plain YAML numbers and booleans are taken as their text, since `PORT: 8000` is meant so. */
export const scalarText = (description: string) =>
  quantity<string>(
    (value) => {
      if (typeof value === "string") return { ok: true, value };
      if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)))
        return { ok: true, value: String(value) };
      return { ok: false, message: "must be a text" };
    },
    "a text",
    description,
    ["string", "number", "boolean"],
  );

export const text = (description: string) => z.string().min(1).max(4096).meta({ description });
