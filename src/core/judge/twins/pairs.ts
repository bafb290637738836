import { type JudgeContext, type RunSample, rowsOf, rowsOfRun, type ScoredRow } from "../context.ts";

/** Request n of the head and request n of each baseline run with the same schedule. */
export interface TwinPair {
  readonly head: ScoredRow;
  /** At least one; run order. */
  readonly bases: readonly ScoredRow[];
  /** The head's window: pairs of one window share a moment. */
  readonly block: number;
  readonly requestId: string;
  readonly hit: boolean;
}

const exactKey = (row: ScoredRow): string =>
  `${row.round}:${row.slot}:${row.observation.requestId}:${row.hit ? 1 : 0}`;

/**
 * Rows by key. A window that was invalid and measured again has slots of its own, so what finds no exact twin is paired
 * by its place among the same scenario's, round's, request's and mark's rows.
 */
const nearKeys = (rows: readonly ScoredRow[]): ReadonlyMap<string, ScoredRow> => {
  const seen = new Map<string, number>();
  const keyed = new Map<string, ScoredRow>();
  const ordered = rows.toSorted((a, b) => a.window - b.window || a.slot - b.slot);
  for (const row of ordered) {
    const key = `${row.round}:${row.observation.requestId}:${row.hit ? 1 : 0}`;
    const place = seen.get(key) ?? 0;
    seen.set(key, place + 1);
    keyed.set(`${key}:${place}`, row);
  }
  return keyed;
};

const findMatches = (
  head: readonly ScoredRow[],
  base: readonly ScoredRow[],
): ReadonlyMap<ScoredRow, ScoredRow> => {
  const matched = new Map<ScoredRow, ScoredRow>();
  const exact = new Map(base.map((row) => [exactKey(row), row]));
  const left: ScoredRow[] = [];
  const used = new Set<ScoredRow>();
  for (const row of head) {
    const twin = exact.get(exactKey(row));
    if (twin === undefined || used.has(twin)) left.push(row);
    else {
      matched.set(row, twin);
      used.add(twin);
    }
  }
  if (left.length === 0) return matched;
  const free = nearKeys(base.filter((row) => !used.has(row)));
  for (const [key, row] of nearKeys(left)) {
    const twin = free.get(key);
    if (twin !== undefined) matched.set(row, twin);
  }
  return matched;
};

/** Every rule asks for the same matches, and rows never change: one match for each pair of row lists. */
const matches = new WeakMap<
  readonly ScoredRow[],
  WeakMap<readonly ScoredRow[], ReadonlyMap<ScoredRow, ScoredRow>>
>();

/** Head row -> its twin in one baseline run. No row is used twice. */
export const matchRows = (
  head: readonly ScoredRow[],
  base: readonly ScoredRow[],
): ReadonlyMap<ScoredRow, ScoredRow> => {
  const ofHead = matches.get(head) ?? new WeakMap<readonly ScoredRow[], ReadonlyMap<ScoredRow, ScoredRow>>();
  matches.set(head, ofHead);
  const match = ofHead.get(base) ?? findMatches(head, base);
  ofHead.set(base, match);
  return match;
};

/** Pairs of one scenario, for any head rows against any runs. */
export const pairRows = (
  head: readonly ScoredRow[],
  runs: readonly RunSample[],
  scenario: string,
): readonly TwinPair[] => {
  const perRun = runs.map((run) => matchRows(head, rowsOfRun(run, scenario)));
  const pairs: TwinPair[] = [];
  for (const row of head) {
    const bases = perRun.flatMap((match) => match.get(row) ?? []);
    if (bases.length === 0) continue;
    pairs.push({
      head: row,
      bases,
      block: row.block,
      requestId: row.observation.requestId,
      hit: row.hit,
    });
  }
  return pairs;
};

/** A dozen rules ask for the same pairs; a context never changes. */
const known = new WeakMap<JudgeContext, Map<string, readonly TwinPair[]>>();

/** Pairs of one scenario of the context. Empty where no baseline run shares the head's schedule. */
export const twinPairs = (context: JudgeContext, scenario: string): readonly TwinPair[] => {
  const ofContext = known.get(context) ?? new Map<string, readonly TwinPair[]>();
  known.set(context, ofContext);
  const pairs = ofContext.get(scenario) ?? pairRows(rowsOf(context.head, scenario), context.twins, scenario);
  ofContext.set(scenario, pairs);
  return pairs;
};
