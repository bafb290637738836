/** What the sidecar's exchange records say about each window: calls per request, receipts. */
import { type ExchangeRecord, type Receipt, requestKey } from "../core/exchange.ts";
import type { AttributionSummary, EdgeCalls } from "../core/profile.ts";
import type { PlannedWindow, Stretch } from "./plan/plan.ts";

interface Origin {
  readonly window: PlannedWindow;
  readonly hit: boolean;
}

/** Which window each record belongs to: by its request's key, else by the time it began. */
export class RecordIndex {
  readonly #byKey = new Map<string, Origin>();
  readonly #stretch: Stretch;
  readonly #startedAtMs: number;

  /** @param startedAtMs epoch ms from which the stretch's times count */
  constructor(stretch: Stretch, startedAtMs: number) {
    this.#stretch = stretch;
    this.#startedAtMs = startedAtMs;
    for (const window of stretch.windows) {
      for (const request of stretch.requests.slice(window.firstSlot, window.endSlot)) {
        this.#byKey.set(requestKey(request.requestId, request.repetition), { window, hit: request.hit });
      }
    }
  }

  originOf(record: ExchangeRecord): { readonly window: PlannedWindow; readonly hit: boolean | null } | null {
    const known = record.requestKey === null ? undefined : this.#byKey.get(record.requestKey);
    if (known !== undefined) return known;
    if (record.requestKey !== null) return null;
    const atMs = record.startedMs - this.#startedAtMs;
    const window = this.#stretch.windows.findLast(({ offsetMs }) => offsetMs <= atMs);
    return window === undefined ? null : { window, hit: null };
  }
}

interface Tally {
  calls: number;
  hitCalls: number;
  byKey: Map<string, number>;
}

/** What is asked of a dependency, without its query: "llm GET /v1/models". */
const questionOf = ({ edge, method, path }: ExchangeRecord): string =>
  `${edge} ${method} ${path.split("?", 1)[0] ?? ""}`;

/**
 * Calls that no client request makes: a service asks its dependencies whether they are there each time somebody looks at
 * its ready path. Told by their question, where the questions of client requests are known on that edge at all.
 */
const isOwnQuestion = (records: readonly ExchangeRecord[]): ((record: ExchangeRecord) => boolean) => {
  const attributed = records.filter(({ requestKey: key }) => key !== null);
  const questions = new Set(attributed.map(questionOf));
  const edges = new Set(attributed.map(({ edge }) => edge));
  return (record) =>
    record.requestKey === null && edges.has(record.edge) && !questions.has(questionOf(record));
};

/** Calls at each dependency made for client requests, per window. */
export const countCalls = (
  stretch: Stretch,
  index: RecordIndex,
  records: readonly ExchangeRecord[],
  edges: readonly string[],
): EdgeCalls[] => {
  const tallies = new Map<string, Tally>();
  const tallyOf = (window: number, edge: string): Tally => {
    const key = `${window}/${edge}`;
    const tally = tallies.get(key) ?? { calls: 0, hitCalls: 0, byKey: new Map<string, number>() };
    tallies.set(key, tally);
    return tally;
  };
  const isOwn = isOwnQuestion(records);
  for (const record of records) {
    if (record.edge === "client" || isOwn(record)) continue;
    const origin = index.originOf(record);
    if (origin === null) continue;
    const tally = tallyOf(origin.window.index, record.edge);
    tally.calls++;
    if (origin.hit === true) tally.hitCalls++;
    if (record.requestKey !== null)
      tally.byKey.set(record.requestKey, (tally.byKey.get(record.requestKey) ?? 0) + 1);
  }
  return stretch.windows.flatMap((window) => {
    const requests = stretch.requests.slice(window.firstSlot, window.endSlot);
    return edges.map((edge) => {
      const tally = tallyOf(window.index, edge);
      return {
        window: window.index,
        edge,
        calls: tally.calls,
        hitCalls: tally.hitCalls,
        clientRequests: requests.length,
        hitRequests: requests.filter(({ hit }) => hit).length,
        maxCalls: Math.max(0, ...tally.byKey.values()),
      };
    });
  });
};

/**
 * Receipts per window. Where faults follow their request, the records tell which window each strike belongs to; the
 * engine's totals (which also count what no record names) are used for stretches of one window.
 */
export const receiptsByWindow = (
  stretch: Stretch,
  index: RecordIndex,
  records: readonly ExchangeRecord[],
  totals: readonly Receipt[],
): ReadonlyMap<number, readonly Receipt[]> => {
  const only = stretch.windows[0];
  if (stretch.windows.length === 1 && only !== undefined) return new Map([[only.index, totals]]);
  const result = new Map<number, readonly Receipt[]>();
  for (const window of stretch.windows) {
    const own = stretch.faults.filter(({ id }) => id.startsWith(`${window.scenario}#`));
    result.set(
      window.index,
      own.map(({ id, fault }) => {
        const mine = records.filter(
          (record) => record.edge === fault.on && index.originOf(record)?.window === window,
        );
        return {
          faultId: id,
          edge: fault.on,
          seen: mine.length,
          affected: mine.filter(({ faults }) => faults.includes(id)).length,
        };
      }),
    );
  }
  return result;
};

/** How the calls on each dependency's edge were attributed. */
export const summariseAttribution = (
  records: readonly ExchangeRecord[],
  edges: readonly string[],
): AttributionSummary[] =>
  edges.map((edge) => {
    const mine = records.filter((record) => record.edge === edge);
    const count = (by: ExchangeRecord["attributedBy"]): number =>
      mine.filter(({ attributedBy }) => attributedBy === by).length;
    return {
      edge,
      calls: mine.length,
      byHeader: count("header"),
      byTrace: count("trace"),
      byFingerprint: count("fingerprint"),
      byText: count("text"),
      none: count("none"),
    };
  });
