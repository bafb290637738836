/** Which requests are kept, and what is told of them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExchangeRecord } from "../../src/core/exchange.ts";
import type { Observation } from "../../src/core/observation.ts";
import { isFailure, isUnscored, OUTCOMES, type Outcome } from "../../src/core/outcome.ts";
import type { WindowRecord } from "../../src/core/profile.ts";
import { Exhibits, worstOf } from "../../src/run/exhibits.ts";
import type { Stretch } from "../../src/run/plan/plan.ts";
import type { StretchOutcome } from "../../src/run/run-stretch.ts";

const RUN_START = Date.parse("2026-03-01T12:00:00.000Z");
const WINDOW_MS = 3000;

const row = (given: Partial<Observation> = {}): Observation => ({
  window: 0,
  slot: 0,
  requestId: "q",
  repetition: (given.window ?? 0) * 1000 + (given.slot ?? 0),
  scheduledMs: 0,
  lagMs: 0,
  ttftMs: 10,
  latencyMs: 20,
  outcome: "ok",
  status: 200,
  hit: false,
  maxGapMs: null,
  chunks: 1,
  bytes: 1,
  answerHash: "",
  ...given,
});

const record = (given: Partial<ExchangeRecord>): ExchangeRecord => ({
  sequence: 1,
  edge: "llm",
  method: "POST",
  path: "/v1",
  status: 200,
  startedMs: RUN_START,
  firstByteMs: null,
  endedMs: RUN_START,
  longestGapMs: null,
  upstreamMs: null,
  bytesUp: 1,
  bytesDown: 1,
  end: "complete",
  requestKey: null,
  attributedBy: "none",
  attempt: 1,
  faults: [],
  ...given,
});

interface Given {
  readonly scenario?: string;
  readonly invalid?: string;
  readonly guardMs?: number;
  readonly rows: readonly Observation[];
}

/** One stretch of windows, each at its index times three seconds into the run. */
const add = (
  exhibits: Exhibits,
  windows: Readonly<Record<number, Given>>,
  records: readonly ExchangeRecord[] = [],
): void => {
  const indices = Object.keys(windows).map(Number);
  exhibits.add({ windows: indices.map((index) => ({ index })) as unknown as Stretch["windows"] }, {
    windows: indices.map((index) => {
      const { scenario = "down", invalid, guardMs = 0 } = windows[index] as Given;
      const startMs = index * WINDOW_MS;
      return { scenario, startMs, guardMs, ...(invalid === undefined ? {} : { invalid }) } as WindowRecord;
    }),
    observations: indices.flatMap((index) =>
      (windows[index]?.rows ?? []).map((each) => ({ ...each, window: index })),
    ),
    records,
  } as unknown as StretchOutcome);
};

const places = (exhibits: Exhibits) => exhibits.exhibits().map(({ window, slot }) => `${window}/${slot}`);

describe("the worst requests", () => {
  const told = (rows: readonly Observation[], most = 3) =>
    worstOf(rows, most).map(({ outcome, latencyMs }) => `${outcome} ${latencyMs}`);

  test("are failures, one of each outcome before a second of any, the longest first; then slow answers", () => {
    const rows = [
      row({ outcome: "ok", latencyMs: 9000 }),
      row({ outcome: "degraded", latencyMs: 9500 }),
      row({ outcome: "status", latencyMs: 300 }),
      row({ outcome: "status", latencyMs: 200 }),
      row({ outcome: "reset", latencyMs: 5 }),
      row({ outcome: "unsent", latencyMs: 99_999 }),
      row({ outcome: "client-abort", latencyMs: 99_998 }),
    ];
    expect(told(rows)).toEqual(["status 300", "reset 5", "status 200"]);
    expect(told(rows, 10)).toEqual(["status 300", "reset 5", "status 200", "degraded 9500", "ok 9000"]);
  });

  const rows = fc
    .array(
      fc.record({
        outcome: fc.constantFrom<Outcome>(...OUTCOMES),
        latencyMs: fc.integer({ min: 0, max: 20 }),
        part: fc.nat(3),
      }),
      { maxLength: 40 },
    )
    .map((all) => all.map(({ part, ...given }, slot) => row({ ...given, window: part, slot })));

  test("of a whole are the worst of its parts' worst, whatever the parts", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 5 }), (all, most) => {
        const parts = [...Map.groupBy(all, ({ window }) => window).values()];
        expect(
          worstOf(
            parts.flatMap((part) => worstOf(part, most)),
            most,
          ),
        ).toEqual(worstOf(all, most));
      }),
    );
  });

  test("leave out no failure for a good answer, and hold as many outcomes as there is room for", () => {
    fc.assert(
      fc.property(rows, (all) => {
        const worst = worstOf(all, 3);
        const scored = all.filter(({ outcome }) => !isUnscored(outcome));
        const failed = scored.filter(({ outcome }) => isFailure(outcome));
        expect(worst).toHaveLength(Math.min(3, scored.length));
        expect(worst.filter(({ outcome }) => isFailure(outcome))).toHaveLength(Math.min(3, failed.length));
        const kinds = (of: readonly Observation[]) => new Set(of.map(({ outcome }) => outcome)).size;
        const worstFailed = worst.filter(({ outcome }) => isFailure(outcome));
        expect(kinds(worstFailed)).toBe(Math.min(3, kinds(failed)));
        const passedOver = failed.filter((other) => !worst.includes(other));
        const longer = passedOver.filter((other) =>
          worstFailed.some((each) => each.outcome === other.outcome && each.latencyMs < other.latencyMs),
        );
        expect(longer).toEqual([]);
      }),
    );
  });
});

describe("exhibits", () => {
  test("are three of each scenario, calm traffic too, over all its windows", () => {
    const exhibits = new Exhibits(RUN_START);
    const slow = (latencies: readonly number[]) =>
      latencies.map((latencyMs, slot) => row({ slot, latencyMs }));
    add(exhibits, { 0: { scenario: "control", rows: slow([10, 50, 20, 30]) }, 1: { rows: slow([5, 6]) } });
    add(exhibits, { 2: { scenario: "control", rows: slow([40, 1]) }, 3: { rows: slow([7, 4]) } });
    expect(places(exhibits)).toEqual(["0/1", "2/0", "0/3", "3/0", "1/1", "1/0"]);
  });

  test("are not of a window's guard, and not of one that does not count where another does", () => {
    const exhibits = new Exhibits(RUN_START);
    add(exhibits, {
      0: {
        guardMs: 500,
        rows: [row({ latencyMs: 900, scheduledMs: 499 }), row({ slot: 1, scheduledMs: 500 })],
      },
      1: { invalid: "late", rows: [row({ latencyMs: 800 })] },
      2: { scenario: "other", invalid: "late", rows: [row()] },
    });
    expect(places(exhibits)).toEqual(["0/1", "2/0"]);
  });

  test("hold a request's calls on all edges by start, at times from the instant at which it was due", () => {
    const exhibits = new Exhibits(RUN_START);
    const dueMs = RUN_START + 2 * WINDOW_MS + 250;
    const mine = { requestKey: "q~2004", attributedBy: "header" } as const;
    add(exhibits, { 2: { rows: [row({ slot: 4, repetition: 2004, scheduledMs: 250 })] } }, [
      record({
        ...mine,
        startedMs: dueMs + 5.126,
        firstByteMs: dueMs + 7,
        endedMs: dueMs + 9,
        faults: ["down#1"],
      }),
      record({ ...mine, edge: "client", startedMs: dueMs + 1, endedMs: dueMs + 20 }),
      record({ startedMs: dueMs + 2 }),
      record({ requestKey: "q~999", startedMs: dueMs + 3 }),
    ]);
    // Its client was gone by then.
    add(exhibits, { 3: { scenario: "later", rows: [] } }, [
      record({ ...mine, attempt: 2, startedMs: dueMs + 15, endedMs: dueMs + 5000, end: "client-abort" }),
    ]);
    const [only, ...others] = exhibits.exhibits();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ window: 2, slot: 4, leftOut: 0, log: [] });
    expect(
      only?.calls.map(({ edge, startMs, firstByteMs, endMs, attempt, faults }) => [
        edge,
        startMs,
        firstByteMs,
        endMs,
        attempt,
        faults,
      ]),
    ).toEqual([
      ["client", 1, null, 20, 1, []],
      ["llm", 5.13, 7, 9, 1, ["down#1"]],
      ["llm", 15, null, 5000, 2, []],
    ]);
  });

  test("of a repeated window replace those of its first try, with their calls", () => {
    const exhibits = new Exhibits(RUN_START);
    add(exhibits, { 0: { invalid: "late", rows: [row({ latencyMs: 500, repetition: 1 })] } }, [
      record({ requestKey: "q~1", path: "/first" }),
    ]);
    add(exhibits, { 0: { rows: [row({ slot: 3, repetition: 5_000_001 })] } }, [
      record({ requestKey: "q~1", path: "/first-again" }),
      record({ requestKey: "q~5000001", path: "/second" }),
    ]);
    expect(exhibits.exhibits().map(({ slot, calls }) => [slot, calls.map((call) => call.path)])).toEqual([
      [3, ["/second"]],
    ]);
  });

  test("are bounded, and hold no secret of an address", () => {
    const exhibits = new Exhibits(RUN_START, ["X-Mine"]);
    const calls = Array.from({ length: 50 }, (_, place) =>
      record({
        requestKey: "q~0",
        sequence: 50 - place,
        startedMs: RUN_START + 50 - place,
        path: `/v1?token=hush&x_mine=hush&n=${50 - place}${"&more=1".repeat(100)}`,
      }),
    );
    add(exhibits, { 0: { rows: [row()] } }, calls);
    const [only] = exhibits.exhibits();
    expect(only?.calls.map(({ startMs }) => startMs)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    expect(only?.leftOut).toBe(10);
    expect(only?.calls[0]?.path).toMatch(/^\/v1\?token=REDACTED&x_mine=REDACTED&n=1&more=1/);
    expect(only?.calls[0]?.path).toHaveLength(200);
    for (let index = 1; index <= 150; index++)
      add(exhibits, { [index]: { scenario: `s${index}`, rows: Array.from({ length: 5 }, () => row()) } });
    expect(exhibits.exhibits().length).toBeLessThanOrEqual(300);
    expect(exhibits.exhibits().length).toBeGreaterThan(290);
  });
});

describe("log lines of an exhibit", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "squall-exhibit-lines-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const at = (ms: number): string => new Date(RUN_START + ms).toISOString();
  const file = async (name: string, lines: readonly string[]) => {
    const place = path.join(directory, name);
    await writeFile(place, lines.map((line) => `${line}\n`).join(""));
    return { name, path: place };
  };
  const linesOf = async (files: readonly { readonly name: string; readonly path: string }[]) => {
    const exhibits = new Exhibits(RUN_START);
    add(exhibits, { 0: { rows: [row({ scheduledMs: 500, latencyMs: 1000, outcome: "status" })] } });
    await exhibits.readLogs(files);
    return exhibits.exhibits()[0]?.log ?? [];
  };

  test("came out of any process between its due instant and a little after its end", async () => {
    const service = await file("service", [
      `${at(499)} stderr too early`,
      `${at(500)} stderr first`,
      `${at(900)} squall a note of our own`,
      "no line of the form",
      `${at(1600)} stdout last`,
      `${at(1601)} stdout too late`,
    ]);
    const llm = await file("llm", [`${at(1200)} stdout between`, `${at(1201)} stdout `]);
    expect(await linesOf([service, llm, { name: "gone", path: path.join(directory, "gone") }])).toEqual([
      { process: "service", atMs: 0, line: "first" },
      { process: "llm", atMs: 700, line: "between" },
      { process: "service", atMs: 1100, line: "last" },
    ]);
  });

  test("hold no secrets and no control codes, and are cut", async () => {
    const log = await file("secrets", [
      `${at(600)} stderr \u001B[31mGET\u001B[0m /x?token=hush&n=1 ${"y".repeat(500)}`,
      `${at(601)} stderr authorization: Bearer hush-hush-hush`,
    ]);
    const [first, second] = await linesOf([log]);
    expect(first?.line).toMatch(/^GET \/x\?token=REDACTED&n=1 y+…$/);
    expect(first?.line).toHaveLength(300);
    expect(second?.line).toBe("authorization: Bearer REDACTED");
  });

  test("are twelve: those that tell of trouble, then the last others, in their order", async () => {
    const log = await file(
      "many",
      Array.from(
        { length: 40 },
        (_, n) => `${at(600 + n)} stderr ${n < 5 ? "ERROR refused" : "all is well"} ${n}`,
      ),
    );
    expect((await linesOf([log])).map(({ line }) => Number(line.split(" ").at(-1)))).toEqual([
      0, 1, 2, 3, 4, 33, 34, 35, 36, 37, 38, 39,
    ]);
    const bad = await file(
      "bad",
      Array.from({ length: 40 }, (_, n) => `${at(600 + n)} stderr ERROR ${n}`),
    );
    expect((await linesOf([bad])).map(({ line }) => line)).toEqual(
      Array.from({ length: 12 }, (_, n) => `ERROR ${28 + n}`),
    );
  });
});
