/** What every baseline store promises. Stores are held to it from their own test files. */
import { describe, expect, it } from "vitest";
import { asStored } from "../../src/config/baseline-file.ts";
import type { BaselineStore } from "../../src/run/ports.ts";
import { profile } from "../config/profiles.ts";

/** `open` gives a store on one and the same fresh place however often it is called within one test. */
export interface StoreUnderTest extends AsyncDisposable {
  open(): BaselineStore;
}

export const baselineStoreConformance = (name: string, fresh: () => Promise<StoreUnderTest>): void => {
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
      ];
      for (const [seed, suite] of names.entries()) {
        await place.open().append(suite, profile({ suite, seed }, 2), 8);
      }
      for (const [seed, suite] of names.entries()) {
        const read = await place.open().read(suite);
        expect(read?.profiles.map((each) => [each.suite, each.seed])).toEqual([[suite, seed]]);
      }
    });

    it("loses no run when several writers add at once", async () => {
      await using place = await fresh();
      const seeds = [1, 2, 3, 4, 5, 6];
      await Promise.all(seeds.map(async (seed) => place.open().append("answers", profile({ seed }, 5), 8)));
      const kept = (await place.open().read("answers"))?.profiles.map(({ seed }) => seed) ?? [];
      expect([...kept].sort((a, b) => a - b)).toEqual(seeds);
    });

    it("names its place for messages", async () => {
      await using place = await fresh();
      expect(place.open().place).not.toBe("");
    });
  });
};
