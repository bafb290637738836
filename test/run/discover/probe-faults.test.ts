import { describe, expect, test } from "vitest";
import { PROBE_QUESTIONS } from "../../../src/config/discover/observed.ts";
import { type ExchangeRecord, requestKey } from "../../../src/core/exchange.ts";
import type { Fault } from "../../../src/core/fault.ts";
import type { Observation } from "../../../src/core/observation.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import { calmEdge } from "../../../src/run/discover/edges.ts";
import {
  patienceMs,
  probeCostMs,
  probeFault,
  probeWindowMs,
  readProbe,
} from "../../../src/run/discover/probe-faults.ts";
import type { StretchOutcome } from "../../../src/run/run-stretch.ts";
import { edge } from "../../config/discover/observed.ts";
import { stub } from "../../support/services/service-suite.ts";
import { httpError, suiteWith } from "../../support/suites.ts";

const observation = (slot: number, outcome: Outcome, parts: Partial<Observation> = {}): Observation => ({
  window: 0,
  slot,
  requestId: `q${slot}`,
  repetition: 0,
  scheduledMs: 0,
  lagMs: 0,
  ttftMs: null,
  latencyMs: 100,
  outcome,
  status: 200,
  hit: true,
  maxGapMs: null,
  chunks: 1,
  bytes: 1,
  answerHash: "",
  ...parts,
});

let sequence = 0;
const record = (slot: number | null, parts: Partial<ExchangeRecord> = {}): ExchangeRecord => ({
  sequence: ++sequence,
  edge: "llm",
  method: "POST",
  path: "/v1/chat/completions?key=secret",
  status: 200,
  startedMs: 1000,
  firstByteMs: 1030,
  endedMs: 1080,
  bytesUp: 10,
  bytesDown: 900,
  end: "complete",
  requestKey: slot === null ? null : requestKey(`q${slot}`, 0),
  attributedBy: slot === null ? "none" : "header",
  attempt: 1,
  longestGapMs: null,
  upstreamMs: null,
  faults: [],
  ...parts,
});

const outcomeOf = (
  observations: readonly Observation[],
  records: readonly ExchangeRecord[],
  affected = 0,
): Pick<StretchOutcome, "observations" | "records" | "windows"> => ({
  observations,
  records,
  windows: [
    {
      scenario: "x",
      round: 0,
      phase: "load",
      startMs: 0,
      durationMs: 3000,
      guardMs: 0,
      planned: observations.length,
      lagP99Ms: 0,
      achievedRate: 1,
      eventLoopP99Ms: 0,
      receipts: [{ faultId: "x#1", edge: "llm", seen: 9, affected }],
    },
  ],
});

const read = (
  outcome: ReturnType<typeof outcomeOf>,
  attributable = true,
  fault: Fault = httpError("llm", 0.2),
  users: readonly string[] = ["q0", "q1", "q2", "q3"],
) =>
  readProbe({
    edge: edge("llm", { attributable }),
    fault,
    outcome: outcome as StretchOutcome,
    users: new Set(users),
  });

describe("what a probe's window says", () => {
  test("counts the marked requests that call the edge, and no others", () => {
    const observations = [
      observation(0, "ok", { latencyMs: 300 }),
      observation(1, "degraded"),
      observation(2, "status"),
      observation(3, "timeout-headers", { latencyMs: 5000 }),
      observation(4, "status"),
      observation(5, "status", { hit: false }),
      observation(6, "unsent"),
    ];
    const records = [record(0), record(0, { attempt: 2 }), record(1), record(null), record(9)];
    expect(read(outcomeOf(observations, records))).toEqual({
      struck: 4,
      ok: 1,
      degraded: 1,
      timedOut: 1,
      callsPerRequest: 0.5,
      medianMs: 300,
    });
  });

  test("where whose call is whose is not known, failures are taken to be the fault's, as many as it struck", () => {
    const observations = [0, 1, 2, 3, 4, 5, 6, 7].map((slot) =>
      observation(slot, slot < 3 ? "status" : "ok", { hit: false }),
    );
    expect(read(outcomeOf(observations, [record(null)], 4), false)).toMatchObject({
      struck: 4,
      ok: 1,
      degraded: 0,
    });
    expect(read(outcomeOf(observations, [record(null)], 2), false)).toMatchObject({ struck: 2, ok: 0 });
    expect(read(outcomeOf(observations, [], 0), false)).toMatchObject({ struck: 0, ok: 0 });
    expect(read(outcomeOf(observations, [record(null)], 1), false, httpError("llm", 1))).toMatchObject({
      struck: 8,
      ok: 5,
    });
  });
});

describe("probes", () => {
  test.each([0.5, 1, 2, 5, 10, 30, 200])(
    "at %d/s strike a part, of some requests, in 3 to 4 s",
    (rateRps) => {
      const suite = suiteWith([], { rateRps });
      const requests = (rateRps * probeWindowMs(suite)) / 1000;
      for (const question of ["single-failure", "hang", "retry-after"] as const) {
        const fault = probeFault(question, stub("llm"), suite);
        expect(fault?.fraction).toBeLessThanOrEqual(0.5);
        expect(Math.min(6, requests / 2)).toBeLessThanOrEqual((fault?.fraction ?? 0) * requests + 1e-9);
        expect(fault?.attempts).toBe(1);
      }
      expect(probeWindowMs(suite)).toBeGreaterThanOrEqual(3000);
      expect(probeWindowMs(suite)).toBeLessThanOrEqual(4000);
    },
  );

  test("of bytes ask what HTTP cannot say there", () => {
    const db = { name: "db", protocol: "tcp" } as const;
    const kinds = PROBE_QUESTIONS.map((question) => probeFault(question, db, suiteWith([]))?.kind);
    expect(kinds).toEqual(["reset", "refuse", "blackhole", undefined]);
  });

  test("that hang may cost the client's whole patience", () => {
    const suite = suiteWith([]);
    expect(patienceMs(suite)).toBe(5000);
    expect(probeCostMs("hang", suite) - probeCostMs("outage", suite)).toBe(5000);
  });
});

describe("an edge in calm traffic", () => {
  const traffic = (records: readonly ExchangeRecord[], attributable: readonly string[]) => ({
    records,
    requestKeys: new Set([0, 1, 2, 3].map((slot) => requestKey(`q${slot}`, 0))),
    attributable: new Set(attributable),
    before: { begun: { llm: 5 }, accepted: { llm: 5 } },
    after: { begun: { llm: 15 }, accepted: { llm: 7 } },
  });

  test("counts the calls of client requests alone, and shows no query", () => {
    const records = [record(0), record(0), record(1), record(null), record(2, { edge: "other" })];
    expect(calmEdge(stub("llm"), traffic(records, ["llm"]))).toMatchObject({
      calls: 3,
      callsPerRequest: 0.75,
      requestShare: 0.5,
      callsPerConnection: 5,
      shape: "openai",
      streams: true,
      question: "POST /v1/chat/completions",
      p50Ms: 80,
    });
  });

  test("that cannot be attributed counts them all, no more than one for each request", () => {
    const records = Array.from({ length: 9 }, () => record(null));
    expect(calmEdge(stub("llm"), traffic(records, []))).toMatchObject({
      calls: 9,
      requestShare: 1,
      attributable: false,
    });
  });

  test("an answer in one piece is no stream; identifiers in paths are not shown", () => {
    const path = `/bots/${"s3cret".repeat(5)}/417/send`;
    const records = [record(0, { firstByteMs: 1079, path })];
    expect(calmEdge(stub("llm"), traffic(records, ["llm"]))).toMatchObject({
      streams: false,
      question: "POST /bots/*/*/send",
    });
  });

  test("that nobody calls is none", () => {
    expect(calmEdge(stub("llm"), traffic([record(7)], ["llm"]))).toBeNull();
  });
});
