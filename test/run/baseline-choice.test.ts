import { array, assert, asyncProperty, integer, nat } from "fast-check";
import { describe, expect, test } from "vitest";
import { baselineChooser, type ChoiceInput } from "../../src/run/baseline-choice.ts";
import type { Ancestry } from "../../src/run/forge.ts";
import type { StoredRun } from "../../src/run/ports.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const DAY_MS = 86_400_000;

const commit = (index: number): string => index.toString(16).padStart(40, "0");
const run = (index: number, over: Partial<StoredRun> = {}): StoredRun => ({
  id: `run-${index}`,
  suiteHash: "suite",
  frameHash: "frame",
  commit: commit(index),
  startedAt: new Date(NOW.getTime() - DAY_MS + index * 1000).toISOString(),
  ...over,
});

/** History as each commit's parents; a parent's number is smaller. */
const historyOf = (parents: readonly (readonly number[])[]): Ancestry => {
  const index = (id: string): number => Number.parseInt(id, 16);
  const ancestors = (of: number): Set<number> => {
    const seen = new Set<number>();
    const visit = (each: number): void => {
      if (seen.has(each)) return;
      seen.add(each);
      parents[each]?.forEach(visit);
    };
    visit(of);
    return seen;
  };
  return {
    distance: async (ancestor, of) => {
      const all = ancestors(index(of));
      // As git counts: commits of the one that are not the other's.
      return all.has(index(ancestor)) ? all.size - ancestors(index(ancestor)).size : null;
    },
    mergeBase: async () => null,
  };
};

const line = historyOf([[], [0], [1], [2], [3], [4]]);
const input = (over: Partial<ChoiceInput> = {}): ChoiceInput => ({
  mergeBase: commit(4),
  ancestry: line,
  suiteHash: "suite",
  frameHash: "frame",
  policy: { pooledRuns: 3, maxBaselineAgeMs: 30 * DAY_MS, maxBaselineCommits: 500 },
  now: NOW,
  ...over,
});
const ids = async (over: Partial<ChoiceInput>, runs: readonly StoredRun[]) =>
  (await baselineChooser(input(over)).choose(runs)).map(({ id }) => id);

describe("the stored runs that a change is compared with", () => {
  test("are the nearest ancestors of its base, newest last, as many as are pooled", async () => {
    const chooser = baselineChooser(input());
    const chosen = await chooser.choose([0, 1, 2, 3, 5].map((index) => run(index)));
    expect(chosen.map(({ id }) => id)).toEqual(["run-1", "run-2", "run-3"]);
    expect(chooser.choice()).toMatchObject({
      runs: 3,
      commit: commit(3),
      distance: 1,
      ancestor: "yes",
      stale: null,
    });
    expect(chooser.notes().join()).toMatch(/1 stored run passed over/);
  });

  test("are of the same suite where there are any, else of the same frame, else whatever there is", async () => {
    const runs = [run(1, { suiteHash: "old", frameHash: "old" }), run(2, { suiteHash: "old" }), run(3)];
    expect(await ids({}, runs)).toEqual(["run-3"]);
    expect(await ids({}, runs.slice(0, 2))).toEqual(["run-2"]);
    expect(await ids({}, runs.slice(0, 1))).toEqual(["run-1"]);
  });

  test("are none where all are strangers to the base", async () => {
    const chooser = baselineChooser(input({ mergeBase: commit(1) }));
    expect(await chooser.choose([run(3), run(5)])).toEqual([]);
    expect(chooser.choice()).toBeNull();
  });

  test("are the newest where history cannot be told, and that is said", async () => {
    const blind: Ancestry = { distance: async () => undefined, mergeBase: async () => null };
    const chooser = baselineChooser(input({ ancestry: blind }));
    expect(await chooser.choose([run(1, { commit: null }), run(2)])).toHaveLength(2);
    expect(chooser.choice()).toMatchObject({ ancestor: "unknown", distance: null });
    expect(chooser.notes().join()).toContain("fetch-depth: 0");
  });

  test.each([
    ["old", { startedAt: "2026-01-01T00:00:00Z" }, /old; at most 30 days are allowed/],
    ["from the future", { startedAt: "2027-01-01T00:00:00Z" }, /./],
    ["without a date", { startedAt: "yesterday" }, /./],
  ])("are stale where the newest is %s", async (_, over, expected) => {
    const chooser = baselineChooser(input());
    await chooser.choose([run(3, over)]);
    expect(chooser.choice()?.stale).toMatch(expected);
  });

  test("are stale where too many commits lie between", async () => {
    const chooser = baselineChooser(
      input({ policy: { pooledRuns: 3, maxBaselineAgeMs: Infinity, maxBaselineCommits: 2 } }),
    );
    await chooser.choose([run(1)]);
    expect(chooser.choice()?.stale).toBe("3 commits behind the base; at most 2 are allowed");
  });

  test("whatever the history: never a stranger, and never without the nearest", async () => {
    await assert(
      asyncProperty(
        array(array(nat(1000), { maxLength: 2 }), { minLength: 1, maxLength: 25 }),
        array(nat(24), { maxLength: 12 }),
        integer({ min: 1, max: 5 }),
        async (drawn, measured, pooledRuns) => {
          const parents = drawn.map((each, index) =>
            index === 0 ? [] : each.map((parent) => parent % index),
          );
          const ancestry = historyOf(parents);
          const base = commit(parents.length - 1);
          const runs = [...new Set(measured)]
            .filter((index) => index < parents.length)
            .map((index) => run(index));
          const policy = { pooledRuns, maxBaselineAgeMs: Infinity, maxBaselineCommits: Infinity };
          const chosen = await baselineChooser(input({ ancestry, mergeBase: base, policy })).choose(runs);
          const distances = async (list: readonly StoredRun[]) =>
            (await Promise.all(list.map(async ({ commit: id }) => ancestry.distance(id ?? "", base)))).filter(
              (distance) => typeof distance === "number",
            );
          const there = await distances(chosen);
          expect(there).toHaveLength(chosen.length);
          const all = await distances(runs);
          expect(chosen).toHaveLength(Math.min(pooledRuns, all.length));
          expect(Math.min(Infinity, ...there)).toBe(Math.min(Infinity, ...all));
        },
      ),
    );
  });
});
