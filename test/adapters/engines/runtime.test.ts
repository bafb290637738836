import { expect, test } from "vitest";
import { runtimeEngine } from "../../../src/adapters/engines/runtime.ts";
import { processRuntime } from "../../../src/adapters/runtimes/process/process-runtime.ts";
import type { Fault } from "../../../src/core/fault.ts";
import { describeEngine } from "../../conformance/engine.ts";
import { answers, startOptions } from "../../conformance/runtime.ts";
import { until } from "../../support/services/living.ts";
import { serviceSuite } from "../../support/services/service-suite.ts";

const start = (replicas = 1) =>
  processRuntime().start(
    startOptions({ ...serviceSuite(), service: { ...serviceSuite().service, replicas } }),
  );

describeEngine({
  name: "runtime",
  engine: runtimeEngine,
  start,
  fault: { kind: "pause", on: "service", fraction: 1, attempts: 1 },
  foreign: { kind: "http-abort", on: "client", fraction: 1, attempts: 1 },
  isStruck: async (system) => !(await answers(`${system.clientUrl}/ready`)),
});

const kill = (replica: number | "random"): Fault => ({
  kind: "kill",
  on: "service",
  fraction: 1,
  attempts: 1,
  signal: "SIGKILL",
  restartAfterMs: 300,
  replica,
});

test("a kill tells replica and instant, and clearing waits for the restart", async () => {
  await using system = await start();
  const before = Date.now();
  const injection = await runtimeEngine().inject(
    system,
    [{ id: "k#1", fault: kill(0), marks: { type: "all" }, seed: 1 }],
    20_000,
  );
  const [done] = injection.kills?.() ?? [];
  expect(done).toMatchObject({ replica: 0, signal: "SIGKILL" });
  expect(done?.atMs).toBeGreaterThanOrEqual(before);
  await injection.clear();
  expect(Date.now()).toBeGreaterThanOrEqual((done?.atMs ?? 0) + 300);
  await until("the service answers again", () => answers(`${system.clientUrl}/ready`));
});

test("a random replica is the seed's choice", async () => {
  await using system = await start(2);
  const chosen = new Set<number>();
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const placed = [{ id: "k#1", fault: kill("random"), marks: { type: "all" as const }, seed }];
    const first = await runtimeEngine().inject(system, placed, 20_000);
    await first.clear();
    chosen.add(first.kills?.()[0]?.replica ?? -1);
    if (chosen.size === 2) break;
  }
  expect(chosen).toEqual(new Set([0, 1]));
});
