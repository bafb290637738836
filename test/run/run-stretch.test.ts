/** Stretches replayed by the real generator against a real server: what becomes of each window's rows. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLoad } from "../../src/adapters/load/start-load.ts";
import type { Fault } from "../../src/core/fault.ts";
import { cleanRun } from "../../src/core/judge/clean.ts";
import type { Experiment, Suite } from "../../src/core/suite.ts";
import { countCalls } from "../../src/run/calls.ts";
import { makePlan, type Stretch } from "../../src/run/plan/plan.ts";
import { runStretch, type StretchOutcome } from "../../src/run/run-stretch.ts";
import { profileOf } from "../support/method-cases.ts";
import { engine, runningSystem } from "../support/run/ports.ts";
import { World } from "../support/run/world.ts";
import { stub } from "../support/services/service-suite.ts";
import { experiment, httpError, suiteWith, templates } from "../support/suites.ts";

const ANSWER_MS = 10;
const server = createServer((request, response) => {
  request.resume();
  setTimeout(() => response.end("fine"), ANSWER_MS);
});
let url = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const TARGET = { on: "client", fraction: 1, attempts: 1 } as const;

/** Few and short windows, of a loop of three. */
const closedSuite = (...experiments: readonly Experiment[]): Suite => {
  const base = suiteWith(experiments, { budgetMs: 20_000 });
  return {
    ...base,
    dependencies: [stub("llm")],
    // The test machine is busy with other tests: how late requests leave is not what is tested here.
    policy: { ...base.policy, maxLagP99Ms: 10_000 },
    workload: { ...base.workload, arrivals: "closed", concurrency: 3 },
  };
};

/** The first so many windows of a stretch. */
const beginning = (stretch: Stretch, count: number): Stretch => {
  const windows = stretch.windows.slice(0, count);
  const last = windows.at(-1);
  return {
    ...stretch,
    // The sidecar's faults would strike dependencies, and this service has none.
    faults: stretch.faults.filter(({ fault }) => fault.kind === "kill"),
    windows,
    requests: stretch.requests.slice(0, last?.endSlot),
    durationMs: (last?.offsetMs ?? 0) + (last?.durationMs ?? 0),
  };
};

const replay = async (
  suite: Suite,
  scenario: string,
): Promise<{ stretch: Stretch; outcome: StretchOutcome }> => {
  const requests = templates(20);
  const plan = makePlan({ suite, requests, seed: 3, attributable: () => true });
  const found = plan.stretches.find(({ windows }) => windows.some((each) => each.scenario === scenario));
  if (found === undefined) throw new Error(`nothing replays ${scenario}`);
  const stretch = beginning(found, 3);
  const world = new World(suite);
  await using load = await startLoad({ baseUrl: url, requests, workload: suite.workload, seed: 3 });
  const outcome = await runStretch(
    {
      system: runningSystem(world, url),
      load,
      engineOf: ({ kind }) => (kind === "kill" ? engine(world, "runtime") : null),
      policy: suite.policy,
      runStartMs: 0,
      totalDeadlineMs: suite.workload.deadlines.totalMs,
      sloMs: suite.workload.sloMs,
      signal: new AbortController().signal,
      httpEdges: ["llm"],
    },
    stretch,
  );
  return { stretch, outcome };
};

describe("a closed loop of several windows", () => {
  test("has rows in each of them, from its start to its end, and the judge keeps every one", async () => {
    const limit: Fault = { kind: "cpu-limit", on: "service", fraction: 1, attempts: "all", cpus: 1 };
    // A limit in the suite puts a guard before calm windows: rows timed from the stretch's start fell under it.
    const suite = closedSuite(experiment("partial", httpError("llm", 0.2)), experiment("slow", limit));
    const { stretch, outcome } = await replay(suite, "control");
    expect(stretch.windows.length).toBeGreaterThanOrEqual(2);
    for (const [place, window] of stretch.windows.entries()) {
      const rows = outcome.observations.filter((row) => row.window === window.index);
      const record = outcome.windows[place];
      // Three at a time of a few more than ten milliseconds: hundreds where the machine is free, never none.
      expect(rows.length).toBeGreaterThan(20);
      expect(rows.map(({ slot }) => slot)).toEqual(rows.map((_, slot) => slot));
      expect(Math.min(...rows.map(({ scheduledMs }) => scheduledMs))).toBeGreaterThanOrEqual(0);
      expect(Math.max(...rows.map(({ scheduledMs }) => scheduledMs))).toBeLessThan(window.durationMs);
      expect(Math.max(...rows.map(({ scheduledMs }) => scheduledMs))).toBeGreaterThan(window.durationMs / 2);
      expect(record).toMatchObject({ planned: rows.length, achievedRate: 1 });
      expect(rows.length).toBeLessThan(window.endSlot - window.firstSlot);
    }
    // Only what was sent counts as a client's request.
    const calls = countCalls(outcome.replayed, outcome.index, outcome.records, ["llm"]);
    expect(calls.map(({ clientRequests }) => clientRequests)).toEqual(
      outcome.windows.map(({ planned }) => planned),
    );
    const at = new Map(stretch.windows.map(({ index }, place) => [index, place]));
    const profile = profileOf({
      windows: outcome.windows,
      observations: outcome.observations.map((row) => ({ ...row, window: at.get(row.window) ?? -1 })),
      scenarios: [],
      recoveries: [],
    });
    const kept = cleanRun(profile, 0, { policy: suite.policy, sloMs: 2000 });
    const scored = [...kept.samples.values()].flatMap(({ rows }) => rows).length;
    const guarded = outcome.observations.filter(
      ({ window, scheduledMs }) => scheduledMs < (outcome.windows[at.get(window) ?? 0]?.guardMs ?? 0),
    ).length;
    expect(scored).toBe(outcome.observations.filter(({ outcome: end }) => end !== "unsent").length - guarded);
  });

  test("goes on to the end of a kill's window, so that recovery has requests to be seen by", async () => {
    const kill: Fault = { ...TARGET, kind: "kill", on: "service", signal: "SIGKILL", restartAfterMs: 100 };
    const { stretch, outcome } = await replay(closedSuite(experiment("killed", kill)), "killed");
    const times = outcome.observations.map(({ scheduledMs }) => scheduledMs);
    expect(Math.max(...times)).toBeGreaterThan(stretch.durationMs - 1000);
    expect(outcome.recoveries).toHaveLength(1);
    expect(outcome.recoveries[0]?.recoveryMs).toBeLessThan(2000);
  });

  test("under overload has more in flight, and a burst comes on top", async () => {
    const overloaded = await replay(
      closedSuite(experiment("busy", { ...TARGET, kind: "overload", times: 3 })),
      "busy",
    );
    expect(overloaded.stretch.windows[0]?.concurrency).toBe(9);
    const spike = await replay(
      closedSuite(experiment("spike", { ...TARGET, kind: "burst", requests: 40 })),
      "spike",
    );
    const [window] = spike.stretch.windows;
    const burst = spike.outcome.observations.filter(({ slot }) => slot >= (window?.looped ?? 0));
    expect(burst).toHaveLength(40);
    expect(new Set(burst.map(({ scheduledMs }) => Math.round(scheduledMs)))).toEqual(
      new Set([Math.round((window?.durationMs ?? 0) / 3)]),
    );
  });
});
