import { assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { requestKey } from "../../../src/core/exchange.ts";
import { makePlan, type Plan, scheduleText } from "../../../src/run/plan/plan.ts";
import { repeatOf } from "../../../src/run/plan/repeat.ts";
import { LOOKS } from "../../../src/run/plan/timetable.ts";
import { experiment, httpError, suiteWith, templates } from "../../support/suites.ts";

const EXPERIMENTS = [
  experiment("partial", httpError("llm", 0.2)),
  experiment("other", httpError("vector", 0.5)),
  experiment("down", httpError("llm", 1)),
  experiment("killed", {
    kind: "kill",
    on: "service",
    fraction: 1,
    attempts: 1,
    signal: "SIGKILL",
    restartAfterMs: 1000,
  }),
];

const planWith = (seed: number, attributable: (edge: string) => boolean = () => true): Plan =>
  makePlan({ suite: suiteWith(EXPERIMENTS), requests: templates(24), seed, attributable });

const windowsOf = (plan: Plan, scenario: string) =>
  plan.windows.filter((window) => window.scenario === scenario);

describe("the plan", () => {
  test("is the same for the same seed, and another for another", () => {
    expect(scheduleText(planWith(1))).toBe(scheduleText(planWith(1)));
    expect(scheduleText(planWith(1))).not.toBe(scheduleText(planWith(2)));
  });

  test("replays attributed faults and calm as one stretch a look, and outages and kills each alone, last", () => {
    const plan = planWith(1);
    const [first, rest] = [plan.stretches.slice(0, LOOKS), plan.stretches.slice(LOOKS)];
    const rounds = first.map(({ windows }) => new Set(windows.map(({ round }) => round)));
    // Every look ends with a whole round, and has about as many as the others.
    const sizes = rounds.map(({ size }) => size);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(new Set(rounds.flatMap((each) => [...each])).size);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    for (const { windows } of first)
      expect(new Set(windows.map(({ scenario }) => scenario))).toEqual(
        new Set(["control", "partial", "other"]),
      );
    expect(rest.map(({ windows }) => windows.map(({ scenario }) => scenario))).toEqual([
      ["down"],
      ["down"],
      ...windowsOf(plan, "killed").map(() => ["killed"]),
    ]);
    expect(windowsOf(plan, "killed").length).toBeGreaterThanOrEqual(3);
  });

  test("interleaves in mirrored order, so that a drift of the machine meets every scenario alike", () => {
    const plan = planWith(1);
    const round = (number: number) =>
      plan.windows.filter(
        (window) => window.round === number && window.shape !== "clock" && window.shape !== "kill",
      );
    const names = (number: number) => round(number).map(({ scenario }) => scenario);
    expect(names(0)).toEqual(["control", "partial", "other"]);
    expect(names(1)).toEqual(["other", "partial", "control"]);
    expect(names(4).length).toBe(3);
  });

  test("strikes exactly the share of every window's requests, by key", () => {
    const plan = planWith(7);
    for (const window of windowsOf(plan, "partial")) {
      const stretch = plan.stretches.find(({ windows }) => windows.includes(window));
      const requests = stretch?.requests.slice(window.firstSlot, window.endSlot) ?? [];
      const hits = requests.filter(({ hit }) => hit);
      expect(Math.abs(hits.length - requests.length * 0.2)).toBeLessThan(1);
    }
    const placed = plan.stretches[0]?.faults.find(({ id }) => id === "partial#1");
    const keys = plan.stretches[0]?.requests
      .filter(
        (request) =>
          request.hit &&
          windowsOf(plan, "partial").some((w) => request.slot >= w.firstSlot && request.slot < w.endSlot),
      )
      .map((request) => requestKey(request.requestId, request.repetition));
    expect(placed?.marks).toEqual({ type: "keys", keys });
  });

  test("an edge whose calls cannot be attributed is struck by pattern, in windows of its own", () => {
    const plan = planWith(1, (edge) => edge !== "llm");
    const alone = plan.stretches.filter(({ windows }) =>
      windows.some(({ scenario }) => scenario === "partial"),
    );
    for (const stretch of alone) {
      expect(stretch.windows).toHaveLength(1);
      const marks = stretch.faults[0]?.marks;
      const pattern = marks?.type === "pattern" ? marks.pattern : [];
      expect(pattern.filter(Boolean).length / pattern.length).toBeCloseTo(0.2);
    }
  });

  test("never plans one key twice, and times ascend within a stretch", () => {
    assert(
      property(integer({ min: 0, max: 2 ** 31 }), integer({ min: 1, max: 60 }), (seed, count) => {
        const plan = makePlan({
          suite: suiteWith(EXPERIMENTS),
          requests: templates(count),
          seed,
          attributable: () => true,
        });
        const keys = plan.stretches.flatMap(({ requests }) =>
          requests.map((r) => requestKey(r.requestId, r.repetition)),
        );
        expect(new Set(keys).size).toBe(keys.length);
        for (const { requests } of plan.stretches) {
          expect(requests.map(({ slot }) => slot)).toEqual(requests.map((_, index) => index));
          for (let index = 1; index < requests.length; index++) {
            expect(requests[index]?.atMs).toBeGreaterThanOrEqual(requests[index - 1]?.atMs ?? 0);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test("keeps a request away from its own last repetition", () => {
    const requests = planWith(3).stretches[0]?.requests ?? [];
    const last = new Map<string, number>();
    const distances = requests.flatMap(({ requestId, slot }) => {
      const before = last.get(requestId);
      last.set(requestId, slot);
      return before === undefined ? [] : [slot - before];
    });
    expect(distances.length).toBeGreaterThan(100);
    expect(Math.min(...distances)).toBeGreaterThan(4);
  });

  test("says when the budget or the rate cannot carry the experiments", () => {
    const short = makePlan({
      suite: suiteWith(EXPERIMENTS, { budgetMs: 30_000 }),
      requests: templates(24),
      seed: 1,
      attributable: () => true,
    });
    expect(short.notes.join("\n")).toContain("too short");
    const slow = makePlan({
      suite: suiteWith(EXPERIMENTS, { rateRps: 2 }),
      requests: templates(24),
      seed: 1,
      attributable: () => true,
    });
    expect(slow.notes.join("\n")).toContain("too few to judge");
  });

  test("repeats a window with the same order, times and hits under new keys", () => {
    const plan = planWith(5);
    const [stretch] = plan.stretches;
    const window = windowsOf(plan, "partial")[1];
    if (stretch === undefined || window === undefined) throw new Error("the plan lacks what is tested");
    const again = repeatOf(stretch, new Set([window.index]));
    const first = stretch.requests.slice(window.firstSlot, window.endSlot);
    expect(again.requests.map((r) => [r.requestId, r.hit, r.atMs])).toEqual(
      first.map((r) => [r.requestId, r.hit, r.atMs - window.offsetMs]),
    );
    const old = new Set(stretch.requests.map((r) => requestKey(r.requestId, r.repetition)));
    const marks = again.faults[0]?.marks;
    expect(marks?.type === "keys" && marks.keys.every((key) => !old.has(key))).toBe(true);
    expect(again.faults.map(({ id }) => id)).toEqual(["partial#1"]);
  });
});
