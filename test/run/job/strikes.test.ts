import { expect, test } from "vitest";
import { SquallError } from "../../../src/core/errors.ts";
import { type Receipt, withoutEffect } from "../../../src/core/exchange.ts";
import type { Fault } from "../../../src/core/fault.ts";
import type { JobTrigger } from "../../../src/core/job/trigger.ts";
import { FaultsInForce } from "../../../src/run/job/faults-in-force.ts";
import { makeJobPlan, type PlannedJobRun } from "../../../src/run/job/plan.ts";
import { Strikes } from "../../../src/run/job/strikes.ts";
import type { KillOrder } from "../../../src/run/job/supervisor.ts";
import type { Engine, PlacedEngineFault, RunningSystem } from "../../../src/run/ports.ts";
import { settled, TestClock } from "../../support/jobs/clock.ts";
import { everywhere, jobSuite, killed, struck } from "../../support/jobs/job-suite.ts";

const latency = (overrides: Partial<Fault> = {}): Fault =>
  ({
    kind: "latency",
    direction: "both",
    delayMs: 50,
    jitterMs: 0,
    distribution: "constant",
    ...everywhere("data"),
    ...overrides,
  }) as Fault;
const cpuLimit = (overrides: Partial<Fault> = {}): Fault =>
  ({ kind: "cpu-limit", cpus: 0.3, ...everywhere("service"), ...overrides }) as Fault;

/** An engine that says what it was told to do, and counts as a test says. */
class TestEngine implements Engine {
  readonly name;
  readonly said: string[] = [];
  readonly placed: PlacedEngineFault[][] = [];
  failsToClear = false;
  failsToCount = false;
  #counts = new Map<string, { seen: number; affected: number }>();

  constructor(name: "sidecar" | "runtime") {
    this.name = name;
  }

  supports = () => ({ ok: true }) as const;

  inject = async (_: RunningSystem, placed: readonly PlacedEngineFault[]) => {
    this.said.push(`set ${placed.map(({ id }) => id).join(" ")}`);
    this.placed.push([...placed]);
    // From 0 with each state, as the sidecar's.
    for (const { id } of placed) this.#counts.set(id, { seen: 0, affected: 0 });
    return {
      receipts: async (): Promise<Receipt[]> => {
        if (this.failsToCount) throw new SquallError("internal", "It does not answer.");
        return placed.map(({ id, fault }) => ({
          faultId: id,
          edge: fault.on,
          ...(this.#counts.get(id) ?? { seen: 0, affected: 0 }),
        }));
      },
      clear: async () => {
        if (this.failsToClear) throw new SquallError("fault-not-cleared", "It is still there.");
        this.said.push(`clear ${placed.map(({ id }) => id).join(" ")}`);
      },
    };
  };

  count(id: string, seen: number, affected: number): void {
    const before = this.#counts.get(id) ?? { seen: 0, affected: 0 };
    this.#counts.set(id, { seen: before.seen + seen, affected: before.affected + affected });
  }
}

const world = (trigger: JobTrigger, faults: readonly Fault[], strikeMs?: number) => {
  const clock = new TestClock();
  const beganMs = clock.now();
  const sidecar = new TestEngine("sidecar");
  const runtime = new TestEngine("runtime");
  const suite = jobSuite({ steps: 100, experiments: [struck("x", trigger, faults, strikeMs)] });
  const planned = makeJobPlan(suite, 1).runs[1] as PlannedJobRun;
  const progress = { lastStep: null as number | null, highestStep: null as number | null };
  const kills: [number, KillOrder][] = [];
  const pauses: number[] = [];
  const inForce = new FaultsInForce({
    system: {} as RunningSystem,
    engineOf: ({ kind }) => (kind === "latency" ? sidecar : runtime),
    scenario: "x",
    repeat: 0,
    faults,
    seed: 1,
    leftMs: () => 1000,
  });
  const strikes = new Strikes({
    planned,
    seed: 1,
    workers: 4,
    inForce,
    supervisor: {
      kill: async (worker, order) => kills.push([worker, order]) > 0,
      paused: (by) => void pauses.push(by),
    },
    progress,
    clock,
    runMs: () => clock.now() - beganMs,
  });
  const step = async (number: number): Promise<void> => {
    progress.lastStep = number;
    progress.highestStep = Math.max(number, progress.highestStep ?? 0);
    strikes.onNewStep(number);
    await settled();
  };
  return { clock, sidecar, runtime, strikes, step, kills, pauses };
};

const cleared = ({ strikes }: ReturnType<typeof world>) =>
  strikes.records.map(({ clearedAtMs }) => clearedAtMs);

test("a fault is in force for its time from the step on that calls for it", async () => {
  const run = world({ type: "step", step: 5 }, [latency({ forMs: 300 })]);
  await run.step(4);
  expect(run.sidecar.said).toEqual([]);
  await run.clock.pass(100);
  await run.step(5);
  expect(run.sidecar.said).toEqual(["set x#1"]);
  await run.clock.pass(299);
  expect(run.sidecar.said).toEqual(["set x#1"]);
  await run.clock.pass(1);
  expect(run.sidecar.said).toEqual(["set x#1", "clear x#1"]);
  expect(run.strikes.records).toMatchObject([
    { at: 5, atMs: 100, lastStep: 5, faults: [0], clearedAtMs: 400 },
  ]);
  expect(run.clock.waiting).toBe(0);
});

test("its time is left to nobody else: what is placed has none of its own", async () => {
  const run = world({ type: "step", step: 5 }, [latency({ forMs: 300 })]);
  await run.step(5);
  expect(run.sidecar.placed[0]?.[0]?.fault.forMs).toBeUndefined();
});

test("a fault is in force for so many new steps", async () => {
  const run = world({ type: "step", step: 5 }, [latency({ forSteps: 3 })]);
  await run.step(5);
  await run.step(7);
  expect(run.sidecar.said).toEqual(["set x#1"]);
  await run.step(8);
  expect(run.sidecar.said).toEqual(["set x#1", "clear x#1"]);
});

test("a step that the log jumps over is struck at the first after it, two of them one after the other", async () => {
  const run = world({ type: "every", steps: 10 }, [killed()]);
  await run.step(25);
  await run.step(40);
  expect(run.strikes.records.map(({ at, lastStep }) => [at, lastStep])).toEqual([
    [10, 25],
    [20, 25],
    [30, 40],
    [40, 40],
  ]);
});

test("a strike while the last one's fault is in force prolongs it", async () => {
  const run = world({ type: "every", steps: 10 }, [latency({ forMs: 300 })]);
  await run.step(10);
  run.sidecar.count("x#1", 4, 2);
  await run.clock.pass(200);
  await run.step(20);
  run.sidecar.count("x#1", 6, 6);
  await run.clock.pass(299);
  expect(run.sidecar.said).toEqual(["set x#1"]);
  await run.clock.pass(1);
  expect(run.sidecar.said).toEqual(["set x#1", "clear x#1"]);
  expect(cleared(run)).toEqual([300, 500]);
  // Each has what was counted until the next came.
  expect(run.strikes.records.map(({ receipts }) => receipts)).toEqual([
    [{ faultId: "x#1", edge: "data", seen: 4, affected: 2 }],
    [{ faultId: "x#1", edge: "data", seen: 6, affected: 6 }],
  ]);
});

test("two faults of one edge engine: the one that ends first leaves the other there, with its counts added up", async () => {
  const run = world({ type: "step", step: 5 }, [
    latency({ forMs: 100 }),
    latency({ forMs: 300, fraction: 0.5 }),
  ]);
  await run.step(5);
  run.sidecar.count("x#2", 3, 1);
  await run.clock.pass(100);
  run.sidecar.count("x#2", 4, 2);
  await run.clock.pass(200);
  expect(run.sidecar.said).toEqual(["set x#1 x#2", "set x#2", "clear x#2"]);
  expect(run.strikes.records[0]?.receipts).toEqual([
    { faultId: "x#1", edge: "data", seen: 0, affected: 0 },
    { faultId: "x#2", edge: "data", seen: 7, affected: 3 },
  ]);
});

test("a partial fault goes on in its pattern where it stood when its state is set anew", async () => {
  const run = world({ type: "step", step: 5 }, [
    latency({ forMs: 100 }),
    latency({ forMs: 300, fraction: 0.2 }),
  ]);
  await run.step(5);
  run.sidecar.count("x#2", 3, 1);
  await run.clock.pass(100);
  const pattern = (state: number): readonly boolean[] => {
    const marks = run.sidecar.placed[state]?.find(({ id }) => id === "x#2")?.marks;
    return marks?.type === "pattern" ? marks.pattern : [];
  };
  expect(pattern(0).filter(Boolean)).toHaveLength(pattern(0).length / 5);
  expect(pattern(1)).toEqual([...pattern(0).slice(3), ...pattern(0).slice(0, 3)]);
});

test("faults on processes come and go each by itself", async () => {
  const run = world({ type: "step", step: 5 }, [latency({ forMs: 200 }), cpuLimit({ forMs: 100 })]);
  await run.step(5);
  await run.clock.pass(100);
  expect(run.runtime.said).toEqual(["set x#2", "clear x#2"]);
  expect(run.sidecar.said).toEqual(["set x#1"]);
});

test("a fault with a delay of its own begins after it, and a kill among them too", async () => {
  const run = world({ type: "step", step: 5 }, [cpuLimit({ forMs: 500 }), killed({ afterMs: 200 })]);
  await run.step(5);
  await run.clock.pass(199);
  expect(run.kills).toEqual([]);
  await run.clock.pass(1);
  expect(run.kills).toEqual([[0, { signal: "SIGKILL", restartAfterMs: 0, replaceNode: false }]]);
  await run.clock.pass(300);
  expect(run.strikes.records).toMatchObject([
    { clearedAtMs: 500, receipts: [{ faultId: "x#1" }, { faultId: "x#2", seen: 1, affected: 1 }] },
  ]);
});

test("a strike is over after the experiment's time, whatever its faults say and whether they had begun", async () => {
  const faults = [latency({ forMs: 5000 }), cpuLimit({ afterMs: 2000 }), killed({ afterMs: 2000 })];
  const run = world({ type: "step", step: 5 }, faults, 1000);
  await run.step(5);
  await run.clock.pass(10_000);
  expect(run.sidecar.said).toEqual(["set x#1", "clear x#1"]);
  expect(run.runtime.said).toEqual([]);
  expect(run.kills).toEqual([]);
  expect(cleared(run)).toEqual([1000]);
});

test("a fault without an end is there until the next strike, which may not have it", async () => {
  const run = world({ type: "every", steps: 10 }, [killed(), cpuLimit({ strikeShare: 0.5 })]);
  const planned = new Map<number, boolean>();
  for (let at = 10; at < 100; at += 10) {
    await run.step(at);
    planned.set(at, run.strikes.records.at(-1)?.faults.includes(1) ?? false);
    const isSet = run.runtime.said.filter((said) => said.startsWith("set")).length;
    const isClear = run.runtime.said.filter((said) => said.startsWith("clear")).length;
    expect(isSet - isClear).toBe(planned.get(at) === true ? 1 : 0);
  }
  expect([...planned.values()].filter(Boolean)).toHaveLength(5);
});

test("the run's end takes everything away; what was in force then was never cleared before", async () => {
  const run = world({ type: "step", step: 5 }, [
    latency({ forMs: 5000 }),
    cpuLimit(),
    killed({ afterMs: 3000 }),
  ]);
  await run.step(5);
  run.sidecar.count("x#1", 2, 2);
  await run.strikes.close();
  expect([run.sidecar.said, run.runtime.said]).toEqual([
    ["set x#1", "clear x#1"],
    ["set x#2", "clear x#2"],
  ]);
  await run.clock.pass(60_000);
  expect(run.kills).toEqual([]);
  expect(cleared(run)).toEqual([null]);
  expect(run.strikes.records[0]?.receipts[0]).toMatchObject({ seen: 2, affected: 2 });
  expect(run.strikes.problems).toEqual([]);
  expect(run.clock.waiting).toBe(0);
  await run.step(50);
  expect(run.strikes.records).toHaveLength(1);
});

test("a fault that cannot be taken away is a problem of the run", async () => {
  const run = world({ type: "step", step: 5 }, [latency({ forMs: 100 })]);
  await run.step(5);
  run.sidecar.failsToClear = true;
  await run.clock.pass(100);
  expect(run.strikes.problems).toEqual(["It is still there."]);
  expect(cleared(run)).toEqual([null]);
});

test("a fault whose counts cannot be read is taken away all the same at the run's end, and that is a problem of the run", async () => {
  const run = world({ type: "step", step: 5 }, [latency()]);
  await run.step(5);
  run.sidecar.failsToCount = true;
  await run.strikes.close();
  expect(run.sidecar.said).toEqual(["set x#1", "clear x#1"]);
  expect(run.strikes.problems).toEqual(["It does not answer."]);
});

test("a paused job is not taken for one that hangs, as long as it is paused", async () => {
  const run = world({ type: "step", step: 5 }, [{ kind: "pause", ...everywhere("service"), forMs: 100 }]);
  await run.step(5);
  expect(run.pauses).toEqual([1]);
  await run.clock.pass(100);
  expect(run.pauses).toEqual([1, -1]);
});

test("the worker that is killed: the first, the one named, or one drawn from the seed", async () => {
  const killedOnes = async (fault: Fault): Promise<number[]> => {
    const run = world({ type: "every", steps: 10 }, [fault]);
    for (let at = 10; at < 100; at += 10) await run.step(at);
    return run.kills.map(([worker]) => worker);
  };
  expect(new Set(await killedOnes(killed()))).toEqual(new Set([0]));
  expect(new Set(await killedOnes(killed({ on: "service-3" })))).toEqual(new Set([2]));
  expect(new Set(await killedOnes(killed({ replica: 1 })))).toEqual(new Set([1]));
  const drawn = await killedOnes(killed({ replica: "random" }));
  expect(new Set(drawn).size).toBeGreaterThan(1);
  expect(await killedOnes(killed({ replica: "random" }))).toEqual(drawn);
});

test("a dependency that is killed is the runtime's to start again", async () => {
  const run = world({ type: "step", step: 5 }, [killed({ on: "data" })]);
  await run.step(5);
  expect(run.kills).toEqual([]);
  expect(run.runtime.said).toEqual(["set x#1", "clear x#1"]);
});

test("saves strike by their number", async () => {
  const run = world({ type: "save", nth: 2 }, [killed()]);
  await run.step(50);
  run.strikes.onNewSave();
  run.strikes.onNewSave();
  run.strikes.onNewSave();
  await settled();
  expect(run.strikes.records.map(({ at }) => at)).toEqual([2]);
});

test("a fault is without effect where no strike of the run saw it do anything", () => {
  const receipt = (faultId: string, affected: number): Receipt => ({
    faultId,
    edge: "data",
    seen: 3,
    affected,
  });
  const strike = (...receipts: readonly Receipt[]) => ({
    at: 1,
    atMs: 0,
    lastStep: 1,
    faults: [],
    clearedAtMs: null,
    receipts,
  });
  expect(
    withoutEffect(
      [strike(receipt("a", 0), receipt("b", 0)), strike(receipt("a", 1), receipt("b", 0))].flatMap(
        ({ receipts }) => receipts,
      ),
    ),
  ).toEqual([{ faultId: "b", edge: "data", seen: 6, affected: 0 }]);
});
