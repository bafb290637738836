import { expect, test } from "vitest";
import type { ExchangeEnd, ExchangeRecord } from "../../src/core/exchange.ts";
import type { EdgeSecond } from "../../src/core/profile.ts";
import { edgeSeconds, errorClassOf } from "../../src/run/edge-series.ts";

const STARTED_MS = 1_000_000;

let sequence = 0;
const record = (overrides: Partial<ExchangeRecord>): ExchangeRecord => ({
  sequence: ++sequence,
  edge: "llm",
  method: "POST",
  path: "/v1",
  status: 200,
  startedMs: STARTED_MS,
  firstByteMs: STARTED_MS + 5,
  endedMs: STARTED_MS + 10,
  longestGapMs: 3,
  upstreamMs: 9,
  bytesUp: 1,
  bytesDown: 100,
  end: "complete",
  requestKey: null,
  attributedBy: "none",
  attempt: 1,
  faults: [],
  ...overrides,
});

const only = (records: readonly ExchangeRecord[]): EdgeSecond => {
  const [second, ...more] = edgeSeconds(records, STARTED_MS);
  expect(more).toEqual([]);
  return second as EdgeSecond;
};

test("a second of an edge tells calls, errors, times and sizes", () => {
  const slow = record({
    status: 500,
    endedMs: STARTED_MS + 30,
    longestGapMs: 7,
    upstreamMs: 20,
    bytesDown: 300,
  });
  expect(edgeSeconds([record({}), slow], STARTED_MS - 3500)).toEqual([
    {
      edge: "llm",
      second: 3,
      calls: 2,
      errors: 1,
      meanMs: 20,
      p95Ms: 30,
      errorsByClass: { "server-error": 1 },
      inFlight: 0,
      retries: 0,
      firstByteMs: 5,
      longestGapMs: 7,
      meanGapMs: 5,
      upstreamMs: 14.5,
      upstreamCalls: 2,
      answerBytes: 200,
      sinceRequestMs: null,
    },
  ]);
});

test("a call belongs to the second in which it began, a second without calls to none", () => {
  const late = record({ startedMs: STARTED_MS + 2900, endedMs: STARTED_MS + 5000 });
  expect(edgeSeconds([record({}), late], STARTED_MS).map(({ second, calls }) => [second, calls])).toEqual([
    [0, 1],
    [2, 1],
  ]);
});

test.each<[ExchangeEnd, number, string | null]>([
  ["complete", 200, null],
  ["complete", 404, "client-error"],
  ["complete", 429, "rate-limited"],
  ["complete", 503, "server-error"],
  ["complete", 0, "cut"],
  // Who made an answer, or cut it, is not told.
  ["answered-by-fault", 200, null],
  ["answered-by-fault", 503, "server-error"],
  ["answered-by-fault", 429, "rate-limited"],
  ["cut-by-fault", 200, "cut"],
  ["upstream-reset", 0, "cut"],
  ["upstream-closed", 200, "cut"],
  ["upstream-refused", 0, "refused"],
  ["client-abort", 200, "aborted"],
  ["malformed", 200, "malformed"],
])("%s with status %i is told as %s", (end, status, expected) => {
  expect(errorClassOf(record({ end, status }), false)).toBe(expected);
});

test("a connection has no status to fail by, and no figures of HTTP", () => {
  const connection = { edge: "db", method: "", status: 0, longestGapMs: null, upstreamMs: null } as const;
  const second = only([record(connection), record({ ...connection, end: "upstream-reset" })]);
  expect(second.errorsByClass).toEqual({ cut: 1 });
  expect(second).not.toHaveProperty("upstreamCalls");
  expect(second).not.toHaveProperty("firstByteMs");
});

test("calls in flight are counted at the end of their second", () => {
  const ends = [400, 999, 1001, 1400, 2600].map((afterMs) =>
    record({ startedMs: STARTED_MS + 100, endedMs: STARTED_MS + afterMs }),
  );
  expect(only(ends).inFlight).toBe(3);
});

test("retries are the same question asked again for the same client request, and nothing else", () => {
  const ask = (requestKey: string | null, path: string, afterMs: number): ExchangeRecord =>
    record({ requestKey, path, startedMs: STARTED_MS + afterMs });
  const records = [
    ask("a~0", "/v1", 30),
    ask("a~0", "/v1", 10),
    ask("a~0", "/v1", 20),
    ask("a~0", "/other", 40),
    ask("b~0", "/v1", 50),
    ask(null, "/v1", 60),
    ask(null, "/v1", 70),
  ];
  expect(only(records).retries).toBe(2);
});

test("calls that were passed on nowhere have no time of the upstream", () => {
  const second = only([record({ upstreamMs: null }), record({ upstreamMs: 8 })]);
  expect([second.calls, second.upstreamCalls, second.upstreamMs]).toEqual([2, 1, 8]);
  expect(only([record({ upstreamMs: null, longestGapMs: null, firstByteMs: null })])).toMatchObject({
    upstreamMs: null,
    longestGapMs: null,
    meanGapMs: null,
    firstByteMs: null,
  });
});

test("how long after its client's request a call was made is told by the request's key", () => {
  const client = record({ edge: "client", requestKey: "a~0", startedMs: STARTED_MS });
  const calls = [12, 18].map((afterMs) => record({ requestKey: "a~0", startedMs: STARTED_MS + afterMs }));
  const seconds = edgeSeconds([client, ...calls, record({ requestKey: null })], STARTED_MS);
  expect(seconds.find(({ edge }) => edge === "llm")?.sinceRequestMs).toBe(15);
  expect(seconds.find(({ edge }) => edge === "client")).not.toHaveProperty("sinceRequestMs");
});

test("connections are told of the edge and second in which they were accepted", () => {
  const looked = [
    { edge: "llm", second: 0, connections: 4 },
    { edge: "llm", second: 0, connections: 1 },
    { edge: "client", second: 0, connections: 9 },
  ];
  const seconds = edgeSeconds([record({}), record({ startedMs: STARTED_MS + 1500 })], STARTED_MS, looked);
  expect(seconds.map(({ connections }) => connections)).toEqual([5, 0]);
  expect(only([record({})])).not.toHaveProperty("connections");
});
