/**
 * Observations by column: 60,000 of them fit well under a megabyte once compressed. Times are kept to 0.01 ms, finer than
 * any clock involved; texts that repeat (ids, outcomes, answer hashes) are kept once and named by number.
 */
import type { Observation } from "../../core/observation.ts";
import { OUTCOMES, type Outcome } from "../../core/outcome.ts";

/** Steps per ms. */
const STEPS = 100;
/** More than any run can plan; a forged count ends here instead of in memory. */
export const MAX_OBSERVATIONS = 2_000_000;
const MAX_TEXT = 256;

const NUMBER_COLUMNS = ["window", "slot", "repetition", "status", "chunks", "bytes"] as const;
/** Differences from row to row stay small where values climb. */
const CLIMBING = new Set<string>(["window", "slot"]);

export interface Columns {
  readonly count: number;
  readonly requestIds: readonly string[];
  readonly answerHashes: readonly string[];
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

const steps = (ms: number): number => Math.round(ms * STEPS);

/** Running differences: equal spacing becomes a run of one number. */
const differences = (values: readonly number[]): number[] =>
  values.map((value, index) => value - (values[index - 1] ?? 0));

const dictionary = (values: readonly string[]): { readonly texts: string[]; readonly places: number[] } => {
  const known = new Map<string, number>();
  const places = values.map((value) => {
    const place = known.get(value) ?? known.size;
    known.set(value, place);
    return place;
  });
  return { texts: [...known.keys()], places };
};

export const toColumns = (observations: readonly Observation[]): Columns => {
  const ids = dictionary(observations.map((row) => row.requestId));
  const hashes = dictionary(observations.map((row) => row.answerHash));
  const columns: Record<string, (number | null)[]> = {
    requestId: ids.places,
    answerHash: hashes.places,
    outcome: observations.map((row) => OUTCOMES.indexOf(row.outcome)),
    hit: observations.map((row) => (row.hit ? 1 : 0)),
    scheduledMs: differences(observations.map((row) => steps(row.scheduledMs))),
    lagMs: observations.map((row) => steps(row.lagMs)),
    latencyMs: observations.map((row) => steps(row.latencyMs)),
    // Before the end of the answer: near zero, and often the same, where answers come in one piece.
    ttftMs: observations.map((row) =>
      row.ttftMs === null ? null : steps(row.latencyMs) - steps(row.ttftMs),
    ),
    maxGapMs: observations.map((row) => (row.maxGapMs === null ? null : steps(row.maxGapMs))),
  };
  for (const name of NUMBER_COLUMNS) {
    const values = observations.map((row) => row[name]);
    columns[name] = CLIMBING.has(name) ? differences(values) : values;
  }
  return {
    count: observations.length,
    requestIds: ids.texts,
    answerHashes: hashes.texts,
    columns,
  };
};

/** What is wrong with stored columns. */
export class ColumnsError extends Error {
  override readonly name = "ColumnsError";
}

const column = (stored: Columns, name: string): readonly (number | null)[] => {
  const values: unknown = Object.hasOwn(stored.columns, name) ? stored.columns[name] : undefined;
  if (!Array.isArray(values)) throw new ColumnsError(`column ${name} is missing`);
  if (values.length !== stored.count) {
    throw new ColumnsError(`column ${name} has ${values.length} rows where ${stored.count} are announced`);
  }
  return values as readonly (number | null)[];
};

/** Whole numbers, as they are all stored; the largest is far below what a double holds exactly. */
const isStored = (value: unknown): value is number => Number.isSafeInteger(value);

const numbers = (stored: Columns, name: string): number[] =>
  column(stored, name).map((value, row) => {
    if (!isStored(value)) throw new ColumnsError(`column ${name}, row ${row}: not a whole number`);
    return value;
  });

const optional = (stored: Columns, name: string): (number | null)[] =>
  column(stored, name).map((value, row) => {
    if (value !== null && !isStored(value)) {
      throw new ColumnsError(`column ${name}, row ${row}: neither a whole number nor null`);
    }
    return value;
  });

const sums = (values: readonly number[]): number[] => {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
};

const lookup = (stored: Columns, name: string, texts: readonly unknown[]): string[] =>
  numbers(stored, name).map((place, row) => {
    const text = texts[place];
    if (typeof text !== "string" || text.length > MAX_TEXT) {
      throw new ColumnsError(`column ${name}, row ${row}: names a text that is not there`);
    }
    return text;
  });

/** One column of whole numbers within its bounds. */
const within = (name: string, values: readonly number[], least: number, most: number): readonly number[] => {
  values.forEach((value, row) => {
    if (!(value >= least && value <= most)) {
      throw new ColumnsError(`column ${name}, row ${row}: ${value} is outside ${least}..${most}`);
    }
  });
  return values;
};

const OUTCOME_TEXTS: readonly Outcome[] = OUTCOMES;
/** A day, in steps: no window is longer. */
const DAY = 86_400_000 * STEPS;

/**
 * @param windows how many windows the profile has; -1 is the calm pass
 * @throws ColumnsError where columns are missing, uneven, out of bounds or of the wrong type
 */
export const fromColumns = (stored: Columns, windows: number): Observation[] => {
  if (stored.count > MAX_OBSERVATIONS) {
    throw new ColumnsError(
      `${stored.count} observations are announced; at most ${MAX_OBSERVATIONS} are read`,
    );
  }
  const whole = Number.MAX_SAFE_INTEGER;
  const window = within("window", sums(numbers(stored, "window")), -1, windows - 1);
  const slot = within("slot", sums(numbers(stored, "slot")), 0, whole);
  const repetition = within("repetition", numbers(stored, "repetition"), 0, whole);
  const status = within("status", numbers(stored, "status"), 0, 999);
  const chunks = within("chunks", numbers(stored, "chunks"), 0, whole);
  const bytes = within("bytes", numbers(stored, "bytes"), 0, whole);
  const outcome = within("outcome", numbers(stored, "outcome"), 0, OUTCOME_TEXTS.length - 1);
  const hit = within("hit", numbers(stored, "hit"), 0, 1);
  const scheduled = within("scheduledMs", sums(numbers(stored, "scheduledMs")), -DAY, DAY);
  const lag = within("lagMs", numbers(stored, "lagMs"), -DAY, DAY);
  const latency = within("latencyMs", numbers(stored, "latencyMs"), -DAY, DAY);
  const beforeEnd = optional(stored, "ttftMs");
  const gap = optional(stored, "maxGapMs");
  const ids = lookup(stored, "requestId", stored.requestIds);
  const hashes = lookup(stored, "answerHash", stored.answerHashes);
  return Array.from({ length: stored.count }, (_, row) => {
    const end = latency[row] ?? 0;
    const early = beforeEnd[row] ?? null;
    const longest = gap[row] ?? null;
    return {
      window: window[row] ?? 0,
      slot: slot[row] ?? 0,
      requestId: ids[row] ?? "",
      repetition: repetition[row] ?? 0,
      scheduledMs: (scheduled[row] ?? 0) / STEPS,
      lagMs: (lag[row] ?? 0) / STEPS,
      ttftMs: early === null ? null : (end - early) / STEPS,
      latencyMs: end / STEPS,
      outcome: OUTCOME_TEXTS[outcome[row] ?? 0] ?? "unsent",
      status: status[row] ?? 0,
      hit: hit[row] === 1,
      maxGapMs: longest === null ? null : longest / STEPS,
      chunks: chunks[row] ?? 0,
      bytes: bytes[row] ?? 0,
      answerHash: hashes[row] ?? "",
    };
  });
};
