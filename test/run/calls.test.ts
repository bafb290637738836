import { describe, expect, test } from "vitest";
import type { ExchangeRecord } from "../../src/core/exchange.ts";
import { requestKey } from "../../src/core/exchange.ts";
import { countCalls, RecordIndex, receiptsByWindow, summariseAttribution } from "../../src/run/calls.ts";
import { makePlan, type Stretch } from "../../src/run/plan/plan.ts";
import { experiment, httpError, suiteWith, templates } from "../support/suites.ts";

const plan = makePlan({
  suite: suiteWith([experiment("partial", httpError("llm", 0.2))]),
  requests: templates(10),
  seed: 1,
  attributable: () => true,
});
const stretch = plan.stretches[0] as Stretch;
const STARTED_MS = 1_000_000;
const index = new RecordIndex(stretch, STARTED_MS);
const struckWindow = stretch.windows.find(
  ({ scenario }) => scenario === "partial",
) as Stretch["windows"][number];
const inside = stretch.requests.slice(struckWindow.firstSlot, struckWindow.endSlot);

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
  longestGapMs: null,
  upstreamMs: 9,
  bytesUp: 1,
  bytesDown: 1,
  end: "complete",
  requestKey: null,
  attributedBy: "none",
  attempt: 1,
  faults: [],
  ...overrides,
});

const callsOf = (
  request: { requestId: string; repetition: number },
  faults: readonly string[] = [],
): ExchangeRecord =>
  record({ requestKey: requestKey(request.requestId, request.repetition), attributedBy: "header", faults });

describe("calls of a window", () => {
  test("belong to it by their request's key, whenever they were made", () => {
    const late = { ...callsOf(inside[0] as (typeof inside)[number]), startedMs: STARTED_MS + 10_000_000 };
    expect(index.originOf(late)?.window).toBe(struckWindow);
  });

  test("without a key belong to the window of their time; with the key of another run's traffic to none", () => {
    expect(index.originOf(record({ startedMs: STARTED_MS + struckWindow.offsetMs + 1 }))?.window).toBe(
      struckWindow,
    );
    expect(index.originOf(record({ requestKey: "q0~999999" }))).toBeNull();
    expect(index.originOf(record({ startedMs: STARTED_MS - 1 }))).toBeNull();
  });

  test("are counted over all and over hit requests, with the most of any request", () => {
    const hit = inside.find((request) => request.hit) as (typeof inside)[number];
    const spared = inside.find((request) => !request.hit) as (typeof inside)[number];
    const records = [callsOf(hit), callsOf(hit), callsOf(hit), callsOf(spared)];
    const counted = countCalls(stretch, index, records, ["llm"]).find(
      ({ window }) => window === struckWindow.index,
    );
    expect(counted).toMatchObject({
      edge: "llm",
      calls: 4,
      hitCalls: 3,
      clientRequests: inside.length,
      hitRequests: inside.filter((request) => request.hit).length,
      maxCalls: 3,
    });
  });
});

describe("calls that the service makes of its own accord", () => {
  const look = record({ method: "GET", path: "/health?deep=1" });
  const unknown = record({ path: "/v1?try=2" });
  const callsIn = (records: readonly ExchangeRecord[]): number =>
    countCalls(stretch, index, records, ["llm"]).reduce((sum, { calls }) => sum + calls, 0);

  test("are told by their question and not counted", () => {
    const spared = inside.find((request) => !request.hit) as (typeof inside)[number];
    expect(callsIn([callsOf(spared), look])).toBe(1);
  });

  test("what asks as client requests do is counted, though nobody knows for whom", () => {
    const spared = inside.find((request) => !request.hit) as (typeof inside)[number];
    expect(callsIn([callsOf(spared), unknown])).toBe(2);
  });

  test("cannot be told where no call is known to be a client's: all are counted", () => {
    expect(callsIn([look, unknown])).toBe(2);
  });
});

test("receipts of a long stretch are split by window from the records", () => {
  const hit = inside.find((request) => request.hit) as (typeof inside)[number];
  const spared = inside.find((request) => !request.hit) as (typeof inside)[number];
  const split = receiptsByWindow(stretch, index, [callsOf(hit, ["partial#1"]), callsOf(spared)], []);
  expect(split.get(struckWindow.index)).toEqual([
    { faultId: "partial#1", edge: "llm", seen: 2, affected: 1 },
  ]);
  const control = stretch.windows.find(({ scenario }) => scenario === "control");
  expect(split.get(control?.index ?? -1)).toEqual([]);
});

test("attribution is summed by the way in which it was told", () => {
  const records = [
    record({ attributedBy: "text" }),
    record({ attributedBy: "none" }),
    record({ edge: "vector", attributedBy: "header" }),
  ];
  expect(summariseAttribution(records, ["llm"])).toEqual([
    { edge: "llm", calls: 2, byHeader: 0, byTrace: 0, byFingerprint: 0, byText: 1, none: 1 },
  ]);
});
