import { expect, test } from "vitest";
import type { Observation } from "../../src/core/observation.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import type { LoadGenerator, LoadWindow } from "../../src/run/ports.ts";
import { extraSecond, settle } from "../../src/run/settle.ts";
import { suiteWith, templates } from "../support/suites.ts";

/** A generator whose nth second ends as told. */
const generator = (seconds: readonly (readonly Outcome[])[]) => {
  const windows: LoadWindow[] = [];
  const load = {
    run: (window: LoadWindow) => {
      const outcomes = seconds[windows.length] ?? ["ok"];
      windows.push(window);
      const observations = outcomes.map((outcome) => ({ outcome }) as Observation);
      return Promise.resolve({
        observations,
        lagP99Ms: 0,
        achievedRate: 1,
        eventLoopP99Ms: 0,
        startedAtMs: 0,
        endedAtMs: 0,
      });
    },
  } as unknown as LoadGenerator;
  return { load, windows };
};

const rate = (rateRps: number) => ({ ...suiteWith([]).workload, rateRps });
const never = new AbortController().signal;

test("ends with the first clean second", async () => {
  const { load, windows } = generator([["ok", "status"], ["ok", "reset"], ["ok"]]);
  expect(await settle(load, templates(5), rate(10), 0, never)).toEqual({ seconds: 3 });
  const keys = windows.flatMap(({ requests }) =>
    requests.map((request) => `${request.requestId}~${request.repetition}`),
  );
  expect(new Set(keys).size).toBe(30);
  expect(windows.every(({ requests }) => requests.every(({ hit }) => !hit))).toBe(true);
});

test("takes no more fallbacks than calm traffic has", async () => {
  const half: Outcome[] = ["ok", "degraded", "ok", "degraded"];
  expect(await settle(generator([half]).load, templates(2), rate(4), 0, never)).toEqual({ seconds: 2 });
  expect(await settle(generator([half]).load, templates(2), rate(4), 0.5, never)).toEqual({ seconds: 1 });
});

test("gives up after ten seconds and says so", async () => {
  const { load, windows } = generator(Array.from({ length: 20 }, () => ["timeout-total" as const]));
  expect(await settle(load, templates(2), rate(2), 0, never)).toEqual({ seconds: null });
  expect(windows).toHaveLength(10);
});

test("takes a second without any answer for no clean one", async () => {
  const { load } = generator([[], ["ok"]]);
  expect(await settle(load, templates(2), rate(2), 0, never)).toEqual({ seconds: 2 });
});

test("an extra second of a closed loop is a loop of one second", () => {
  const { requests, loops } = extraSecond(templates(3), {
    ...suiteWith([]).workload,
    arrivals: "closed",
    concurrency: 2,
  });
  expect(loops).toEqual([
    { firstSlot: 0, endSlot: requests.length, startMs: 0, endMs: 1000, concurrency: 2 },
  ]);
  expect(requests.length).toBeGreaterThan(100);
});
