/**
 * Whole runs of a service that does not exist, as profiles: a queue before its processors, the product's own schedule, and a machine
 * of its own moods. The schedule comes from the suite, what happened from `runSeed`.
 */
import type { Observation } from "../../src/core/observation.ts";
import type {
  EdgeCalls,
  HealthSample,
  Profile,
  RecoveryRecord,
  WindowRecord,
} from "../../src/core/profile.ts";
import { type Random, randomFor } from "../../src/core/random.ts";
import type { Suite } from "../../src/core/suite.ts";
import type { Plan, PlannedWindow, Stretch } from "../../src/run/plan/plan.ts";
import { drawMachine, type Machine, type MachineOptions } from "./machine.ts";
import { type Answer, answer, Breaker, type ServiceCode, type Work } from "./service.ts";
import { REQUESTS } from "./suite.ts";

export interface SimulateOptions {
  readonly suite: Suite;
  readonly plan: Plan;
  readonly runSeed: number;
  /** Two runs with the same one share the machine and its moods, as a pair does; absent: a machine of its own. */
  readonly machineSeed?: number;
  readonly code: ServiceCode;
  /** Part of the work that the processor does: 0.15 waits for its model, 0.7 computes. */
  readonly cpuPart: number;
  readonly machine: MachineOptions;
  /** Processors; with `cpuPart` they set how long the queue is. */
  readonly cores: number;
}

/** The canned set: the same for every run of a suite. */
const worksOf = ({ plan, cpuPart }: SimulateOptions): ReadonlyMap<string, Work> => {
  const random = randomFor(plan.seed, "works");
  return new Map(
    REQUESTS.map(({ id }) => {
      const totalMs = 50 + 190 * random.next() ** 2;
      // A computing service must not be drowned by the rate: its requests are shorter.
      const cpuMs = cpuPart * (0.7 + 0.6 * random.next()) * (cpuPart > 0.4 ? 0.25 : 1) * totalMs;
      return [id, { cpuMs, waitMs: (1 - cpuPart) * totalMs }] as const;
    }),
  );
};

/** Autocorrelated relative noise of the processor, standard deviation 5 %. */
class Noise {
  #level = 0;
  readonly #random: Random;
  constructor(random: Random) {
    this.#random = random;
  }
  next(): number {
    this.#level = 0.9 * this.#level + Math.sqrt(1 - 0.81) * 0.05 * this.#random.normal();
    return Math.exp(this.#level);
  }
}

class Run {
  readonly observations: Observation[] = [];
  readonly windows: WindowRecord[] = [];
  readonly edgeCalls: EdgeCalls[] = [];
  readonly health: HealthSample[] = [];
  readonly recoveries: RecoveryRecord[] = [];
  readonly #options: SimulateOptions;
  readonly #machine: Machine;
  readonly #works: ReadonlyMap<string, Work>;
  readonly #random: Random;
  readonly #noise: Noise;
  readonly #breaker = new Breaker();
  /** When each processor is free again. */
  readonly #freeAtMs: number[];
  #clockMs = 1000;

  constructor(options: SimulateOptions, durationMs: number) {
    this.#options = options;
    this.#machine = drawMachine(options.machineSeed ?? options.runSeed, durationMs, options.machine);
    this.#works = worksOf(options);
    this.#random = randomFor(options.runSeed, "requests");
    this.#noise = new Noise(randomFor(options.runSeed, "noise"));
    this.#freeAtMs = Array.from({ length: options.cores }, () => 0);
  }

  get speed(): number {
    return this.#machine.speed;
  }

  stretch(stretch: Stretch): void {
    const startMs = this.#clockMs;
    for (const window of stretch.windows) this.#window(stretch, window, startMs);
    this.#clockMs = startMs + stretch.durationMs + 400;
  }

  #window(stretch: Stretch, window: PlannedWindow, stretchMs: number): void {
    const startMs = stretchMs + window.offsetMs;
    const killedMs = window.shape === "kill" ? this.#kill(window, startMs) : null;
    const counted = { calls: 0, hitCalls: 0, hits: 0, most: 0 };
    const requests = stretch.requests.slice(window.firstSlot, window.endSlot);
    for (const [slot, request] of requests.entries()) {
      const atMs = stretchMs + request.atMs;
      const isDown = killedMs !== null && atMs >= startMs + 1000 && atMs < killedMs;
      const made = isDown ? null : this.#answer(window.scenario, request.hit, request.requestId, atMs);
      const latencyMs = made?.latencyMs ?? 2;
      const calls = made?.calls ?? 0;
      counted.calls += calls;
      counted.most = Math.max(counted.most, calls);
      if (request.hit) {
        counted.hits += 1;
        counted.hitCalls += calls;
      }
      this.observations.push({
        window: window.index,
        slot,
        requestId: request.requestId,
        repetition: request.repetition,
        scheduledMs: request.atMs - window.offsetMs,
        lagMs: 0.2,
        ttftMs: made === null || made.status !== 200 ? null : 0.6 * latencyMs,
        latencyMs,
        outcome: made?.outcome ?? "refused",
        status: made?.status ?? 0,
        hit: request.hit,
        maxGapMs: null,
        chunks: 12,
        bytes: 400,
        answerHash: made?.outcome === "ok" ? request.requestId : "",
      });
    }
    this.#record(window, startMs, requests.length, counted);
  }

  /** First in, first out before the processors; the rest of an answer waits for nobody. */
  #answer(
    scenario: string,
    hit: boolean,
    requestId: string,
    atMs: number,
  ): Answer & { readonly latencyMs: number } {
    const { code } = this.#options;
    const work = this.#works.get(requestId) ?? { cpuMs: 10, waitMs: 50 };
    const made = answer({ code, scenario, hit, work, atMs, breaker: this.#breaker, random: this.#random });
    const limit = scenario === "cpu" ? 1.8 : 1;
    const cpuMs =
      work.cpuMs * made.cpuShare * limit * code.slower * this.#machine.slowdown(atMs) * this.#noise.next();
    let core = 0;
    for (const [index, freeMs] of this.#freeAtMs.entries())
      if (freeMs < (this.#freeAtMs[core] ?? 0)) core = index;
    const beginMs = Math.max(atMs, this.#freeAtMs[core] ?? 0);
    const stallMs = this.#machine.waitMs(beginMs);
    const doneMs = beginMs + stallMs + cpuMs;
    this.#freeAtMs[core] = doneMs;
    const latencyMs = doneMs - atMs + made.waitMs * code.slower;
    return { ...made, latencyMs };
  }

  /** @returns when it answers again */
  #kill(window: PlannedWindow, startMs: number): number {
    const { recoveryMs: usualMs } = this.#options.code;
    const recoveryMs = usualMs * this.#machine.speed * Math.exp(0.1 * this.#random.normal());
    this.recoveries.push({
      scenario: window.scenario,
      round: window.round,
      signal: "SIGKILL",
      replica: 0,
      recoveryMs,
      watchedMs: 20_000,
    });
    return startMs + 1000 + recoveryMs;
  }

  #record(
    window: PlannedWindow,
    startMs: number,
    planned: number,
    counted: { calls: number; hitCalls: number; hits: number; most: number },
  ): void {
    const struck = window.shape === "attributed" ? counted.hits : planned;
    this.windows.push({
      scenario: window.scenario,
      round: window.round,
      phase: "load",
      startMs,
      durationMs: window.durationMs,
      guardMs: window.guardMs,
      planned,
      lagP99Ms: 1,
      achievedRate: 1,
      eventLoopP99Ms: 1,
      receipts:
        window.shape === "control"
          ? []
          : [{ faultId: `${window.scenario}#1`, edge: "llm", seen: planned, affected: Math.max(1, struck) }],
    });
    this.edgeCalls.push({
      window: window.index,
      edge: "llm",
      calls: counted.calls,
      hitCalls: counted.hitCalls,
      clientRequests: planned,
      hitRequests: counted.hits,
      maxCalls: counted.most,
    });
    for (let at = 250; at < window.durationMs; at += 500) {
      const down = window.scenario === "outage" && at > 600 && this.#options.code.breaker;
      this.health.push({ window: window.index, path: "ready", atMs: startMs + at, status: down ? 503 : 200 });
      this.health.push({ window: window.index, path: "health", atMs: startMs + at, status: 200 });
    }
  }
}

export const simulate = (options: SimulateOptions): Profile => {
  const { suite, plan } = options;
  const durationMs = 1000 + plan.loadMs + 400 * plan.stretches.length;
  const run = new Run(options, durationMs);
  for (const stretch of plan.stretches) run.stretch(stretch);
  return {
    schemaVersion: 1,
    suite: suite.name,
    suiteHash: suite.hash,
    frameHash: suite.frameHash,
    scheduleHash: `schedule ${plan.seed}`,
    seed: plan.seed,
    fingerprint: {
      arch: "x64",
      platform: "linux",
      cpuModel: "simulated",
      cpus: options.cores,
      memoryBytes: 8e9,
      node: "24",
      runtime: "process",
    },
    provenance: { startedAt: "2026-01-01T00:00:00.000Z", durationMs, tool: "simulation" },
    probeMs: 10 * run.speed,
    deadlines: suite.workload.deadlines,
    sloMs: suite.workload.sloMs,
    scenarios: plan.scenarios,
    windows: run.windows,
    observations: run.observations,
    recoveries: run.recoveries,
    edgeCalls: run.edgeCalls,
    edgeSeconds: [],
    health: run.health,
    processes: [],
    deaths: [],
    aborts: [],
    attribution: [],
    measuringMs: plan.loadMs,
    notes: [],
  };
};
