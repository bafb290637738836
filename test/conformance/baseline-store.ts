/** What every baseline store promises. Stores are held to it from their own test files. */
import { describe, expect, it } from "vitest";
import { suiteFileName } from "../../src/adapters/baselines/packed-baseline.ts";
import { asStored } from "../../src/config/baseline-file.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { BaselineStore, StoredRun } from "../../src/run/baseline-store.ts";
import { profile } from "../config/profiles.ts";

/** `open` gives a store on one and the same fresh place however often it is called within one test. */
export interface StoreUnderTest extends AsyncDisposable {
  open(): BaselineStore;
}

export interface StorePromises {
  /** Of several writers at once, none loses its run. */
  readonly parallelWriters: boolean;
}

const commitOf = ({ provenance }: Profile): string | undefined => provenance.commit;

export const baselineStoreConformance = (
  name: string,
  promises: StorePromises,
  fresh: () => Promise<StoreUnderTest>,
): void => {
  describe(`${name} keeps baselines`, () => {
    it("has none before the first run is added", async () => {
      await using place = await fresh();
      expect(await place.open().read("answers")).toBeNull();
    });

    it("gives back what was added, newest last, to a store opened later", async () => {
      await using place = await fresh();
      await place.open().append("answers", profile({ seed: 1 }), 8);
      const appended = await place.open().append("answers", profile({ seed: 2 }), 8);
      const read = await place.open().read("answers");
      expect(read).toEqual({
        schemaVersion: 1,
        suite: "answers",
        profiles: [asStored(profile({ seed: 1 })), asStored(profile({ seed: 2 }))],
      });
      expect(appended).toEqual(read);
    });

    it("leaves out the worst requests of a run, however often it is added to", async () => {
      await using place = await fresh();
      const exhibits = [{ window: 0, slot: 0, calls: [], leftOut: 0, log: [] }];
      const appended = await place.open().append("answers", profile({ seed: 1, exhibits }, 5), 8);
      await place.open().append("answers", profile({ seed: 2, exhibits }, 5), 8);
      const read = await place.open().read("answers");
      for (const each of [...appended.profiles, ...(read?.profiles ?? [])])
        expect(each).not.toHaveProperty("exhibits");
      expect(read?.profiles).toHaveLength(2);
    });

    it("keeps the newest runs and lets the oldest go", async () => {
      await using place = await fresh();
      for (const seed of [1, 2, 3, 4]) await place.open().append("answers", profile({ seed }, 5), 3);
      expect((await place.open().read("answers"))?.profiles.map(({ seed }) => seed)).toEqual([2, 3, 4]);
    });

    it("pools only runs of the same suite text", async () => {
      await using place = await fresh();
      await place.open().append("answers", profile({ seed: 1 }, 5), 8);
      await place.open().append("answers", profile({ seed: 2, suiteHash: "hash-2" }, 5), 8);
      expect((await place.open().read("answers"))?.profiles.map(({ seed }) => seed)).toEqual([2]);
    });

    it("keeps suites apart, whatever their names", async () => {
      await using place = await fresh();
      const names = [
        "a",
        "A",
        "a/b",
        "a-b",
        "../a",
        "ä",
        "a\u0000b",
        ".",
        "..",
        "con",
        "x".repeat(500),
        "a.b",
        "a\nb",
        // What the file of "A" could be called: whoever knows how names are made must not meet it.
        suiteFileName("A"),
        "readme.md",
        "con.txt",
      ];
      for (const [seed, suite] of names.entries()) {
        await place.open().append(suite, profile({ suite, seed }, 2), 8);
      }
      for (const [seed, suite] of names.entries()) {
        const read = await place.open().read(suite);
        expect(read?.profiles.map((each) => [each.suite, each.seed])).toEqual([[suite, seed]]);
      }
    });

    it("offers what is stored, newest last, and reads what is chosen, in the order of the choice", async () => {
      await using place = await fresh();
      const commits = ["a1", "b2", "c3"];
      for (const [seed, commit] of commits.entries()) {
        const provenance = { ...profile().provenance, commit, startedAt: `2026-01-0${seed + 1}T00:00:00Z` };
        await place.open().append("answers", profile({ seed, provenance }, 5), 8);
      }
      const offered: (readonly StoredRun[])[] = [];
      const read = await place.open().read("answers", async (runs) => {
        offered.push(runs);
        return [runs[2], runs[0]].filter((run) => run !== undefined);
      });
      expect(read?.profiles.map(commitOf)).toEqual(["c3", "a1"]);
      expect(offered).toHaveLength(1);
      const [runs = []] = offered;
      expect(runs.map(({ commit, startedAt }) => [commit, startedAt])).toEqual([
        ["a1", "2026-01-01T00:00:00Z"],
        ["b2", "2026-01-02T00:00:00Z"],
        ["c3", "2026-01-03T00:00:00Z"],
      ]);
      expect(new Set(runs.map(({ id }) => id)).size).toBe(3);
      const { suiteHash, frameHash } = profile();
      expect(runs.map((run) => [run.suiteHash, run.frameHash])).toEqual([
        [suiteHash, frameHash],
        [suiteHash, frameHash],
        [suiteHash, frameHash],
      ]);
    });

    it("says so where a run was stored outside of git", async () => {
      await using place = await fresh();
      const { commit: _, ...provenance } = profile().provenance;
      await place.open().append("answers", profile({ provenance }, 5), 8);
      const commits: (string | null)[] = [];
      await place.open().read("answers", async (runs) => {
        commits.push(...runs.map(({ commit }) => commit));
        return runs;
      });
      expect(commits).toEqual([null]);
    });

    it("reads nothing where nothing is chosen, and asks nobody where nothing is stored", async () => {
      await using place = await fresh();
      const never = async (): Promise<never> => {
        throw new Error("there is nothing to choose from");
      };
      expect(await place.open().read("answers", never)).toBeNull();
      await place.open().append("answers", profile({}, 5), 8);
      expect(await place.open().read("answers", async () => [])).toBeNull();
    });

    it("lets the chooser's own failure pass", async () => {
      await using place = await fresh();
      await place.open().append("answers", profile({}, 5), 8);
      const failure = new Error("the history could not be asked");
      await expect(
        place.open().read("answers", async () => {
          throw failure;
        }),
      ).rejects.toBe(failure);
    });

    it("stays whole when several writers add at once, and loses no run where that is promised", async () => {
      await using place = await fresh();
      const seeds = [1, 2, 3, 4, 5, 6];
      await Promise.all(seeds.map(async (seed) => place.open().append("answers", profile({ seed }, 5), 8)));
      const kept = (await place.open().read("answers"))?.profiles.map(({ seed }) => seed) ?? [];
      expect(new Set(kept).size).toBe(kept.length);
      expect(seeds).toEqual(expect.arrayContaining(kept));
      expect(kept.length).toBeGreaterThanOrEqual(promises.parallelWriters ? seeds.length : 1);
    });

    it("names its place for messages", async () => {
      await using place = await fresh();
      expect(place.open().place).not.toBe("");
    });
  });
};
