import { describe, expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { type Change, SYNTHETIC_POLICY, syntheticProfile } from "../../support/synthetic-profile.ts";

const run = (runSeed: number, change: Change = {}): Profile => {
  const profile = syntheticProfile({ scheduleSeed: 5, runSeed, rateRps: 20, change });
  return { ...profile, provenance: { ...profile.provenance, commit: `${runSeed}`.padStart(40, "a") } };
};

const judged = (head: Profile, profiles: readonly Profile[]) =>
  judge({
    head,
    baseline: { schemaVersion: 1, suite: head.suite, profiles },
    policy: SYNTHETIC_POLICY,
    experiments: [],
  });

const odd = ({ findings }: ReturnType<typeof judge>) => findings.filter(({ kind }) => kind === "outlier-run");

const BROKEN: Change = { hitErrors: 1, scenario: "reset" };

describe("a baseline run that is unlike the others", () => {
  test("is left out and named, with what is odd about it", () => {
    const baseline = [run(1), run(2), run(3, BROKEN), run(4), run(5)];
    const verdict = judged(run(6), baseline);
    expect(odd(verdict)).toHaveLength(1);
    expect(odd(verdict)[0]?.title).toMatch(
      /left out \(aaaaaaa\): errors under reset 20 %, in the others 0 %/,
    );
    // As if it had never been measured.
    const without = judged(
      run(6),
      baseline.filter((_, place) => place !== 2),
    );
    expect(verdict.comparisons).toEqual(without.comparisons);
  });

  test("is none where it runs on a slower machine: each is held against its own calm traffic", () => {
    const slow = (seed: number, speed: number): Profile => {
      const profile = run(seed);
      return {
        ...profile,
        observations: profile.observations.map((row) => ({ ...row, latencyMs: row.latencyMs * speed })),
      };
    };
    expect(odd(judged(run(6), [run(1), run(2), slow(3, 1.8), run(4), run(5)]))).toEqual([]);
  });

  test("cannot be told among three, nor where so many differ that main has changed", () => {
    expect(odd(judged(run(6), [run(1), run(2, BROKEN), run(3)]))).toEqual([]);
    expect(odd(judged(run(6), [run(1), run(2), run(3, BROKEN), run(4, BROKEN), run(5)]))).toEqual([]);
  });

  test("is none among eight of the same code on noisy machines", () => {
    for (const first of [100, 200, 300])
      expect(
        odd(
          judged(
            run(first),
            Array.from({ length: 8 }, (_, place) => run(first + 1 + place)),
          ),
        ),
      ).toEqual([]);
  });
});
