import { describe, expect, test } from "vitest";
import type { FrontierRecord, Profile } from "../../../src/core/profile.ts";
import type { Frontier } from "../../../src/core/suite.ts";
import { checkFrontiers } from "../../../src/surfaces/action/check-frontiers.ts";
import { delayRange, latency, searched, sharp } from "../../support/frontiers.ts";
import { suiteWith } from "../../support/suites.ts";
import { syntheticProfile } from "../../support/synthetic-profile.ts";

const RANGE = delayRange();
const FRONTIER: Frontier = {
  name: "slow",
  range: RANGE,
  faults: RANGE.levels.map(latency),
  expect: [{ metric: "errorRate", comparator: "<=", limit: 0.05, text: "errorRate <= 5%" }],
};
const SUITE = { ...suiteWith([]), frontiers: [FRONTIER] };
const [{ name, range, expect: expected, faults }] = [FRONTIER];
const HONEST: FrontierRecord = {
  name,
  range,
  expect: expected,
  description: "llm latency, delay",
  fault: faults.at(-1) as FrontierRecord["fault"],
  steps: searched(RANGE, 0.05, sharp(1900), 1),
};

const checked = (...frontiers: readonly FrontierRecord[]): (() => void) => {
  const profile: Profile = { ...syntheticProfile({ scheduleSeed: 1, runSeed: 1, rounds: 1 }), frontiers };
  return () => checkFrontiers(profile, SUITE);
};

describe("searches in samples", () => {
  test("that took their own way are believed, also where one ended early", () => {
    expect(checked(HONEST)).not.toThrow();
    expect(checked({ ...HONEST, steps: HONEST.steps.slice(0, 2) })).not.toThrow();
  });

  test.each([
    ["a step left out", { ...HONEST, steps: HONEST.steps.slice(1) }],
    ["steps turned around", { ...HONEST, steps: HONEST.steps.toReversed() }],
    ["counts changed", { ...HONEST, steps: HONEST.steps.map((step) => ({ ...step, beyond: [0] })) }],
    ["another range", { ...HONEST, range: delayRange(4000) }],
    ["another expectation", { ...HONEST, expect: [{ ...HONEST.expect[0], metric: "lateRate" }] }],
    ["another fault", { ...HONEST, fault: { ...HONEST.fault, on: "vector" } }],
    ["another name", { ...HONEST, name: "other" }],
  ])("with %s are refused", (_, forged) => {
    expect(checked(forged as FrontierRecord)).toThrow(/frontier/);
  });

  test("that are missing, or too many, are refused", () => {
    expect(checked()).toThrow("hold 0 frontiers; the suite has 1");
    expect(checked(HONEST, HONEST)).toThrow("hold 2 frontiers; the suite has 1");
  });
});
