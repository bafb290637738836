/** A policy at work: what it sees of each second, what it does, and that nothing of it stays. */
import { describe, expect, test } from "vitest";
import type { ExchangeRecord } from "../../src/core/exchange.ts";
import type { ProcessSample } from "../../src/core/profile.ts";
import { NOTHING } from "../../src/core/recovery-policy/evaluate.ts";
import type { Remedy } from "../../src/core/remedy/remedy.ts";
import { type Decide, PolicyWatch } from "../../src/run/policy-watch.ts";
import type { ProcessControl, RunningSystem, SidecarControl } from "../../src/run/ports.ts";
import { symptomReader } from "../../src/run/symptoms.ts";
import { runningSystem } from "../support/run/ports.ts";
import { memorySuite } from "../support/run/run-in-memory.ts";
import { World } from "../support/run/world.ts";

const CPUS: Remedy = { kind: "more-cpu", on: "service", times: 2 };
const MEMORY: Remedy = { kind: "more-memory", on: "service", times: 2 };
const CACHE: Remedy = { kind: "cache", on: "llm", forMs: 1000, entries: 10 };
const LONGER: Remedy = { ...CACHE, forMs: 9000 };

interface Scripted {
  readonly events: string[];
  readonly system: RunningSystem;
}

/** Ports that tell what is asked of them. */
const scripted = (
  processes: Partial<ProcessControl> = {},
  sidecar: Partial<SidecarControl> = {},
): Scripted => {
  const events: string[] = [];
  const base = runningSystem(new World(memorySuite([])));
  return {
    events,
    system: {
      ...base,
      sidecar: {
        ...base.sidecar,
        setRemedies: (remedies, deadlineMs) => {
          events.push(`edges ${remedies.map((each) => `${each.on} ${each.kind}`).join(",")} ${deadlineMs}`);
          return Promise.resolve();
        },
        ...sidecar,
      },
      processes: {
        ...base.processes,
        canRelieve: () => ({ ok: true }),
        relieve: ({ kind, on }) => {
          events.push(`relieve ${kind}`);
          return Promise.resolve({
            receipt: { on, kind, seen: 1, acted: 1 },
            [Symbol.asyncDispose]: () => {
              events.push(`undo ${kind}`);
              return Promise.resolve();
            },
          });
        },
        ...processes,
      },
    },
  };
};

interface Watched {
  readonly watch: PolicyWatch;
  readonly notes: string[];
  /** Lets so many seconds pass, and what they bring be done. */
  readonly pass: (seconds: number) => Promise<void>;
}

const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const watching = (system: RunningSystem, decide: Decide, seconds = 10): Watched => {
  const notes: string[] = [];
  let nowMs = 0;
  let wake: () => void = () => undefined;
  const watch = new PolicyWatch({
    sources: { system, dependencies: ["llm"], samples: () => [], now: () => nowMs },
    system,
    decide,
    seconds,
    deadlineMs: 5000,
    pause: async (ms, signal) =>
      new Promise((resolve) => {
        wake = () => {
          nowMs += ms;
          resolve();
        };
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    note: (text) => void notes.push(text),
  });
  return {
    watch,
    notes,
    pass: async (count) => {
      for (let second = 0; second < count; second++) {
        await settled();
        wake();
        await settled();
      }
    },
  };
};

/** Acts in the seconds that are named. */
const plan =
  (
    acts: Readonly<Record<number, readonly (readonly [string, Remedy])[]>>,
    undos: Readonly<Record<number, readonly string[]>> = {},
  ): Decide =>
  (atMs) => ({
    act: (acts[atMs / 1000] ?? []).map(([key, remedy]) => ({ key, remedy, because: `rule of ${key}` })),
    undo: undos[atMs / 1000] ?? [],
  });

describe("a policy at work", () => {
  test("does what was decided, tells when and why, and undoes all, last first", async () => {
    const { system, events } = scripted();
    const { watch, pass, notes } = watching(
      system,
      plan({
        2: [["a", CPUS]],
        3: [
          ["b", MEMORY],
          ["c", CACHE],
        ],
      }),
    );
    await pass(4);
    expect(events).toEqual(["relieve more-cpu", "relieve more-memory", "edges llm cache 5000"]);
    await watch[Symbol.asyncDispose]();
    expect(events.slice(3)).toEqual(["undo more-memory", "undo more-cpu", "edges  5000"]);
    expect(watch.actions).toEqual([
      { atMs: 2000, remedy: CPUS, because: "rule of a" },
      { atMs: 3000, remedy: MEMORY, because: "rule of b" },
      { atMs: 3000, remedy: CACHE, because: "rule of c" },
    ]);
    expect(watch.symptoms).toHaveLength(4);
    expect(notes).toEqual([]);
  });

  test("that is disposed twice undoes once", async () => {
    const { system, events } = scripted();
    const { watch, pass } = watching(
      system,
      plan({
        1: [
          ["a", CPUS],
          ["b", CACHE],
        ],
      }),
    );
    await pass(1);
    await watch[Symbol.asyncDispose]();
    const before = events.length;
    await watch[Symbol.asyncDispose]();
    expect(events).toHaveLength(before);
  });

  test("that does nothing touches nothing", async () => {
    const { system, events } = scripted();
    const { watch, pass } = watching(system, () => NOTHING, 3);
    await pass(5);
    await watch[Symbol.asyncDispose]();
    expect(events).toEqual([]);
    expect(watch.symptoms).toHaveLength(3);
  });

  test("undoes in between what it is told to, and says when", async () => {
    const { system, events } = scripted();
    const decide = plan(
      {
        1: [
          ["a", CPUS],
          ["b", CACHE],
        ],
      },
      { 3: ["a", "b"] },
    );
    const { watch, pass } = watching(system, decide);
    await pass(3);
    expect(events).toEqual(["relieve more-cpu", "edges llm cache 5000", "undo more-cpu", "edges  5000"]);
    expect(watch.actions.map(({ undoneMs }) => undoneMs)).toEqual([3000, 3000]);
    await watch[Symbol.asyncDispose]();
    expect(events.filter((event) => event === "undo more-cpu")).toHaveLength(1);
  });

  test("puts the newest of one kind on an edge in force, and the one before when that is undone", async () => {
    const forMs: number[] = [];
    const { system } = scripted(
      {},
      {
        setRemedies: (remedies) => {
          forMs.push(...remedies.map((each) => (each.kind === "cache" ? each.forMs : 0)));
          return Promise.resolve();
        },
      },
    );
    const { watch, pass } = watching(system, plan({ 1: [["a", CACHE]], 2: [["b", LONGER]] }, { 3: ["b"] }));
    await pass(3);
    expect(forMs).toEqual([1000, 9000, 1000]);
    await watch[Symbol.asyncDispose]();
  });

  test("goes on where a remedy cannot be had, with the reason", async () => {
    const { system, events } = scripted({
      canRelieve: ({ kind }) =>
        kind === "more-cpu" ? { ok: false, reason: "no limit to lift" } : { ok: true },
    });
    const { watch, pass, notes } = watching(
      system,
      plan({ 1: [["a", CPUS]], 2: [["b", MEMORY]] }, { 3: ["a"] }),
    );
    await pass(3);
    expect(events).toEqual(["relieve more-memory"]);
    expect(watch.actions.map(({ failed }) => failed)).toEqual(["no limit to lift", undefined]);
    expect(notes).toEqual(["cpus x2: no limit to lift"]);
    await watch[Symbol.asyncDispose]();
  });

  test("goes on where a remedy fails to be applied, and does not count it as in force", async () => {
    const { system, events } = scripted(
      {},
      { setRemedies: () => Promise.reject(new Error("sidecar is gone")) },
    );
    const { watch, pass } = watching(system, plan({ 1: [["a", CACHE]] }));
    await pass(1);
    expect(watch.actions[0]?.failed).toBe("sidecar is gone");
    expect(events).toEqual([]);
    await expect(watch[Symbol.asyncDispose]()).rejects.toMatchObject({ code: "fault-not-cleared" });
  });

  test("says that a remedy could not be undone when all others are", async () => {
    const base = scripted();
    const { system, events } = scripted({
      relieve: async (remedy) => {
        const relief = await base.system.processes.relieve(remedy);
        if (remedy.kind !== "more-memory") return relief;
        return { ...relief, [Symbol.asyncDispose]: () => Promise.reject(new Error("still there")) };
      },
    });
    const { watch, pass } = watching(
      system,
      plan({
        1: [
          ["a", CPUS],
          ["b", MEMORY],
        ],
      }),
    );
    await pass(1);
    await expect(watch[Symbol.asyncDispose]()).rejects.toMatchObject({
      code: "fault-not-cleared",
      detail: ["more-memory on service: still there"],
    });
    expect([...base.events, ...events]).toContain("undo more-cpu");
  });

  test("waits for a remedy that is still being applied before it undoes it", async () => {
    let ready: () => void = () => undefined;
    const base = scripted();
    const { system } = scripted({
      relieve: async (remedy) => {
        await new Promise<void>((resolve) => {
          ready = resolve;
        });
        return base.system.processes.relieve(remedy);
      },
    });
    const { watch, pass } = watching(system, plan({ 1: [["a", CPUS]] }));
    await pass(3);
    expect(watch.symptoms).toHaveLength(3);
    const ended = watch[Symbol.asyncDispose]();
    ready();
    await ended;
    expect(base.events).toEqual(["relieve more-cpu", "undo more-cpu"]);
  });

  test("ends its watch with a note where a second cannot be read", async () => {
    const { system } = scripted({}, { active: () => Promise.reject(new Error("sidecar is gone")) });
    const { watch, pass, notes } = watching(system, () => NOTHING);
    await pass(2);
    expect(notes).toEqual(["A second could not be watched: sidecar is gone"]);
    await watch[Symbol.asyncDispose]();
    expect(watch.symptoms).toEqual([]);
  });
});

const record = (overrides: Partial<ExchangeRecord>): ExchangeRecord => ({
  sequence: 1,
  edge: "client",
  method: "POST",
  path: "/answer",
  status: 200,
  startedMs: 0,
  firstByteMs: 10,
  endedMs: 100,
  bytesUp: 1,
  bytesDown: 1,
  end: "complete",
  requestKey: null,
  attributedBy: "none",
  attempt: 1,
  longestGapMs: null,
  upstreamMs: null,
  faults: [],
  ...overrides,
});

describe("what a policy sees of a second", () => {
  const read = async (
    records: readonly ExchangeRecord[],
    samples: readonly ProcessSample[],
    nowMs = 5000,
  ) => {
    const { system } = scripted(
      {},
      {
        followRecords: () => () => Promise.resolve(records),
        active: () => Promise.resolve({ open: { client: 7, llm: 2 }, begun: {}, accepted: {} }),
      },
    );
    return symptomReader({ system, dependencies: ["llm"], samples: () => samples, now: () => nowMs })();
  };

  test("is the service's busiest replica, its clients' requests, and the same of what it calls", async () => {
    const seen = await read(
      [
        record({}),
        record({ endedMs: 100 }),
        record({ status: 503 }),
        record({ end: "client-abort" }),
        record({ edge: "llm", endedMs: 40 }),
      ],
      [
        { name: "service", atMs: 4500, cpu: 0.3, memoryBytes: 2e8, cpuLimit: 0.5, memoryLimitBytes: 1e9 },
        { name: "service-2", atMs: 4500, cpu: 0.4, memoryBytes: 1e8, cpuLimit: 0.5 },
        { name: "llm", atMs: 4500, cpu: 1, memoryBytes: 5e8 },
      ],
    );
    expect(seen).toEqual({
      cpu: 0.8,
      memory: 0.2,
      errorRate: 0.5,
      p95Ms: 100,
      inFlight: 7,
      of: { llm: { cpu: 0.5, memory: 0.5, errorRate: 0, p95Ms: 40, inFlight: 2 } },
    });
  });

  test("takes the newest sample of each process, none that is stale, and no share above 1", async () => {
    const sample = (atMs: number, cpu: number): ProcessSample => ({
      name: "service",
      atMs,
      cpu,
      memoryBytes: 1,
      cpuLimit: 0.5,
    });
    expect((await read([], [sample(3500, 0.1), sample(4500, 0.2)])).cpu).toBe(0.4);
    expect((await read([], [sample(4500, 0.7)])).cpu).toBe(1);
    expect((await read([], [sample(2000, 0.2)])).cpu).toBeNull();
  });

  test("of which nothing ended does not know errors and times", async () => {
    expect(await read([], [])).toMatchObject({ cpu: null, errorRate: null, p95Ms: null, inFlight: 7 });
  });
});
