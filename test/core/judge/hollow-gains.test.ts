import { expect, test } from "vitest";
import { labelComparisons } from "../../../src/core/judge/label.ts";
import type { Comparison, Metric } from "../../../src/core/verdict.ts";

const comparison = (scenario: string, metric: Metric, change: number, p: number): Comparison => ({
  scenario,
  metric,
  unit: "share",
  primary: true,
  method: "twin",
  label: "ok",
  base: 0.5,
  head: 0.5 + change,
  change,
  interval: [change - 0.01, change + 0.01],
  margin: 0.02,
  smallestVisible: 0.05,
  p,
  n: 200,
  details: {},
});

const labels = (comparisons: readonly Comparison[]) =>
  labelComparisons(comparisons, 0.05).map(({ scenario, metric, label }) => `${scenario} ${metric} ${label}`);

test("fewer fallbacks under a fault that now brings errors are no improvement", () => {
  expect(
    labels([
      comparison("down", "error-rate", 1, 1e-9),
      comparison("down", "degraded-rate", -1, 1),
      comparison("slow", "degraded-rate", -1, 1),
    ]),
  ).toEqual(["down error-rate regressed", "down degraded-rate ok", "slow degraded-rate improved"]);
});

test("without new failures fewer fallbacks are one", () => {
  expect(
    labels([comparison("down", "error-rate", 0, 1), comparison("down", "degraded-rate", -1, 1)]),
  ).toEqual(["down error-rate ok", "down degraded-rate improved"]);
});

test("a fallback in the place of an error is no regression, unless more are degraded than failed", () => {
  expect(
    labels([
      comparison("down", "error-rate", -1, 1),
      comparison("down", "degraded-rate", 1, 1e-9),
      comparison("slow", "error-rate", -0.1, 1),
      comparison("slow", "degraded-rate", 0.4, 1e-9),
      comparison("calm", "degraded-rate", 0.4, 1e-9),
    ]),
  ).toEqual([
    "down error-rate improved",
    "down degraded-rate advisory",
    "slow error-rate improved",
    "slow degraded-rate regressed",
    "calm degraded-rate regressed",
  ]);
});

test("calls that turn errors into answers are their price; calls that turn nothing are a regression", () => {
  expect(
    labels([
      comparison("reset", "hit-error-rate", -0.5, 1),
      comparison("reset", "error-rate", -0.1, 1),
      comparison("reset", "calls-per-request", 0.2, 1e-9),
      comparison("down", "error-rate", 0, 1),
      comparison("down", "calls-per-request", 2.7, 1e-9),
    ]),
  ).toEqual([
    "reset hit-error-rate improved",
    "reset error-rate improved",
    "reset calls-per-request advisory",
    "down error-rate ok",
    "down calls-per-request regressed",
  ]);
});
