import { describe, expect, test } from "vitest";
import { trendOf } from "../../../src/core/judge/trend.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { type Change, SYNTHETIC_POLICY, syntheticProfile } from "../../support/synthetic-profile.ts";
import { resultFor } from "../report/results.ts";

const run = (day: number, change: Change = {}): Profile => {
  const profile = syntheticProfile({ scheduleSeed: 5, runSeed: 40 + day, rateRps: 15, change });
  const startedAt = `2026-01-0${day}T10:00:00.000Z`;
  return { ...profile, provenance: { ...profile.provenance, startedAt, commit: `${day}`.repeat(40) } };
};
const SINCE: Change = { hitErrors: 1, scenario: "reset" };

describe("main's trend", () => {
  test("names a figure that changed for good, and from which run on, in whatever order the runs are kept", () => {
    const runs = [run(4, SINCE), run(1), run(5, SINCE), run(2), run(3)];
    const trend = trendOf(runs, SYNTHETIC_POLICY);
    expect(trend?.runs.map(({ commit }) => commit?.[0])).toEqual(["1", "2", "3", "4", "5"]);
    expect(trend?.changes.filter(({ figure }) => figure === "errors")).toEqual([
      { run: 3, scenario: "reset", figure: "errors", unit: "share", from: 0, to: 0.2 },
    ]);
  });

  test("is steady among equal runs, and with one odd one: that is no change", () => {
    expect(
      trendOf(
        [1, 2, 3, 4, 5, 6].map((day) => run(day)),
        SYNTHETIC_POLICY,
      )?.changes,
    ).toEqual([]);
    const odd = [run(1), run(2), run(3), run(4, SINCE), run(5), run(6)];
    expect(trendOf(odd, SYNTHETIC_POLICY)?.changes.filter(({ figure }) => figure === "errors")).toEqual([]);
  });

  test("is none of three runs", () => {
    expect(
      trendOf(
        [1, 2, 3].map((day) => run(day)),
        SYNTHETIC_POLICY,
      ),
    ).toBeNull();
  });

  test("is told folded, as information", () => {
    const trend = trendOf([run(1), run(2), run(3, SINCE), run(4, SINCE)], SYNTHETIC_POLICY);
    if (trend === null) throw new Error("four runs are enough");
    const text = renderMarkdown({ ...resultFor("pass"), trend });
    expect(text).toContain("<summary>The baseline's last 4 runs: ");
    expect(text).toContain("- errors, reset: 0 % until 2222222, 20 % since 3333333");
    expect(text.split("<details>")[0]).not.toContain("since 3333333");
    expect(renderMarkdown({ ...resultFor("pass"), trend: { ...trend, changes: [] } })).toContain(
      "Nothing changed for good",
    );
  });
});
