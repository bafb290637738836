/** A change that breaks even calm traffic: its faults meet no calls, and that is its own doing. */
import { expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { SYNTHETIC_POLICY, syntheticProfile } from "../../support/synthetic-profile.ts";

const BASE = syntheticProfile({ scheduleSeed: 5, runSeed: 1, rateRps: 20 });
const HEAD = syntheticProfile({ scheduleSeed: 5, runSeed: 2, rateRps: 20 });

/** No call reaches a dependency; of the client's requests so many fail. */
const starved = (share: number, invalid?: string): Profile => ({
  ...HEAD,
  windows: HEAD.windows.map((window) =>
    window.receipts.length === 0
      ? window
      : {
          ...window,
          receipts: window.receipts.map((receipt) => ({ ...receipt, seen: 0, affected: 0 })),
          ...(invalid === undefined ? {} : { invalid }),
        },
  ),
  observations: HEAD.observations.map((row, place) =>
    place % 100 < 100 * share ? { ...row, outcome: "timeout-total" } : row,
  ),
});

const verdictOf = (head: Profile) =>
  judge({
    head,
    baseline: { schemaVersion: 1, suite: head.suite, profiles: [BASE] },
    policy: SYNTHETIC_POLICY,
    experiments: [],
  });

test("is a regression in calm traffic, with what it kept from being measured as notes", () => {
  const { word, findings } = verdictOf(starved(0.6, "fault without effect: saw 0 calls and struck none"));
  expect(word).toBe("regressed");
  expect(findings[0]).toMatchObject({ kind: "regression", severity: "block", scenario: "control" });
  expect(findings.filter(({ kind }) => kind === "fault-missed").map(({ severity }) => severity)).toEqual(
    expect.arrayContaining(["note"]),
  );
});

test("faults that strike nothing while calm traffic is well are still no measurement", () => {
  expect(verdictOf(starved(0)).word).toBe("invalid");
});

test("neither is what a busy machine kept from being measured, however calm traffic fared", () => {
  const head = starved(0.6);
  const busy = "requests left 40 ms late (p99), more than 5 ms: the machine was too busy to measure";
  const windows = head.windows.map((window) =>
    window.scenario === "cpu" ? { ...window, receipts: [], invalid: busy } : window,
  );
  expect(verdictOf({ ...head, windows }).word).toBe("invalid");
});
