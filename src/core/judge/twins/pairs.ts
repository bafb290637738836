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

/** Rows in the order of their rounds, slots and marks. */
interface SlotOrder {
  /** Ascending; equal for rows of one round, slot and mark. */
  readonly keys: Float64Array;
  /** Place in the list of the row with that key; equal keys stay in the list's order. */
  readonly places: Uint32Array;
}

const SLOTS_A_ROUND = 2 ** 31;

const slotOrder = (rows: readonly ScoredRow[]): SlotOrder => {
  const keys = new Float64Array(rows.length);
  const places = new Uint32Array(rows.length);
  for (const [place, { round, slot, hit }] of rows.entries()) {
    keys[place] = 2 * (round * SLOTS_A_ROUND + slot) + (hit ? 1 : 0);
    places[place] = place;
  }
  // As a rule they lie in it already.
  if (keys.every((key, place) => place === 0 || (keys[place - 1] as number) <= key)) return { keys, places };
  places.sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
  return { keys: Float64Array.from(places, (place) => keys[place] as number), places };
};

/** Each list of rows is matched with several others, and never changes. */
const orders = new WeakMap<readonly ScoredRow[], SlotOrder>();

const orderOf = (rows: readonly ScoredRow[]): SlotOrder => {
  const order = orders.get(rows) ?? slotOrder(rows);
  orders.set(rows, order);
  return order;
};

/**
 * Places by key. A window that was invalid and measured again has slots of its own, so what finds no exact twin is paired
 * by its place among the same scenario's, round's, request's and mark's rows.
 */
const nearKeys = (rows: readonly ScoredRow[], places: readonly number[]): ReadonlyMap<string, number> => {
  const seen = new Map<string, number>();
  const keyed = new Map<string, number>();
  const rowAt = (place: number): ScoredRow => rows[place] as ScoredRow;
  const ordered = places.toSorted(
    (a, b) => rowAt(a).window - rowAt(b).window || rowAt(a).slot - rowAt(b).slot,
  );
  for (const place of ordered) {
    const row = rowAt(place);
    const key = `${row.round}:${row.observation.requestId}:${row.hit ? 1 : 0}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    keyed.set(`${key}:${nth}`, place);
  }
  return keyed;
};

/** Of each head row its twin; undefined where it has none. */
export type TwinRows = readonly (ScoredRow | undefined)[];

/** Both lists are walked in the order of their slots, so that no row is looked up by a key. */
const findMatches = (head: readonly ScoredRow[], base: readonly ScoredRow[]): TwinRows => {
  const twins: (ScoredRow | undefined)[] = head.map(() => undefined);
  const [ofHead, ofBase] = [orderOf(head), orderOf(base)];
  const used = new Uint8Array(base.length);
  const left: number[] = [];
  let first = 0;
  for (const [nth, key] of ofHead.keys.entries()) {
    const place = ofHead.places[nth] as number;
    const { requestId } = (head[place] as ScoredRow).observation;
    while (first < base.length && (ofBase.keys[first] as number) < key) first++;
    let twin = -1;
    for (let at = first; at < base.length && ofBase.keys[at] === key; at++) {
      const other = ofBase.places[at] as number;
      if (base[other]?.observation.requestId === requestId) twin = other;
    }
    if (twin < 0 || used[twin] === 1) left.push(place);
    else {
      twins[place] = base[twin];
      used[twin] = 1;
    }
  }
  if (left.length === 0) return twins;
  const free = nearKeys(
    base,
    [...base.keys()].filter((place) => used[place] === 0),
  );
  for (const [key, place] of nearKeys(head, left)) {
    const twin = free.get(key);
    if (twin !== undefined) twins[place] = base[twin];
  }
  return twins;
};

/** Every rule asks for the same matches, and rows never change: one match for each pair of row lists. */
const matches = new WeakMap<readonly ScoredRow[], WeakMap<readonly ScoredRow[], TwinRows>>();

/** The twins of the head's rows in one baseline run. No row is used twice. */
export const matchRows = (head: readonly ScoredRow[], base: readonly ScoredRow[]): TwinRows => {
  const ofHead = matches.get(head) ?? new WeakMap<readonly ScoredRow[], TwinRows>();
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
  for (const [place, row] of head.entries()) {
    const bases: ScoredRow[] = [];
    for (const twins of perRun) {
      const twin = twins[place];
      if (twin !== undefined) bases.push(twin);
    }
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
