/** Searches in a run: when they happen, what they leave behind, and where they end. */
import { describe, expect, test } from "vitest";
import { SquallError } from "../../src/core/errors.ts";
import { MOST_FRONTIER_STEPS } from "../../src/core/frontier/search.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { Frontier } from "../../src/core/suite.ts";
import { memorySuite, pairInMemory, planOf, runInMemory } from "../support/run/run-in-memory.ts";
import { World } from "../support/run/world.ts";
import { experiment, httpError } from "../support/suites.ts";

const LEVELS = Array.from({ length: 16 }, (_, place) => (place + 1) * 100);

const frontier = (name = "slow", fraction = 1): Frontier => ({
  name,
  range: { parameter: "delay", unit: "ms", from: 0, levels: LEVELS },
  faults: LEVELS.map((delayMs) => ({
    kind: "http-delay",
    before: "response",
    delayMs,
    jitterMs: 0,
    distribution: "constant",
    on: "llm",
    fraction,
    attempts: "all",
  })),
  expect: [{ metric: "errorRate", comparator: "<=", limit: 0.05, text: "errorRate <= 5%" }],
});

const delayInForce = (world: World): number => {
  const [placed] = world.inForce;
  return placed?.fault.kind === "http-delay" ? placed.fault.delayMs : 0;
};

/** A service that gives up on a dependency after so long. */
const patient = (
  limitMs: number,
  suite = memorySuite([experiment("partial", httpError("llm", 0.2))], { frontiers: [frontier()] }),
) => {
  const run = runInMemory(suite, {
    answer: ({ hit }) =>
      delayInForce(run.world) > limitMs && hit ? { outcome: "status", latencyMs: limitMs } : {},
  });
  return run;
};

describe("a search in a run", () => {
  test("comes after all of the plan, finds the edge, and leaves the plan's measurement as it was", async () => {
    const { profile, world } = patient(700);
    const { frontiers = [], windows, scenarios, observations } = await profile;
    expect(frontiers).toHaveLength(1);
    const [found] = frontiers;
    expect(found).toMatchObject({
      name: "slow",
      description: "llm http-delay, delay",
      fault: { delayMs: 1600 },
    });
    const holding =
      found?.steps.filter(({ beyond }) => beyond[0] === 0).map(({ level }) => LEVELS[level] ?? 0) ?? [];
    const failing =
      found?.steps
        .filter(({ beyond, requests }) => beyond[0] === requests)
        .map(({ level }) => LEVELS[level] ?? 0) ?? [];
    expect(Math.max(...holding)).toBe(700);
    expect(Math.min(...failing)).toBe(800);
    expect(scenarios.map(({ name }) => name)).toEqual(["control", "partial"]);
    const load = windows.filter(({ phase }) => phase === "load");
    expect(load.every(({ scenario }) => scenario !== "slow")).toBe(true);
    expect(observations.every(({ window }) => window < load.length)).toBe(true);
    const indices = world.windows.map(({ window }) => window);
    expect(indices.findIndex((window) => window === 1_000_000)).toBeGreaterThan(
      indices.findLastIndex((window) => window >= 0 && window < 1_000_000),
    );
  });

  test("asks no request under a repetition that the plan uses", async () => {
    const { profile, world } = patient(700);
    await profile;
    const keys = world.windows.flatMap(({ requests }) =>
      requests.map(({ requestId, repetition }) => `${requestId}~${repetition}`),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("strikes the share that it is told to", async () => {
    const suite = memorySuite([experiment("partial", httpError("llm", 0.2))], {
      frontiers: [frontier("half", 0.5)],
    });
    const { profile } = patient(700, suite);
    const step = (await profile).frontiers?.[0]?.steps.find(({ beyond }) => (beyond[0] ?? 0) > 0);
    expect((step?.beyond[0] ?? 0) / (step?.requests ?? 1)).toBeCloseTo(0.5, 1);
  });

  test("ends where the service does not come to rest, says so, and tries nothing more", async () => {
    let broken = false;
    const suite = memorySuite([experiment("partial", httpError("llm", 0.2))], {
      frontiers: [frontier(), frontier("another")],
    });
    const run = runInMemory(suite, {
      answer: () => {
        if (delayInForce(run.world) > 0) broken = true;
        return broken ? { outcome: "status" } : {};
      },
    });
    const { frontiers = [], notes } = await run.profile;
    expect(frontiers.map(({ steps }) => steps.length)).toEqual([1, 0]);
    expect(notes.join("\n")).toMatch(
      /slow: at delay \d+ ms the search ended: the service did not come to rest/,
    );
  });

  test("that meets a level which cannot be tried ends there, and loses nothing", async () => {
    const suite = memorySuite([experiment("partial", httpError("llm", 0.2))], { frontiers: [frontier()] });
    const run = runInMemory(suite, {
      clearError: () =>
        delayInForce(run.world) > 0
          ? new SquallError("fault-not-cleared", "The engine refused the limit.")
          : null,
    });
    const { frontiers = [], notes, windows } = await run.profile;
    expect(frontiers[0]?.steps).toEqual([]);
    expect(notes.join("\n")).toContain("the search ended: The engine refused the limit.");
    expect(windows.filter(({ phase }) => phase === "load")).toHaveLength(planOf(suite).windows.length);
  });

  test("that is interrupted ends the run", async () => {
    const suite = memorySuite([experiment("partial", httpError("llm", 0.2))], { frontiers: [frontier()] });
    const run = runInMemory(suite, {
      clearError: () => (delayInForce(run.world) > 0 ? new SquallError("interrupted", "Interrupted.") : null),
    });
    await expect(run.profile).rejects.toThrow("Interrupted.");
  });

  test("whose fault strikes nothing at any level found nothing out, and says so", async () => {
    const far = frontier();
    const elsewhere = {
      ...far,
      faults: far.faults.map((fault) => ({ ...fault, match: { path: "/never" } })),
    };
    const suite = memorySuite([experiment("partial", httpError("llm", 0.2))], {
      frontiers: [frontier("before"), elsewhere],
    });
    const run = runInMemory(suite, { strikes: ({ fault }) => fault.match === undefined });
    const { frontiers = [], notes } = await run.profile;
    expect(frontiers.map(({ steps }) => steps.length > 0)).toEqual([true, false]);
    expect(notes.join("\n")).toContain("slow: the fault struck nothing at any level");
  });

  test("forgives a machine that is a little late, and no more", async () => {
    const at = async (lagMs: number) => {
      const run = runInMemory(
        memorySuite([experiment("partial", httpError("llm", 0.2))], { frontiers: [frontier()] }),
        {
          answer: () => (delayInForce(run.world) > 0 ? { lagMs } : {}),
        },
      );
      const steps = (await run.profile).frontiers?.[0]?.steps ?? [];
      return steps.filter(({ invalid }) => invalid !== undefined).length / steps.length;
    };
    // Elsewhere 5 ms are too late.
    expect(await at(24)).toBe(0);
    expect(await at(26)).toBe(1);
  });

  test("charges no death to the plan that a search brought about", async () => {
    const suite = memorySuite([experiment("partial", httpError("llm", 0.2))], { frontiers: [frontier()] });
    const run = runInMemory(suite, {
      answer: () => {
        if (delayInForce(run.world) > 0 && run.world.exits.length === 0)
          run.world.exits.push({
            name: "service",
            atMs: Date.now() + 60_000,
            exitCode: 1,
            signal: null,
            injected: false,
          });
        return {};
      },
    });
    expect((await run.profile).deaths).toEqual([]);
  });

  test("is left out where only other experiments are asked for, and alone where it is", async () => {
    const suite = memorySuite([experiment("partial", httpError("llm", 0.2))], { frontiers: [frontier()] });
    expect((await runInMemory(suite, {}, ["partial"]).profile).frontiers).toBeUndefined();
    const alone = await runInMemory(suite, {}, ["slow"]).profile;
    expect(alone.frontiers).toHaveLength(1);
    expect(alone.scenarios.map(({ name }) => name)).toEqual(["control"]);
  });

  test("in pairs is each arm's own, in turn", async () => {
    const suite = memorySuite([experiment("partial", httpError("llm", 0.2))], { frontiers: [frontier()] });
    const turns: string[] = [];
    const world = (name: string, limitMs: number): World => {
      const own: World = new World(suite, {
        answer: () => (delayInForce(own) > limitMs ? { outcome: "status", latencyMs: limitMs } : {}),
        hold: async ({ window }) => {
          if (window === 1_000_000) turns.push(name);
          return Promise.resolve();
        },
      });
      return own;
    };
    const [head, reference] = [world("head", 400), world("reference", 1200)];
    const { head: ours, reference: theirs } = await pairInMemory(suite, head, reference);
    const found = ({ frontiers = [] }: Profile): number =>
      Math.max(
        ...(frontiers[0]?.steps ?? [])
          .filter(({ beyond }) => beyond[0] === 0)
          .map(({ level }) => LEVELS[level] ?? 0),
      );
    expect([found(ours), found(theirs)]).toEqual([400, 1200]);
    // Neither is a step ahead of the other, as long as both search.
    const both = 2 * Math.min(...[ours, theirs].map(({ frontiers = [] }) => frontiers[0]?.steps.length ?? 0));
    for (let turn = 0; turn < both; turn += 2)
      expect(new Set(turns.slice(turn, turn + 2))).toEqual(new Set(["head", "reference"]));
  });

  test("takes its time out of the budget", () => {
    const plain = memorySuite([experiment("partial", httpError("llm", 0.2))], {});
    const budget = { ...plain.policy, budgetMs: 120_000 };
    const without = planOf({ ...plain, policy: budget });
    const searching = planOf({ ...plain, policy: budget, frontiers: [frontier()] });
    expect(without.loadMs - searching.loadMs).toBeGreaterThan(MOST_FRONTIER_STEPS * 2000);
  });
});
