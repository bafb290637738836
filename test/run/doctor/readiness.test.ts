import { expect, test } from "vitest";
import type { Check } from "../../../src/run/doctor/check.ts";
import { readinessOf, type Wanted } from "../../../src/run/doctor/readiness.ts";

const checks = (...missing: readonly string[]): Check[] =>
  ["node", "loopback", "git", "runtime process", "docker", "suite faults"].map((name) => ({
    name,
    state: missing.includes(name) ? "missing" : name === "git" ? "warn" : "ok",
    found: "",
    neededFor: "",
  }));
const ANY: Wanted = { runtimes: ["process", "docker"] };
const SUITE: Wanted = { runtimes: ["docker"], suite: "answers" };

test.each<[string, readonly string[], Wanted, boolean, string]>([
  ["everything", [], ANY, true, "ready to measure with runtime process and docker"],
  ["no docker", ["docker"], ANY, true, "ready with runtime process; docker is missing"],
  ["no processes", ["runtime process"], ANY, true, "ready with runtime docker; runtime process is missing"],
  [
    "no runtime",
    ["runtime process", "docker"],
    ANY,
    false,
    "not ready: runtime process and docker are missing",
  ],
  ["no loopback", ["loopback"], ANY, false, "not ready: loopback is missing"],
  ["two things", ["node", "loopback"], ANY, false, "not ready: node and loopback are missing"],
  ["a suite's runtime", [], SUITE, true, "ready to measure answers with runtime docker"],
  ["not the suite's runtime", ["docker"], SUITE, false, "not ready: docker is missing"],
  ["a suite's fault", ["suite faults"], SUITE, false, "not ready: suite faults is missing"],
  [
    "a suite of either runtime",
    ["docker"],
    { runtimes: ["docker", "process"], suite: "answers" },
    true,
    "ready to measure answers with runtime process; docker is missing",
  ],
])("%s", (_, missing, wanted, ready, line) => {
  expect(readinessOf(checks(...missing), wanted)).toEqual({ ready, line });
});
