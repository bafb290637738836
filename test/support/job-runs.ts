/**
 * Runs of a training job that does not exist: steps with noise, losses that momentum smooths, checkpoints every k steps, kills and a slow
 * store, a scheduler with a back-off. Strikes are the same for every seed, as a plan's are; what happened is drawn from the seed.
 */
import type { Fault } from "../../src/core/fault.ts";
import type { JobAttempt, JobEvent, JobOutcome, JobRun, JobStrike } from "../../src/core/job/run.ts";
import type { Profile, Scenario } from "../../src/core/profile.ts";
import { type Random, randomFor } from "../../src/core/random.ts";

/** What the head does otherwise. */
export interface JobChange {
  /** Starts anew whatever was saved. */
  readonly fromZero?: true;
  /** Of the optimizer's state nothing is saved: the loss is off by this after a restart, and comes back over some steps. */
  readonly lossBump?: number;
  /** Steps between saves. */
  readonly saveEvery?: number;
  /** A kill while a checkpoint is saved leaves one that can not be read. */
  readonly tornSave?: true;
  /** Dies by itself when its store is slow, so many times a run. */
  readonly crashes?: number;
  /** Waits for ever when its store is slow. */
  readonly hangs?: true;
  /** More time from a process's start to its first step. */
  readonly startMoreMs?: number;
  /** A step takes so many times as long while the store is slow. */
  readonly slowTimes?: number;
  readonly orphans?: number;
  readonly nan?: true;
  /** All steps, so many times as long. */
  readonly stepTimes?: number;
  /** Does not complete, faults or none. */
  readonly broken?: true;
  /** Chance of a run to leave a process behind, to be given up: a job that is not steady. */
  readonly flaky?: number;
}

export interface JobOptions {
  readonly seed: number;
  readonly repeats?: number;
  /** Of the machine: step times and what is computed at start. */
  readonly speed?: number;
  /** Relative, of a loss, from run to run. */
  readonly lossNoise?: number;
  readonly change?: JobChange;
  readonly commit?: string;
}

const STEPS = 100;
const STEP_MS = 40;
const START_MS = 300;
const BACKOFF_MS = 500;
const SAVE_MS = 60;
const SAVE_EVERY = 10;
const LIMIT = 5;
const TIMEOUT_MS = 60_000;

const targeting = { fraction: 1, attempts: "all" } as const;
const KILL: Fault = { ...targeting, kind: "kill", on: "service", signal: "SIGKILL", restartAfterMs: 0 };
const SLOW: Fault = {
  ...targeting,
  kind: "http-delay",
  before: "response",
  on: "data",
  delayMs: 100,
  jitterMs: 0,
  distribution: "constant",
  forSteps: 10,
};

export const JOB_SCENARIOS: readonly Scenario[] = [
  { name: "control", shape: "control", scale: "additive", faults: [], description: "calm runs" },
  {
    name: "killed",
    shape: "job",
    scale: "additive",
    faults: [KILL],
    trigger: { type: "every", steps: 35 },
    description: "service is killed (SIGKILL) at every 35 steps",
  },
  {
    name: "store-slow",
    shape: "job",
    scale: "additive",
    faults: [SLOW],
    trigger: { type: "step", step: 50 },
    description: "data is 100 ms late at step 50",
  },
  {
    name: "killed-saving",
    shape: "job",
    scale: "additive",
    faults: [KILL],
    trigger: { type: "save", nth: 3 },
    description: "service is killed (SIGKILL) while it saves",
  },
];

const PLANNED: Readonly<Record<string, readonly number[]>> = {
  control: [],
  killed: [35, 70],
  "store-slow": [50],
  "killed-saving": [3],
};

/** The machine, the store and the scheduler of one run. */
class JobWorld {
  private readonly random: Random;
  private readonly scenario: Scenario;
  private readonly repeat: number;
  private readonly options: JobOptions;
  private readonly change: JobChange;
  private atMs = 0;
  private checkpoint = 0;
  private torn = false;
  private saves = 0;
  private crashed = 0;
  private readonly struck = new Set<number>();
  private slowUntil = -1;
  private readonly attempts: JobAttempt[] = [];
  private readonly steps = { step: [] as number[], atMs: [] as number[], loss: [] as (number | null)[] };
  private readonly events: JobEvent[] = [];
  private readonly strikes: JobStrike[] = [];

  constructor(scenario: Scenario, repeat: number, options: JobOptions) {
    this.random = randomFor(options.seed, "job", scenario.name, repeat);
    this.scenario = scenario;
    this.repeat = repeat;
    this.options = options;
    this.change = options.change ?? {};
  }

  private took(ms: number): void {
    this.atMs += ms * Math.exp(0.05 * this.random.normal());
  }

  private due(at: number): boolean {
    if (!(PLANNED[this.scenario.name] ?? []).includes(at) || this.struck.has(at)) return false;
    this.struck.add(at);
    return true;
  }

  private strike(at: number, faultId?: string): void {
    this.strikes.push({
      at,
      atMs: this.atMs,
      lastStep: this.steps.step.at(-1) ?? null,
      faults: [0],
      clearedAtMs: this.atMs,
      receipts: faultId === undefined ? [] : [{ faultId, edge: "data", seen: 10, affected: 10 }],
    });
  }

  private end(startedAtMs: number, end: JobAttempt["end"], exitCode: number | null): void {
    this.attempts.push({
      worker: 0,
      startedAtMs,
      endedAtMs: this.atMs,
      exitCode,
      signal: exitCode === null ? "SIGKILL" : null,
      end,
    });
  }

  private loss(step: number, resumedAt: number): number | null {
    const isRestarted = this.attempts.length > 0;
    const { lossBump = 0, nan } = this.change;
    if (nan === true && step > 50 && this.scenario.name === "store-slow" && step < 54) return null;
    const bump = isRestarted ? lossBump * Math.exp(-(step - resumedAt - 1) / 5) : 0;
    const batch = 0.2 * Math.sin(step * step);
    const noise = 1 + (this.options.lossNoise ?? 1e-4) * this.random.normal();
    return Number(((1 + 3 * Math.exp(-step / 40) + batch + bump) * noise).toFixed(4));
  }

  private save(startedAtMs: number, step: number): boolean {
    this.saves++;
    this.events.push({ kind: "saving", step, atMs: this.atMs });
    if (this.scenario.name === "killed-saving" && this.due(this.saves)) {
      this.strike(this.saves);
      this.took(SAVE_MS / 2);
      if (this.change.tornSave === true) this.torn = true;
      this.end(startedAtMs, "fault", null);
      return false;
    }
    this.took(SAVE_MS);
    this.events.push({ kind: "saved", step, atMs: this.atMs });
    this.checkpoint = step;
    return true;
  }

  /** One life of the process; true: it was the last. */
  private live(): JobOutcome | null {
    const { change } = this;
    const startedAtMs = this.atMs;
    this.took((START_MS + (change.startMoreMs ?? 0)) * (this.options.speed ?? 1));
    if (this.torn || change.broken === true) {
      this.end(startedAtMs, "own", 1);
      return null;
    }
    const from = change.fromZero === true ? 0 : this.checkpoint;
    if (from > 0) this.events.push({ kind: "loaded", step: from, atMs: this.atMs });
    for (let step = from + 1; step <= STEPS; step++) {
      const slow = step <= this.slowUntil ? (change.slowTimes ?? 1.2) : 1;
      this.took(STEP_MS * slow * (change.stepTimes ?? 1) * (this.options.speed ?? 1));
      const loss = this.loss(step, from);
      this.steps.step.push(step);
      this.steps.atMs.push(this.atMs);
      this.steps.loss.push(loss);
      if (loss === null) this.events.push({ kind: "nan", step, atMs: this.atMs });
      if (this.scenario.name === "killed" && this.due(step)) {
        this.strike(step);
        this.took(2);
        this.end(startedAtMs, "fault", null);
        return null;
      }
      if (this.scenario.name === "store-slow" && this.due(step)) {
        this.strike(step, "store-slow#0");
        this.slowUntil = step + 10;
        if (change.hangs === true) {
          this.atMs = TIMEOUT_MS;
          this.end(startedAtMs, "run-end", null);
          return "timed-out";
        }
      }
      if (step <= this.slowUntil && this.crashed < (change.crashes ?? 0)) {
        this.crashed++;
        this.end(startedAtMs, "own", 1);
        return null;
      }
      if (step % (change.saveEvery ?? SAVE_EVERY) === 0 && !this.save(startedAtMs, step)) return null;
    }
    this.end(startedAtMs, "own", 0);
    return "completed";
  }

  run(): JobRun {
    const given = this.random.next() < (this.change.flaky ?? 0);
    let outcome = this.live();
    for (let restarts = 0; outcome === null; restarts++) {
      if (restarts === LIMIT) outcome = "gave-up";
      else {
        this.atMs += BACKOFF_MS * 2 ** restarts;
        outcome = this.live();
      }
    }
    return {
      scenario: this.scenario.name,
      repeat: this.repeat,
      startMs: 0,
      durationMs: this.atMs,
      outcome: given ? "gave-up" : outcome,
      attempts: this.attempts,
      steps: this.steps,
      events: this.events,
      strikes: this.strikes,
      plannedStrikes: PLANNED[this.scenario.name] ?? [],
      orphans: given ? 1 : (this.change.orphans ?? 0),
    };
  }
}

export const jobRun = (scenario: string, options: JobOptions, repeat = 0): JobRun => {
  const known = JOB_SCENARIOS.find(({ name }) => name === scenario);
  if (known === undefined) throw new RangeError(`no scenario ${scenario}`);
  return new JobWorld(known, repeat, options).run();
};

/** One measurement: `repeats` runs of each scenario. */
export const jobProfile = (options: JobOptions): Profile => {
  const repeats = Array.from({ length: options.repeats ?? 3 }, (_, repeat) => repeat);
  const jobRuns = repeats.flatMap((repeat) => JOB_SCENARIOS.map(({ name }) => jobRun(name, options, repeat)));
  const durationMs = jobRuns.reduce((sum, run) => sum + run.durationMs, 0);
  return {
    schemaVersion: 1,
    suite: "train",
    suiteHash: "5f1d0c6b9a7e",
    frameHash: "train-frame",
    scheduleHash: "train-schedule",
    seed: 7,
    fingerprint: {
      arch: "x64",
      platform: "linux",
      cpuModel: "Example CPU 3.0 GHz",
      cpus: 2,
      memoryBytes: 8 * 1024 ** 3,
      node: "v24.1.0",
      runtime: "process",
    },
    provenance: {
      startedAt: "2026-03-01T12:00:00.000Z",
      durationMs,
      tool: "squall 0.1.0",
      ...(options.commit === undefined ? {} : { branch: "main", commit: options.commit }),
    },
    probeMs: 10 * (options.speed ?? 1),
    deadlines: { connectMs: 1000, headersMs: 5000, firstContentMs: 5000, silenceMs: 5000, totalMs: 10_000 },
    sloMs: 2000,
    scenarios: JOB_SCENARIOS,
    windows: [],
    observations: [],
    recoveries: [],
    edgeCalls: [],
    edgeSeconds: [],
    health: [],
    processes: [],
    deaths: [],
    aborts: [],
    attribution: [],
    jobRuns,
    measuringMs: durationMs,
    notes: [],
  };
};
