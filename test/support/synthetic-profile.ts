/**
 * Profiles of a service that does not exist: requests of different speed, autocorrelated noise, stalls, noisy
 * neighbours, and a machine whose speed is drawn anew for every run. Seeded: the schedule from `scheduleSeed` (shared by
 * base and head, so they are twins), what happened from `runSeed`.
 */
import type { Fault } from "../../src/core/fault.ts";
import type { Observation } from "../../src/core/observation.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { exactMarks } from "../../src/core/placement.ts";
import type { EdgeCalls, HealthSample, Profile, Scenario, WindowRecord } from "../../src/core/profile.ts";
import { type Random, randomFor, shuffled } from "../../src/core/random.ts";
import type { Policy } from "../../src/core/suite.ts";

/** What the head does differently. Shares 0..1 of the hits unless said. */
export interface Change {
  /** Latency of hits times this. */
  readonly hitFactor?: number;
  /** Scenario to which hitFactor, errors, degraded and extra calls are limited; absent: every attributed one. */
  readonly scenario?: string;
  readonly slowTail?: { readonly share: number; readonly addMs: number };
  readonly hitErrors?: number;
  readonly hitDegraded?: number;
  readonly hitIncomplete?: number;
  /** Of hits that failed in the baseline: now passed on, cut short, as complete. */
  readonly hitExtraCalls?: number;
  readonly hitDrift?: number;
  /** No breaker: calls per request in the outage. */
  readonly outageCalls?: number;
  readonly readyLies?: boolean;
  /** All latencies times this. */
  readonly factor?: number;
}

export interface SyntheticOptions {
  readonly scheduleSeed: number;
  readonly runSeed: number;
  readonly rateRps?: number;
  readonly rounds?: number;
  readonly windowMs?: number;
  readonly requestIds?: number;
  /** Part of the work that the processor does: 0.2 a service that waits, 0.8 one that computes. */
  readonly cpuPart?: number;
  /** Mean seconds between stalls and between noisy neighbours; Infinity: a quiet machine. */
  readonly stallEveryS?: number;
  readonly neighbourEveryS?: number;
  /** Machine speed is drawn from 1 - spread .. 1 + spread. */
  readonly speedSpread?: number;
  /** Background errors, 0..1 of all requests. */
  readonly errorRate?: number;
  readonly change?: Change;
  readonly streaming?: boolean;
}

const TARGET = { on: "llm", fraction: 0.2, attempts: 1 } as const;
const LATENCY: Fault = {
  kind: "latency",
  delayMs: 300,
  jitterMs: 0,
  distribution: "constant",
  direction: "downstream",
  ...TARGET,
};
const RESET: Fault = { kind: "reset", ...TARGET };
const TRUNCATE: Fault = { kind: "stream-truncate", afterEvents: 3, clean: true, ...TARGET };
const CPU: Fault = { kind: "cpu-limit", cpus: 0.5, on: "service", fraction: 1, attempts: "all" };
const OUTAGE: Fault = {
  kind: "http-error",
  status: 503,
  headers: {},
  on: "llm",
  fraction: 1,
  attempts: "all",
};

export const SYNTHETIC_SCENARIOS: readonly Scenario[] = [
  { name: "control", shape: "control", scale: "additive", faults: [], description: "calm traffic" },
  { name: "slow", shape: "attributed", scale: "additive", faults: [LATENCY], description: "llm +300 ms" },
  { name: "reset", shape: "attributed", scale: "additive", faults: [RESET], description: "llm resets" },
  {
    name: "cut",
    shape: "attributed",
    scale: "additive",
    faults: [TRUNCATE],
    description: "llm cuts streams",
  },
  {
    name: "cpu",
    shape: "ambient",
    scale: "multiplicative",
    faults: [CPU],
    description: "half the processor",
  },
  { name: "outage", shape: "clock", scale: "additive", faults: [OUTAGE], description: "llm is down" },
];

export const SYNTHETIC_POLICY: Policy = {
  budgetMs: 120_000,
  alpha: 0.05,
  latency: { relative: 0.1, absoluteMs: 10 },
  errorRate: 0.005,
  degradedRate: 0.02,
  slowShare: 0.02,
  callsPerRequest: { relative: 0.1, absolute: 0.05 },
  recovery: { relative: 0.25, absoluteMs: 500 },
  frontier: 0.25,
  onInconclusive: "warn",
  onNoBaseline: "pass",
  onWeakened: "warn",
  acceptance: "commit",
  diagnosisMs: 0,
  earlyStop: true,
  pooledRuns: 8,
  maxBaselineAgeMs: 30 * 86_400_000,
  maxBaselineCommits: 500,
  maxLagP99Ms: 5,
  minAchievedRate: 0.99,
};

interface Machine {
  readonly speed: number;
  /** Stalls and neighbours, in ms from the run's start. */
  readonly stalls: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly neighbours: readonly { readonly fromMs: number; readonly toMs: number; readonly times: number }[];
}

const exponential = (random: Random): number => -Math.log(1 - random.next());

const drawMachine = (options: SyntheticOptions, durationMs: number): Machine => {
  const random = randomFor(options.runSeed, "machine");
  const spread = options.speedSpread ?? 0.3;
  const speed = 1 + spread * (2 * random.next() - 1);
  const stalls: { fromMs: number; toMs: number }[] = [];
  const neighbours: { fromMs: number; toMs: number; times: number }[] = [];
  const stallMs = 1000 * (options.stallEveryS ?? 20);
  for (let at = stallMs * exponential(random); at < durationMs; at += stallMs * exponential(random))
    stalls.push({ fromMs: at, toMs: at + 60 + 240 * exponential(random) });
  const neighbourMs = 1000 * (options.neighbourEveryS ?? 60);
  for (let at = neighbourMs * exponential(random); at < durationMs; at += neighbourMs * exponential(random))
    neighbours.push({ fromMs: at, toMs: at + 2000 + 4000 * random.next(), times: 1.3 + 0.7 * random.next() });
  return { speed, stalls, neighbours };
};

interface Draw {
  readonly latencyMs: number;
  readonly outcome: Outcome;
  readonly status: number;
  readonly calls: number;
  readonly drift: boolean;
}

interface Ask {
  readonly scenario: Scenario;
  readonly hit: boolean;
  readonly workMs: number;
  readonly cpuMs: number;
  readonly change: Change;
  readonly inOutageMs: number;
  readonly random: Random;
  readonly errorRate: number;
}

/** What the service makes of one request before the machine's stalls. */
const answer = (ask: Ask): Draw => {
  const { scenario, hit, workMs, cpuMs, change, random } = ask;
  const good = { outcome: "ok" as Outcome, status: 200, calls: 1, drift: false };
  if (random.next() < ask.errorRate) return { ...good, latencyMs: 20, outcome: "status", status: 500 };
  if (scenario.name === "outage") {
    const careless = change.outageCalls;
    // A breaker: half a second of tries, then quick answers with a probe now and then.
    const open = ask.inOutageMs > 500;
    const calls = careless ?? (open ? (random.next() < 0.1 ? 1 : 0) : 1);
    const latencyMs = careless !== undefined || !open ? 60 + 10 * random.next() : 4 + random.next();
    return {
      latencyMs,
      outcome: "status",
      status: 503,
      calls: Math.round(calls + 0.3 * (random.next() - 0.5)),
      drift: false,
    };
  }
  let latencyMs = workMs + cpuMs * (scenario.name === "cpu" ? 1.8 : 1);
  let { outcome, status, calls, drift } = good;
  if (hit && scenario.name === "slow") latencyMs += 300;
  if (hit && scenario.name === "reset") {
    latencyMs += 50 + 0.6 * workMs;
    calls = 2;
  }
  if (hit && scenario.name === "cut") {
    latencyMs *= 0.6;
    outcome = "error-event";
  }
  if (hit && (change.scenario === undefined || change.scenario === scenario.name)) {
    latencyMs *= change.hitFactor ?? 1;
    const fate = random.next();
    calls += change.hitExtraCalls ?? 0;
    drift = random.next() < (change.hitDrift ?? 0);
    if (fate < (change.hitErrors ?? 0)) {
      outcome = "status";
      status = 502;
    } else if (fate < (change.hitDegraded ?? 0)) outcome = "degraded";
    else if (fate < (change.hitIncomplete ?? 0)) outcome = "incomplete";
  }
  latencyMs *= change.factor ?? 1;
  if (change.slowTail !== undefined && random.next() < change.slowTail.share)
    latencyMs += change.slowTail.addMs;
  return { latencyMs, outcome, status, calls, drift };
};

interface Laid {
  readonly scenario: Scenario;
  readonly round: number;
  readonly durationMs: number;
  readonly startMs: number;
}

const layWindows = (options: SyntheticOptions): readonly Laid[] => {
  const windowMs = options.windowMs ?? 2000;
  const [control, ...rest] = SYNTHETIC_SCENARIOS;
  const partial = rest.filter(({ shape }) => shape !== "clock");
  const laid: Laid[] = [];
  let startMs = 0;
  const add = (scenario: Scenario | undefined, round: number, durationMs: number): void => {
    if (scenario === undefined) return;
    laid.push({ scenario, round, durationMs, startMs });
    startMs += durationMs;
  };
  for (let round = 0; round < (options.rounds ?? 5); round++) {
    const order = [control, partial[0], partial[1], control, partial[2], partial[3]];
    for (const scenario of round % 2 === 0 ? order : order.toReversed()) add(scenario, round, windowMs);
  }
  for (let round = 0; round < 2; round++)
    for (const scenario of rest) if (scenario.shape === "clock") add(scenario, round, 5000);
  return laid;
};

interface Ids {
  readonly workMs: readonly number[];
  readonly cpuMs: readonly number[];
}

const drawIds = (options: SyntheticOptions): Ids => {
  const random = randomFor(options.scheduleSeed, "ids");
  const cpuPart = options.cpuPart ?? 0.2;
  const totals = Array.from({ length: options.requestIds ?? 40 }, () => 60 + 180 * random.next() ** 2);
  const parts = totals.map(() => cpuPart * (0.7 + 0.6 * random.next()));
  return {
    workMs: totals.map((total, id) => total * (1 - (parts[id] ?? 0))),
    cpuMs: totals.map((total, id) => total * (parts[id] ?? 0)),
  };
};

class NoiseSource {
  private level = 0;
  private readonly random: Random;
  constructor(seed: number) {
    this.random = randomFor(seed, "noise");
  }
  /** Autocorrelated relative noise of the processor, standard deviation 5 %. */
  next(): number {
    this.level = 0.9 * this.level + Math.sqrt(1 - 0.81) * 0.05 * this.random.normal();
    return this.level;
  }
}

const waitMs = (machine: Machine, atMs: number): number => {
  for (const { fromMs, toMs } of machine.stalls) if (atMs >= fromMs && atMs < toMs) return toMs - atMs;
  return 0;
};

const slowdown = (machine: Machine, atMs: number): number => {
  let times = machine.speed;
  for (const each of machine.neighbours) if (atMs >= each.fromMs && atMs < each.toMs) times *= each.times;
  return times;
};

const windowRecord = (window: Laid, planned: number): WindowRecord => ({
  scenario: window.scenario.name,
  round: window.round,
  phase: "load",
  startMs: window.startMs,
  durationMs: window.durationMs,
  guardMs: 0,
  planned,
  lagP99Ms: 0.4,
  achievedRate: 1,
  eventLoopP99Ms: 1,
  receipts:
    window.scenario.shape === "control"
      ? []
      : [
          {
            faultId: `${window.scenario.name}#0`,
            edge: "llm",
            seen: planned,
            affected: Math.max(1, Math.round(planned * 0.2)),
          },
        ],
});

/** One run of the service. */
export const syntheticProfile = (options: SyntheticOptions): Profile => {
  const windows = layWindows(options);
  const last = windows.at(-1);
  const durationMs = (last?.startMs ?? 0) + (last?.durationMs ?? 0);
  const machine = drawMachine(options, durationMs);
  const ids = drawIds(options);
  const count = ids.workMs.length;
  const order = randomFor(options.scheduleSeed, "order");
  let deck: number[] = [];
  const seen = new Map<number, number>();
  const noise = new NoiseSource(options.runSeed);
  const random = randomFor(options.runSeed, "requests");
  const observations: Observation[] = [];
  const records: WindowRecord[] = [];
  const edgeCalls: EdgeCalls[] = [];
  const health: HealthSample[] = [];
  let slot = 0;
  for (const [index, window] of windows.entries()) {
    const planned = Math.round((window.durationMs * (options.rateRps ?? 10)) / 1000);
    const { scenario } = window;
    const fraction = scenario.shape === "attributed" ? 0.2 : 0;
    const marks = exactMarks(
      options.scheduleSeed,
      `${scenario.name}/${window.round}/${index}`,
      planned,
      fraction === 0 ? 1 : fraction,
    );
    let calls = 0;
    let hitCalls = 0;
    let hits = 0;
    let maxCalls = 0;
    for (let place = 0; place < planned; place++) {
      if (deck.length === 0)
        deck = shuffled(
          Array.from({ length: count }, (_, id) => id),
          order,
        );
      const id = deck.pop() ?? 0;
      const repetition = seen.get(id) ?? 0;
      seen.set(id, repetition + 1);
      const scheduledMs = ((place + 0.5) * window.durationMs) / planned;
      const atMs = window.startMs + scheduledMs;
      const hit = scenario.shape !== "control" && (marks[place] ?? false);
      const cpuMs = (ids.cpuMs[id] ?? 0) * slowdown(machine, atMs) * Math.exp(noise.next());
      const workMs = (ids.workMs[id] ?? 0) * Math.exp(0.03 * random.normal()) + 3 * exponential(random);
      const drawn = answer({
        scenario,
        hit,
        workMs,
        cpuMs,
        change: options.change ?? {},
        inOutageMs: scheduledMs,
        random,
        errorRate: options.errorRate ?? 0,
      });
      const latencyMs = drawn.latencyMs + waitMs(machine, atMs);
      calls += drawn.calls;
      maxCalls = Math.max(maxCalls, drawn.calls);
      if (hit) {
        hits += 1;
        hitCalls += drawn.calls;
      }
      observations.push({
        window: index,
        slot: slot++,
        requestId: `r${id}`,
        repetition,
        scheduledMs,
        lagMs: 0.2,
        ttftMs: drawn.status === 200 ? latencyMs * 0.5 : null,
        latencyMs,
        outcome: drawn.outcome,
        status: drawn.status,
        hit,
        maxGapMs: null,
        chunks: options.streaming === true ? 12 : 1,
        bytes: 400,
        answerHash: drawn.status === 200 ? (drawn.drift ? `other-${id}` : `answer-${id}`) : "",
      });
    }
    records.push(windowRecord(window, planned));
    edgeCalls.push({
      window: index,
      edge: "llm",
      calls,
      hitCalls,
      clientRequests: planned,
      hitRequests: hits,
      maxCalls,
    });
    for (let at = 125; at < window.durationMs; at += 250) {
      const down = scenario.name === "outage" && at > 600 && options.change?.readyLies !== true;
      health.push({ window: index, path: "ready", atMs: window.startMs + at, status: down ? 503 : 200 });
      health.push({ window: index, path: "health", atMs: window.startMs + at, status: 200 });
    }
  }
  return {
    schemaVersion: 1,
    suite: "synthetic",
    suiteHash: "synthetic",
    frameHash: "synthetic-frame",
    scheduleHash: `schedule-${options.scheduleSeed}`,
    seed: options.scheduleSeed,
    fingerprint: {
      arch: "x64",
      platform: "linux",
      cpuModel: "synthetic",
      cpus: 2,
      memoryBytes: 8e9,
      node: "24",
      runtime: "process",
    },
    provenance: { startedAt: "2025-01-01T00:00:00.000Z", durationMs, tool: "squall 0.1.0" },
    probeMs: 10 * machine.speed,
    deadlines: { connectMs: 1000, headersMs: 5000, firstContentMs: 5000, silenceMs: 5000, totalMs: 10_000 },
    sloMs: 2000,
    scenarios: SYNTHETIC_SCENARIOS,
    windows: records,
    observations,
    recoveries: [],
    edgeCalls,
    edgeSeconds: [],
    health,
    processes: [],
    deaths: [],
    aborts: [],
    attribution: [],
    measuringMs: durationMs,
    notes: [],
  };
};
