import { array, assert, asyncProperty, boolean, integer, nat, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { baselineChooser, type ChoiceInput } from "../../src/run/baseline-choice.ts";
import type { StoredRun } from "../../src/run/baseline-store.ts";
import type { Ancestry } from "../../src/run/forge.ts";

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

  describe("are asked for", () => {
    const asking = (): { readonly asked: string[]; readonly ancestry: Ancestry } => {
      const asked: string[] = [];
      const distance: Ancestry["distance"] = (ancestor, of) => {
        asked.push(ancestor);
        return line.distance(ancestor, of);
      };
      return { asked, ancestry: { ...line, distance } };
    };

    test("one commit at a time, and no more than it takes", async () => {
      const { asked, ancestry } = asking();
      // The base itself needs no question; 3 was measured twice.
      const runs = [...[0, 1, 2, 3, 4].map((index) => run(index)), run(3, { id: "again" })];
      expect(await ids({ ancestry }, runs)).toEqual(["run-3", "again", "run-4"]);
      expect(asked).toEqual([commit(3)]);
    });

    test("once, though runs of several suites were made of a commit", async () => {
      const { asked, ancestry } = asking();
      const stranger = [run(5), run(5, { id: "other", suiteHash: "old" })];
      expect(await ids({ ancestry }, [...stranger, run(1, { suiteHash: "old" })])).toEqual(["run-1"]);
      expect(asked).toEqual([commit(5), commit(1)]);
    });

    test("the nearest first, though a commit far away was measured again today", async () => {
      const { asked, ancestry } = asking();
      const again = run(0, { id: "again", startedAt: NOW.toISOString() });
      const runs = [again, ...[0, 1, 2, 3].map((index) => run(index))];
      expect(await ids({ ancestry }, runs)).toEqual(["run-1", "run-2", "run-3"]);
      expect(asked).toEqual([commit(3), commit(2), commit(1)]);
    });
  });

  test("are the nearest, though all were measured in the wrong order", async () => {
    const runs = [0, 1, 2, 3].map((index) => run(index, { startedAt: run(9 - index).startedAt }));
    const policy = { pooledRuns: 2, maxBaselineAgeMs: Infinity, maxBaselineCommits: Infinity };
    expect(await ids({ policy }, runs)).toEqual(["run-2", "run-3"]);
  });

  test("are known ancestors alone, where any is known", async () => {
    const chooser = baselineChooser(input());
    const unplaced = [run(3, { id: "no-commit", commit: null }), run(2, { id: "odd", commit: "--all" })];
    expect((await chooser.choose([...unplaced, run(1)])).map(({ id }) => id)).toEqual(["run-1"]);
    expect(chooser.notes()).toEqual(["2 stored runs passed over: where their commits stand is not known."]);
  });

  test("are never asked for by what is no commit", async () => {
    const ancestry: Ancestry = {
      distance: (ancestor) => Promise.reject(new Error(`asked for ${ancestor}`)),
      mergeBase: async () => null,
    };
    const odd = ["--upload-pack=x", "main", "", "g".repeat(40), `${commit(1)}\n`, "a".repeat(65)];
    expect(
      await ids(
        { ancestry },
        odd.map((id) => run(1, { id, commit: id })),
      ),
    ).toHaveLength(3);
  });

  test("are the newest where no base is known, and nobody is asked", async () => {
    const chooser = baselineChooser(input({ mergeBase: null, ancestry: line }));
    const chosen = await chooser.choose([3, 0, 2, 1].map((index) => run(index)));
    expect(chosen.map(({ id }) => id)).toEqual(["run-1", "run-2", "run-3"]);
    expect(chooser.choice()).toMatchObject({ ancestor: "unknown", distance: null });
    expect(chooser.notes()).toEqual([]);
  });

  test("are not led by a date that is yet to come, or none", async () => {
    const odd = ["9999-12-31T00:00:00Z", "tomorrow", "", "+275760-09-13T00:00:00.000Z"];
    const runs = [...odd.map((startedAt) => run(3, { id: startedAt, startedAt })), run(1), run(2)];
    expect(await ids({ mergeBase: null }, runs)).toEqual([expect.any(String), "run-1", "run-2"]);
  });

  test("are young where another machine's clock is a little ahead", async () => {
    const chooser = baselineChooser(input());
    await chooser.choose([run(3, { startedAt: "2026-03-01T14:00:00Z" })]);
    expect(chooser.choice()).toMatchObject({ ageMs: 0, stale: null });
  });

  test.each([
    ["2026-01-19T12:00:00Z", "41 days old; at most 30 days are allowed"],
    ["2026-01-30T07:12:00Z", "30.2 days old; at most 30 days are allowed"],
    ["2026-01-30T11:59:00Z", "more than 30 days old; at most 30 days are allowed"],
    ["9999-01-01T00:00:00Z", "of unknown age: its date is no date, or yet to come"],
  ])("are said to be too old in words: %s", async (startedAt, words) => {
    const chooser = baselineChooser(input());
    await chooser.choose([run(3, { startedAt })]);
    expect(chooser.choice()?.stale).toBe(words);
  });

  test("are of the same frame only where there is one", async () => {
    const runs = [run(1, { suiteHash: "old", frameHash: "" }), run(2, { suiteHash: "old", frameHash: "x" })];
    // Neither is of the suite or frame: the nearest are given, and the judge says why they do not compare.
    expect(await ids({ frameHash: "" }, runs)).toEqual(["run-1", "run-2"]);
  });

  test("are not chosen where history could not be looked at", async () => {
    const ancestry: Ancestry = {
      distance: () => Promise.reject(new Error("unreachable")),
      mergeBase: async () => null,
    };
    await expect(ids({ ancestry }, [run(1)])).rejects.toThrow("unreachable");
  });
});

describe("whatever the history", () => {
  const distancesOf = async (ancestry: Ancestry, runs: readonly StoredRun[], base: string) => {
    const all = await Promise.all(runs.map(({ commit: id }) => ancestry.distance(id ?? "", base)));
    return all.filter((distance) => typeof distance === "number").sort((a, b) => a - b);
  };
  const unlimited = { maxBaselineAgeMs: Infinity, maxBaselineCommits: Infinity };

  test("no run of a stranger is chosen, and no ancestor is left out while there is room", async () => {
    await assert(
      asyncProperty(
        array(array(nat(1000), { maxLength: 2 }), { minLength: 1, maxLength: 25 }),
        array(record({ at: nat(24), minute: integer({ min: -1000, max: 1000 }) }), { maxLength: 12 }),
        integer({ min: 1, max: 5 }),
        async (drawn, measured, pooledRuns) => {
          const parents = drawn.map((each, index) =>
            index === 0 ? [] : each.map((parent) => parent % index),
          );
          const ancestry = historyOf(parents);
          const base = commit(parents.length - 1);
          const runs = measured
            .filter(({ at }) => at < parents.length)
            .map(({ at, minute }, place) =>
              run(at, { id: `${place}`, startedAt: new Date(NOW.getTime() + minute * 60_000).toISOString() }),
            );
          const policy = { pooledRuns, ...unlimited };
          const chosen = await baselineChooser(input({ ancestry, mergeBase: base, policy })).choose(runs);
          expect(await distancesOf(ancestry, chosen, base)).toHaveLength(chosen.length);
          const all = await distancesOf(ancestry, runs, base);
          expect(chosen).toHaveLength(Math.min(pooledRuns, all.length));
        },
      ),
    );
  });

  // As baselines come about: a branch that only grows, measured as it grows, some commits again later; and branches off it.
  test("of a branch measured as it grew the nearest are chosen, and none of them is missed", async () => {
    await assert(
      asyncProperty(
        array(record({ from: nat(1000), merged: boolean(), own: boolean() }), {
          minLength: 1,
          maxLength: 30,
        }),
        array(record({ at: nat(29), again: nat(3) }), { maxLength: 15 }),
        nat(1000),
        integer({ min: 1, max: 5 }),
        async (drawn, measured, baseAt, pooledRuns) => {
          const parents: number[][] = [[]];
          const branch = [0];
          const aside: number[] = [];
          for (const { from, merged, own } of drawn) {
            const place = parents.length;
            if (own) {
              const side = merged ? aside.splice(-1) : [];
              parents.push([branch.at(-1) ?? 0, ...side]);
              branch.push(place);
            } else {
              parents.push([branch[from % branch.length] ?? 0]);
              aside.push(place);
            }
          }
          const ancestry = historyOf(parents);
          const base = commit(branch[baseAt % branch.length] ?? 0);
          const known = [...branch, ...aside];
          const runs = measured
            .filter(({ at }) => known.includes(at))
            .flatMap(({ at, again }, place) =>
              Array.from({ length: 1 + again }, (_, time) =>
                run(at, {
                  id: `${place}.${time}`,
                  startedAt: new Date(NOW.getTime() - DAY_MS + (at + 40 * time) * 1000).toISOString(),
                }),
              ),
            );
          const policy = { pooledRuns, ...unlimited };
          const chosen = await baselineChooser(input({ ancestry, mergeBase: base, policy })).choose(runs);
          const nearest = (await distancesOf(ancestry, runs, base)).slice(0, pooledRuns);
          expect(await distancesOf(ancestry, chosen, base)).toEqual(nearest);
        },
      ),
    );
  });
});
