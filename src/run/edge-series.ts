/** What the sidecar's exchange records say of each edge, second by second: what detectors, localisation and charts read. */
import type { ExchangeRecord } from "../core/exchange.ts";
import type { EdgeSecond, ErrorClass } from "../core/profile.ts";
import type { AcceptedConnections } from "./samplers.ts";

/**
 * How a call failed, as somebody sees it who does not know of injected faults: an answer that a fault made is told by its status, a
 * connection that a fault cut is a cut one. Null: it did not fail.
 *
 * @param isTcp a connection has no status
 */
export const errorClassOf = ({ end, status }: ExchangeRecord, isTcp: boolean): ErrorClass | null => {
  switch (end) {
    case "client-abort":
      return "aborted";
    case "upstream-refused":
      return "refused";
    case "upstream-reset":
    case "upstream-closed":
    case "cut-by-fault":
      return "cut";
    case "malformed":
      return "malformed";
    case "complete":
    case "answered-by-fault":
      if (status >= 500) return "server-error";
      if (status === 429) return "rate-limited";
      if (status >= 400) return "client-error";
      return status === 0 && !isTcp ? "cut" : null;
  }
};

interface Cell {
  readonly edge: string;
  readonly second: number;
  readonly records: ExchangeRecord[];
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const present = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

/** Records that repeat a question which their client request has asked on this edge before. */
const repeatedQuestions = (records: readonly ExchangeRecord[]): ReadonlySet<ExchangeRecord> => {
  const asked = new Set<string>();
  const repeated = new Set<ExchangeRecord>();
  for (const record of records.toSorted((a, b) => a.startedMs - b.startedMs)) {
    if (record.requestKey === null || record.edge === "client") continue;
    const question = `${record.edge}\n${record.requestKey}\n${record.method} ${record.path}`;
    if (asked.has(question)) repeated.add(record);
    asked.add(question);
  }
  return repeated;
};

/** How many of an edge's calls are open at an instant (epoch ms). */
const openCalls = (records: readonly ExchangeRecord[]): ((atMs: number) => number) => {
  const starts = Float64Array.from(records, ({ startedMs }) => startedMs).sort();
  const ends = Float64Array.from(records, ({ endedMs }) => endedMs).sort();
  return (atMs) => countUpTo(starts, atMs) - countUpTo(ends, atMs);
};

/** How many of the ascending values are at most `limit`. */
const countUpTo = (values: Float64Array, limit: number): number => {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** What only calls that were read as HTTP can tell. */
const httpPart = (
  records: readonly ExchangeRecord[],
): Pick<EdgeSecond, "firstByteMs" | "longestGapMs" | "meanGapMs" | "upstreamMs" | "upstreamCalls"> => {
  const gaps = present(records.map(({ longestGapMs }) => longestGapMs));
  const own = present(records.map(({ upstreamMs }) => upstreamMs));
  const firsts = records.flatMap(({ firstByteMs, startedMs }) =>
    firstByteMs === null ? [] : [firstByteMs - startedMs],
  );
  return {
    firstByteMs: mean(firsts),
    longestGapMs: gaps.length === 0 ? null : gaps.reduce((most, gap) => Math.max(most, gap), 0),
    meanGapMs: mean(gaps),
    upstreamMs: mean(own),
    upstreamCalls: own.length,
  };
};

/**
 * Per second and edge: calls, errors by class, latency, first bytes, silences, the upstream's own time, retries, calls in flight. A
 * second in which no call began is left out.
 *
 * @param runStartMs epoch ms from which seconds count
 */
export const edgeSeconds = (
  records: readonly ExchangeRecord[],
  runStartMs: number,
  connections: readonly AcceptedConnections[] = [],
): EdgeSecond[] => {
  const accepted = new Map<string, number>();
  for (const { edge, second, connections: count } of connections) {
    const key = `${edge}/${second}`;
    accepted.set(key, (accepted.get(key) ?? 0) + count);
  }
  const byEdge = Map.groupBy(records, ({ edge }) => edge);
  const tcp = new Set([...byEdge].flatMap(([edge, own]) => (own.every(isBytes) ? [edge] : [])));
  const open = new Map([...byEdge].map(([edge, own]) => [edge, openCalls(own)]));
  const repeated = repeatedQuestions(records);
  const arrivals = new Map(
    (byEdge.get("client") ?? []).map(({ requestKey: key, startedMs }) => [key, startedMs]),
  );
  const cells = new Map<string, Cell>();
  for (const record of records) {
    const second = Math.floor((record.startedMs - runStartMs) / 1000);
    const key = `${record.edge}/${second}`;
    const cell = cells.get(key) ?? { edge: record.edge, second, records: [] };
    cells.set(key, cell);
    cell.records.push(record);
  }
  return [...cells.values()].map(({ edge, second, records: own }) => {
    const isTcp = tcp.has(edge);
    const times = own.map(({ endedMs, startedMs }) => endedMs - startedMs).sort((a, b) => a - b);
    const classes = own.flatMap((record) => errorClassOf(record, isTcp) ?? []);
    const errorsByClass: Partial<Record<ErrorClass, number>> = {};
    for (const each of classes) errorsByClass[each] = (errorsByClass[each] ?? 0) + 1;
    const since = own.flatMap(({ requestKey: key, startedMs }) => {
      const arrivedMs = key === null || edge === "client" ? undefined : arrivals.get(key);
      return arrivedMs === undefined || arrivedMs > startedMs ? [] : [startedMs - arrivedMs];
    });
    return {
      edge,
      second,
      calls: times.length,
      errors: classes.length,
      meanMs: mean(times) ?? 0,
      p95Ms: times[Math.min(times.length - 1, Math.floor(times.length * 0.95))] ?? 0,
      errorsByClass,
      inFlight: open.get(edge)?.(runStartMs + (second + 1) * 1000) ?? 0,
      retries: own.filter((record) => repeated.has(record)).length,
      answerBytes: mean(own.map(({ bytesDown }) => bytesDown)) ?? 0,
      ...(connections.length === 0 ? {} : { connections: accepted.get(`${edge}/${second}`) ?? 0 }),
      ...(isTcp ? {} : httpPart(own)),
      ...(edge === "client" ? {} : { sinceRequestMs: mean(since) }),
    };
  });
};

/** Nothing of it was read as HTTP: a TCP edge's connection, or a call that ended before its first line. */
const isBytes = ({ method }: ExchangeRecord): boolean => method === "";
