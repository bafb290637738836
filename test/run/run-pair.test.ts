/** Two services side by side: who is measured when, and where looks end it. */
import { describe, expect, test } from "vitest";
import type { Profile } from "../../src/core/profile.ts";
import { LOOKS } from "../../src/run/plan/timetable.ts";
import { memorySuite, pairInMemory, planOf, runInMemory } from "../support/run/run-in-memory.ts";
import { World } from "../support/run/world.ts";
import { experiment, httpError } from "../support/suites.ts";

const PARTIAL = experiment("partial", httpError("llm", 0.2));
const OTHER = experiment("other", httpError("llm", 0.2));
const DOWN = experiment("down", httpError("llm", 1));

const loaded = ({ windows }: Profile) =>
  windows.filter(({ phase }) => phase === "load").map(({ scenario, round }) => `${scenario} ${round}`);

const scenariosOf = (profile: Profile) => new Set(profile.windows.map(({ scenario }) => scenario));

describe("a run in pairs", () => {
  test("measures window by window in turn, each first as often as the other, by one and the same plan", async () => {
    const suite = memorySuite([PARTIAL, DOWN]);
    const turns: string[] = [];
    const world = (name: string) =>
      new World(suite, {
        hold: async ({ window }) => {
          if (window >= 0) turns.push(name);
          return Promise.resolve();
        },
      });
    const [head, reference] = [world("head"), world("reference")];
    const profiles = await pairInMemory(suite, head, reference);
    const measured = turns.filter((_, place) => place % 2 === 0);
    expect(turns).toHaveLength(2 * profiles.head.windows.filter(({ phase }) => phase === "load").length);
    // AB BA AB ...: no turn is one service twice, and each goes first in half of them.
    expect(measured.filter((name) => name === "head")).toHaveLength(Math.ceil(measured.length / 2));
    for (let place = 0; place < turns.length; place += 2) expect(turns[place]).not.toBe(turns[place + 1]);
    expect(loaded(profiles.reference)).toEqual(loaded(profiles.head));
    const asked = ({ observations }: Profile) =>
      observations.map(({ requestId, repetition, hit }) => [requestId, repetition, hit]);
    expect(asked(profiles.reference)).toEqual(asked(profiles.head));
    expect(profiles.reference.scheduleHash).toBe(profiles.head.scheduleHash);
    expect(profiles.reference.provenance.commit).toBe("abc");
    for (const { events } of [head, reference])
      expect(events.slice(-2)).toEqual(["load ended", "system ended"]);
  });
});

describe("looks", () => {
  const suite = memorySuite([PARTIAL, OTHER, DOWN]);

  test("are asked between the thirds, of what was measured so far", async () => {
    const seen: (readonly [number, number])[] = [];
    const { profile } = runInMemory(suite, {}, undefined, (look, [head]) => {
      seen.push([look, head?.windows.length ?? 0]);
      expect(scenariosOf(head as Profile)).toEqual(new Set(["control", "partial", "other"]));
      return { stop: false, settled: new Set() };
    });
    expect(loaded(await profile)).toHaveLength(planOf(suite).windows.length);
    const plan = planOf(suite);
    const upTo = (look: number) => plan.windows.filter((window) => window.look <= look).length;
    expect(seen).toEqual(Array.from({ length: LOOKS - 1 }, (_, look) => [look, upTo(look)]));
  });

  test("that find all settled leave the other rounds out; outages follow all the same", async () => {
    const { profile } = runInMemory(suite, {}, undefined, () => ({ stop: true, settled: new Set() }));
    const measured = await profile;
    const plan = planOf(suite);
    const expected = plan.windows.filter(({ look }) => look === 0 || look === LOOKS);
    expect(loaded(measured)).toEqual(expected.map(({ scenario, round }) => `${scenario} ${round}`));
    // Numbered without a gap: each row's window is the one in its place.
    for (const row of measured.observations) {
      const { phase, scenario } = measured.windows[row.window] ?? {};
      expect([phase, row.hit && scenario === "control"]).toEqual(["load", false]);
    }
    const down = measured.windows.findIndex(({ scenario }) => scenario === "down");
    expect(measured.observations.some(({ window }) => window === down)).toBe(true);
  });

  test("that find one fault settled go on with the others, beside calm", async () => {
    const settled = new Set(["other"]);
    const { profile } = runInMemory(suite, {}, undefined, () => ({ stop: false, settled }));
    const plan = planOf(suite);
    const expected = plan.windows.filter(({ look, scenario }) => look === 0 || scenario !== "other");
    expect(loaded(await profile)).toEqual(expected.map(({ scenario, round }) => `${scenario} ${round}`));
  });

  describe("in pairs", () => {
    const loadMs = ({ windows }: Profile): number =>
      windows.filter(({ phase }) => phase === "load").reduce((sum, { durationMs }) => sum + durationMs, 0);
    const roundsOf = (profile: Profile, name: string): number =>
      profile.windows.filter(({ phase, scenario }) => phase === "load" && scenario === name).length;
    const long = { ...suite, policy: { ...suite.policy, budgetMs: 60_000 } };
    const planned = roundsOf(
      { windows: planOf(long).windows.map((window) => ({ ...window, phase: "load" })) } as never,
      "partial",
    );

    test("give the time that a settled fault left over to the one that is open", async () => {
      const asked: number[] = [];
      const { head, reference } = await pairInMemory(long, new World(long), new World(long), (look) => {
        asked.push(look);
        return { stop: false, settled: new Set(["other"]) };
      });
      expect(asked).toEqual([0, 1, 2]);
      expect(roundsOf(head, "other")).toBeLessThan(planned);
      expect(roundsOf(head, "partial")).toBeGreaterThan(planned);
      expect(loadMs(head)).toBeLessThanOrEqual(planOf(long).loadMs);
      expect(loaded(reference)).toEqual(loaded(head));
      // Each spare request has its twin.
      const asks = ({ observations }: Profile) =>
        observations.map(({ window, requestId, repetition, hit }) => [window, requestId, repetition, hit]);
      expect(asks(reference)).toEqual(asks(head));
      const keys = head.observations.map(({ requestId, repetition }) => `${requestId}~${repetition}`);
      expect(new Set(keys).size).toBe(keys.length);
    });

    test("spare nothing where nothing was left over, or nothing is open any more", async () => {
      const whole = await pairInMemory(long, new World(long), new World(long), () => ({
        stop: false,
        settled: new Set(),
      }));
      expect(loaded(whole.head)).toEqual(
        loaded({ windows: planOf(long).windows.map((window) => ({ ...window, phase: "load" })) } as never),
      );
      const over = await pairInMemory(long, new World(long), new World(long), (look) => ({
        stop: look === LOOKS - 1,
        settled: new Set(["other"]),
      }));
      expect(roundsOf(over.head, "partial")).toBe(planned);
    });
  });

  test("of one run alone ask no third time: spare rounds have no twins in the baseline", async () => {
    const asked: number[] = [];
    const { profile } = runInMemory(suite, {}, undefined, (look) => {
      asked.push(look);
      return { stop: false, settled: new Set(["other"]) };
    });
    await profile;
    expect(asked).toEqual([0, 1]);
  });
});
