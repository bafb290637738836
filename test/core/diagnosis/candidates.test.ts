import { describe, expect, test } from "vitest";
import {
  type CandidateInput,
  calmEdgeMs,
  candidates,
  WORTH_TRYING,
} from "../../../src/core/diagnosis/candidates.ts";
import { describeRemedy } from "../../../src/core/diagnosis/describe.ts";
import type { Fault } from "../../../src/core/fault.ts";
import type { Profile, Scenario } from "../../../src/core/profile.ts";
import { EDGE_REMEDY_KINDS, RUNTIME_REMEDY_KINDS } from "../../../src/core/remedy/remedy.ts";
import { syntheticProfile } from "../../support/synthetic-profile.ts";

const on = { on: "llm", fraction: 0.2, attempts: 1 } as const;
const all = { on: "llm", fraction: 1, attempts: "all" } as const;

const http = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  ...on,
  kind: "http-error",
  status,
  headers,
});
const blackhole: Fault = { ...on, kind: "blackhole" };
const kill = (target: string): Fault => ({
  on: target,
  fraction: 1,
  attempts: "all",
  kind: "kill",
  signal: "SIGKILL",
  restartAfterMs: 500,
});

const scenarioOf = (shape: Scenario["shape"], ...faults: readonly Fault[]): Scenario => ({
  name: "trouble",
  shape,
  scale: "additive",
  faults,
  description: "",
});

const input = (
  fault: Fault,
  metric: CandidateInput["metric"],
  more: Partial<CandidateInput> = {},
): CandidateInput => ({
  scenario: scenarioOf("attributed", fault),
  metric,
  dependencies: [
    { name: "llm", protocol: "http" },
    { name: "vector", protocol: "http" },
  ],
  calmMs: () => 81.3,
  ...more,
});

const kinds = (of: CandidateInput): string[] =>
  candidates(of).map(({ remedy }) => `${remedy.kind} ${remedy.on}`);

describe("remedies worth trying", () => {
  test("against failing calls are a retry, a cache and a hedge, cheapest first", () => {
    expect(kinds(input(http(503), "error-rate"))).toEqual(["retry llm", "cache llm", "hedge llm"]);
    expect(kinds(input(http(503), "degraded-rate"))).toEqual(["retry llm", "cache llm", "hedge llm"]);
  });

  test("against answers that ask to wait begin with a cap on the wait, whatever the header's case", () => {
    const throttled = kinds(input(http(429, { "Retry-After": "2" }), "hit50"));
    expect(throttled[0]).toBe("retry-after-cap llm");
    expect(throttled).toContain("retry llm");
    expect(kinds(input(http(429), "hit50"))).not.toContain("retry-after-cap llm");
  });

  test("against calls that hang are a deadline and a hedge, never a retry, which acts on failures alone", () => {
    const hanging = kinds(input(blackhole, "late-rate"));
    expect(hanging).toEqual(["deadline llm", "cache llm", "hedge llm", "replica service"]);
  });

  test("against an outage of every call are no second calls: these would meet it too", () => {
    const outage = { ...http(503), ...all } as Fault;
    const scenario = scenarioOf("clock", outage);
    expect(kinds(input(outage, "error-rate", { scenario }))).toEqual(["cache llm"]);
    expect(kinds(input(outage, "calls-per-request", { scenario, edge: "llm" }))).toEqual([
      "circuit-breaker llm",
      "cache llm",
    ]);
    const healing = { ...outage, forMs: 500 } as Fault;
    expect(kinds(input(healing, "error-rate", { scenario: scenarioOf("clock", healing) }))).toContain(
      "retry llm",
    );
  });

  test("against a service without cores or memory, and one that is killed, are the runtime's", () => {
    const slow: Fault = { ...all, on: "service", kind: "cpu-limit", cpus: 0.5 };
    const scenario = scenarioOf("ambient", slow);
    expect(kinds(input(slow, "p50", { scenario }))).toEqual(["more-cpu service", "replica service"]);
    const tight: Fault = { ...all, on: "service", kind: "memory-limit", bytes: 1e8 };
    expect(kinds(input(tight, "error-rate", { scenario: scenarioOf("ambient", tight) }))).toEqual([
      "restart service",
      "more-memory service",
      "replica service",
    ]);
    const killed = scenarioOf("kill", kill("service"));
    expect(kinds(input(kill("service"), "recovery", { scenario: killed }))).toEqual(["replica service"]);
  });

  test("against a dependency that is killed stand on its edge", () => {
    const scenario = scenarioOf("kill", kill("llm"));
    expect(kinds(input(kill("llm"), "recovery", { scenario }))).toEqual(["cache llm"]);
  });

  test("in calm traffic are another process and more of what it has", () => {
    const scenario = scenarioOf("control");
    expect(kinds({ ...input(blackhole, "p50"), scenario })).toEqual([
      "restart service",
      "more-cpu service",
      "replica service",
    ]);
  });

  test("are none where nothing could stand before the fault", () => {
    const abort: Fault = { ...on, on: "client", kind: "client-abort", afterEvents: 3 };
    expect(kinds(input(abort, "error-rate"))).toEqual([]);
    expect(kinds(input({ ...blackhole, on: "client" }, "late-rate"))).toEqual([]);
    expect(kinds(input({ ...http(503), on: "client" }, "error-rate"))).toEqual([]);
  });

  test("stand on the fault's own edge first, then where the harm shows", () => {
    expect(kinds(input(http(503), "calls-per-request", { edge: "vector" }))).toEqual([
      "circuit-breaker llm",
      "circuit-breaker vector",
      "cache llm",
      "cache vector",
    ]);
  });
});

describe("parameters of a remedy", () => {
  test("come from calm calls of its edge", () => {
    const words = candidates(input(blackhole, "late-rate")).map(({ remedy }) => describeRemedy(remedy));
    expect(words.slice(0, 3)).toEqual([
      "a deadline of 240 ms on llm",
      "a cache of 1,000 answers for 60 s on llm",
      "a second call on llm where the first has no answer after 81 ms",
    ]);
  });

  test("that are not known are no reason to guess: the remedy is refused", () => {
    const [deadline] = candidates(input(blackhole, "late-rate", { calmMs: () => null }));
    expect(deadline).toMatchObject({
      remedy: { kind: "deadline" },
      refused: "no calm calls were seen on llm to tell how long they take",
    });
  });

  test("are of no use on an edge that speaks TCP", () => {
    const found = candidates(
      input(http(503), "error-rate", { dependencies: [{ name: "llm", protocol: "tcp" }] }),
    );
    expect(found.every(({ refused }) => refused === "llm speaks TCP: its calls cannot be told apart")).toBe(
      true,
    );
  });

  test("are taken from whole seconds of calm windows alone", () => {
    const profile = syntheticProfile({ scheduleSeed: 1, runSeed: 1 });
    const calm = profile.windows.find(({ scenario }) => scenario === "control");
    const other = profile.windows.find(({ scenario }) => scenario !== "control");
    const second = (startMs: number, p95Ms: number, edge = "llm") => ({
      edge,
      second: Math.ceil(startMs / 1000),
      calls: 5,
      errors: 0,
      meanMs: 1,
      p95Ms,
    });
    const head: Profile = {
      ...profile,
      edgeSeconds: [
        second(calm?.startMs ?? 0, 70),
        second(other?.startMs ?? 0, 4000),
        second(calm?.startMs ?? 0, 9, "vector"),
      ],
    };
    expect(calmEdgeMs(head, "llm")).toBe(70);
    expect(calmEdgeMs(head, "cache")).toBeNull();
  });
});

test("every remedy that there is is tried against something", () => {
  const named = new Set(Object.values(WORTH_TRYING).flatMap((row) => Object.values(row).flat()));
  expect([...named].toSorted()).toEqual([...EDGE_REMEDY_KINDS, ...RUNTIME_REMEDY_KINDS].toSorted());
});
