import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AnswerFacts,
  type Classified,
  classify,
  type EndMarks,
  isWhole,
  type TransportEnd,
} from "../../../src/adapters/load/classify.ts";
import { type NextDeadline, nextDeadline, type Progress } from "../../../src/adapters/load/deadline.ts";
import { headerMarks, jsonMarks, textMarks } from "../../../src/adapters/load/degraded.ts";
import { transportFailure } from "../../../src/adapters/load/transport-failure.ts";
import type { Outcome } from "../../../src/core/outcome.ts";

const facts = (changes: Partial<AnswerFacts> = {}): AnswerFacts => ({
  stream: false,
  marks: { sentinel: false, finish: false },
  nullFinish: false,
  errorTold: false,
  broken: false,
  cut: false,
  degraded: false,
  ...changes,
});
const seen = (changes: Partial<Classified> = {}): Classified => ({
  transport: { type: "complete" },
  status: 200,
  statusAllowed: true,
  answer: facts(),
  mustComplete: true,
  calmMarks: undefined,
  expectationsHold: true,
  ...changes,
});
const failed = (outcome: Extract<TransportEnd, { type: "failed" }>["outcome"]): TransportEnd => ({
  type: "failed",
  outcome,
});
const BOTH: EndMarks = { sentinel: true, finish: true };
const whole = facts({ stream: true, marks: BOTH });

describe("one outcome, and the first that applies", () => {
  test.each<[string, Partial<Classified>, Outcome]>([
    ["nothing wrong", {}, "ok"],
    ["a whole stream", { answer: whole }, "ok"],
    ["we hung up, whatever else", { transport: { type: "hung-up" }, statusAllowed: false }, "client-abort"],
    ["we could not send", { transport: failed("unsent"), status: 0, statusAllowed: false }, "unsent"],
    ["refused", { transport: failed("refused"), status: 0, statusAllowed: false }, "refused"],
    [
      "a status before its broken body",
      { transport: failed("reset"), status: 503, statusAllowed: false },
      "status",
    ],
    [
      "an error told before the reset",
      { transport: failed("reset"), answer: facts({ errorTold: true }) },
      "error-event",
    ],
    ["an error body under an allowed 404", { status: 404, answer: facts({ errorTold: true }) }, "ok"],
    ["a reset after the sentinel", { transport: failed("reset"), answer: whole }, "ok"],
    [
      "a reset between finish reason and sentinel",
      {
        transport: failed("reset"),
        answer: facts({ stream: true, marks: { sentinel: false, finish: true } }),
      },
      "reset",
    ],
    ["a deadline", { transport: failed("timeout-silence") }, "timeout-silence"],
    ["broken before incomplete", { answer: facts({ stream: true, broken: true }) }, "malformed"],
    ["cut compression", { answer: facts({ cut: true }) }, "incomplete"],
    ["no end mark", { answer: facts({ stream: true }), expectationsHold: false }, "incomplete"],
    ["no end mark, none wanted", { answer: facts({ stream: true }), mustComplete: false }, "ok"],
    [
      "a wrong fallback is wrong",
      { answer: facts({ degraded: true }), expectationsHold: false },
      "wrong-answer",
    ],
    ["a fallback", { answer: facts({ degraded: true }) }, "degraded"],
  ])("%s: %s", (_name, changes, outcome) => {
    expect(classify(seen(changes))).toBe(outcome);
  });

  test("a stream without any end mark is never good, whatever else is true of it", () => {
    const bool = fc.boolean();
    fc.assert(
      fc.property(
        bool,
        bool,
        bool,
        fc.record({ sentinel: bool, finish: bool }),
        (degraded, broken, cut, calmMarks) => {
          const answer = facts({ stream: true, degraded, broken, cut });
          const outcome = classify(seen({ answer, calmMarks }));
          expect(["incomplete", "malformed"]).toContain(outcome);
        },
      ),
    );
  });
});

describe("whole by content", () => {
  const sentinelOnly: EndMarks = { sentinel: true, finish: false };
  const finishOnly: EndMarks = { sentinel: false, finish: true };
  test.each<[string, AnswerFacts, EndMarks | undefined, boolean]>([
    ["sentinel alone, calm unknown", facts({ stream: true, marks: sentinelOnly }), undefined, true],
    [
      "sentinel alone where calm gave a reason too",
      facts({ stream: true, marks: sentinelOnly }),
      BOTH,
      false,
    ],
    ["reason alone where calm gave a sentinel too", facts({ stream: true, marks: finishOnly }), BOTH, false],
    ["sentinel alone as in calm", facts({ stream: true, marks: sentinelOnly }), sentinelOnly, true],
    [
      "a fallback stream may end more simply",
      facts({ stream: true, marks: sentinelOnly, degraded: true }),
      BOTH,
      true,
    ],
    ["JSON with a null reason", facts({ nullFinish: true }), undefined, false],
    [
      "JSON with a null reason as in calm",
      facts({ nullFinish: true }),
      { sentinel: false, finish: false },
      true,
    ],
    ["JSON with a null reason, unlike calm", facts({ nullFinish: true }), finishOnly, false],
    ["JSON that knows no reasons", facts(), undefined, true],
  ])("%s", (_name, answer, calm, expected) => {
    expect(isWhole(answer, calm)).toBe(expected);
  });
});

describe("the next deadline", () => {
  const deadlines = { connectMs: 100, headersMs: 200, firstContentMs: 300, silenceMs: 50, totalMs: 1000 };
  const none: Progress = {
    scheduledMs: 10,
    connectedMs: null,
    headersMs: null,
    firstContentMs: null,
    lastContentMs: null,
  };
  test.each<[string, Partial<Progress>, NextDeadline]>([
    ["at the start", {}, { atMs: 110, outcome: "timeout-connect" }],
    ["connected", { connectedMs: 20 }, { atMs: 210, outcome: "timeout-headers" }],
    ["with headers", { connectedMs: 20, headersMs: 30 }, { atMs: 310, outcome: "timeout-first-content" }],
    [
      "with content",
      { connectedMs: 20, headersMs: 30, firstContentMs: 40, lastContentMs: 500 },
      { atMs: 550, outcome: "timeout-silence" },
    ],
    [
      "near the total",
      { connectedMs: 20, headersMs: 30, firstContentMs: 40, lastContentMs: 990 },
      { atMs: 1010, outcome: "timeout-total" },
    ],
  ])("%s", (_name, progress, expected) => {
    expect(nextDeadline({ ...none, ...progress }, deadlines)).toEqual(expected);
  });
  test("no stage outlives the total", () => {
    expect(nextDeadline(none, { ...deadlines, totalMs: 60 })).toEqual({ atMs: 70, outcome: "timeout-total" });
  });
});

test.each<[string, boolean, string]>([
  ["ECONNREFUSED", false, "refused"],
  ["EHOSTUNREACH", false, "refused"],
  ["ECONNRESET", true, "reset"],
  ["ECONNRESET", false, "reset"],
  ["EPIPE", true, "reset"],
  ["ETIMEDOUT", false, "timeout-connect"],
  ["ETIMEDOUT", true, "reset"],
  ["HPE_HEADER_OVERFLOW", true, "malformed"],
  ["EMFILE", false, "unsent"],
  ["EADDRNOTAVAIL", false, "unsent"],
])("%s (connected: %s) is %s", (code, connected, outcome) => {
  expect(transportFailure(Object.assign(new Error(code), { code }), connected)).toEqual({
    type: "failed",
    outcome,
  });
});

describe("degraded markers", () => {
  test("a header by name in any case, and by its exact value where one is given", () => {
    expect(headerMarks({ header: { name: "X-Fallback" } }, { "x-fallback": "" })).toBe(true);
    expect(headerMarks({ header: { name: "X-Fallback", value: "1" } }, { "x-fallback": "1" })).toBe(true);
    expect(headerMarks({ header: { name: "X-Fallback", value: "1" } }, { "x-fallback": "10" })).toBe(false);
    expect(headerMarks({ header: { name: "X-Fallback" } }, {})).toBe(false);
    expect(headerMarks(undefined, { "x-fallback": "1" })).toBe(false);
  });
  test("a JSON path by truth or by value, through arrays, never through prototypes", () => {
    const body = { a: [{ b: 0 }], mode: "fallback" };
    expect(jsonMarks({ jsonPath: { path: "mode" } }, body)).toBe(true);
    expect(jsonMarks({ jsonPath: { path: "a.0.b" } }, body)).toBe(false);
    expect(jsonMarks({ jsonPath: { path: "a.0.b", value: 0 } }, body)).toBe(true);
    expect(jsonMarks({ jsonPath: { path: "mode", value: "live" } }, body)).toBe(false);
    expect(jsonMarks({ jsonPath: { path: "constructor.name" } }, body)).toBe(false);
    expect(jsonMarks({ jsonPath: { path: "mode" } }, undefined)).toBe(false);
  });
  test("a text anywhere; an empty one marks nothing", () => {
    expect(textMarks({ text: "again later" }, "try again later.")).toBe(true);
    expect(textMarks({ text: "" }, "anything")).toBe(false);
  });
});
