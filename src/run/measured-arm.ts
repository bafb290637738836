/** An arm with what its windows bring: samples beside the load, repeats of windows that did not count, rest after outages. */
import { SquallError } from "../core/errors.ts";
import type { RequestExpectation } from "../core/frontier/expectation.ts";
import type { FrontierStep } from "../core/frontier/range.ts";
import { isFailure, isUnscored } from "../core/outcome.ts";
import type { FrontierRecord, Profile } from "../core/profile.ts";
import type { CalmBand } from "../core/recovery-policy/recovered.ts";
import type { PolicyRun } from "../core/recovery-policy/rule.ts";
import type { Remedy } from "../core/remedy/remedy.ts";
import type { RemedyTrial } from "../core/remedy/trial.ts";
import type { Suite } from "../core/suite.ts";
import type { Arm } from "./arm.ts";
import type { EngineOf } from "./match-engines.ts";
import type { Given, Measurements } from "./measurements.ts";
import type { Stretch } from "./plan/plan.ts";
import { repeatOf } from "./plan/repeat.ts";
import { type Decide, PolicyWatch } from "./policy-watch.ts";
import type { OnProgress } from "./ports.ts";
import { whyNotNow } from "./remedy-in-force.ts";
import { runStretch, type StretchContext, type StretchOutcome } from "./run-stretch.ts";
import { ConnectionSampler, HealthSampler, UsageSampler } from "./samplers.ts";
import { settle } from "./settle.ts";
import { SignalWatch } from "./signals/signal-watch.ts";
import { pause } from "./timers.ts";
import { tryRemedy } from "./try-remedy.ts";
import { WITHOUT_EFFECT } from "./window-records.ts";

export interface MeasuredArmOptions {
  readonly arm: Arm;
  readonly suite: Suite;
  readonly engineOf: EngineOf;
  readonly measurements: Measurements;
  /** Epoch ms. */
  readonly runStartMs: number;
  readonly given: Omit<Given, "provenance"> & {
    readonly provenance: Omit<Given["provenance"], "durationMs">;
  };
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** What one window of a search brought. */
export interface TriedLevel {
  readonly step: FrontierStep;
  /** The fault struck nothing. */
  readonly idle: boolean;
  /** The service answered calmly again afterwards. */
  readonly atRest: boolean;
}

/** What one window under a recovery policy brought. */
export interface UnderPolicy extends Pick<PolicyRun, "actions" | "symptoms"> {
  readonly outcome: StretchOutcome;
}

const POLICY_LAG_MS = 250;
/** What the sidecar's remedies may outlive their window by, should we die. */
const REMEDY_MARGIN_MS = 10_000;

const contextOf = ({ arm, suite, engineOf, runStartMs, signal }: MeasuredArmOptions): StretchContext => ({
  system: arm.system,
  load: arm.load,
  engineOf,
  policy: suite.policy,
  runStartMs,
  totalDeadlineMs: suite.workload.deadlines.totalMs,
  sloMs: suite.workload.sloMs,
  signal,
  httpEdges: suite.dependencies.filter(({ protocol }) => protocol === "http").map(({ name }) => name),
});

/**
 * How much later than elsewhere requests may leave in a search or a trial: these tell hundreds of ms and large shares of requests, and
 * strain the machine on purpose.
 */
const SEARCH_LAG_FACTOR = 5;

/** Its samplers run from its making until it is disposed. */
export class MeasuredArm implements AsyncDisposable {
  readonly #options: MeasuredArmOptions;
  readonly #context: StretchContext;
  readonly #health: HealthSampler;
  readonly #usage: UsageSampler;
  readonly #signals: SignalWatch;
  readonly #connections: ConnectionSampler;

  constructor(options: MeasuredArmOptions) {
    this.#options = options;
    this.#context = contextOf(options);
    const { arm, suite, runStartMs } = options;
    const { healthPath, readyPath } = suite.service;
    this.#health = new HealthSampler(arm.system, { health: healthPath, ready: readyPath }, runStartMs);
    this.#usage = new UsageSampler(arm.system, runStartMs);
    this.#signals = new SignalWatch(arm.system, suite.service, runStartMs);
    this.#connections = new ConnectionSampler(arm.system, runStartMs);
  }

  get name(): string {
    return this.#options.arm.name;
  }

  counts(): { readonly ended: number; readonly failed: number } {
    return this.#options.arm.load.counts();
  }

  /** The stretch, then once more those of its windows that did not count. */
  async run(stretch: Stretch): Promise<void> {
    const { measurements, onProgress } = this.#options;
    await this.#once(stretch);
    const own = new Set(stretch.windows.map(({ index }) => index));
    // Where a fault struck nothing, doing it again would strike nothing again.
    const invalid = measurements
      .invalidWindows()
      .filter(
        (index) => own.has(index) && measurements.whyInvalid(index)?.startsWith(WITHOUT_EFFECT) !== true,
      );
    if (invalid.length === 0) return;
    onProgress({
      phase: "window",
      text: `repeating ${invalid.length} window${invalid.length === 1 ? "" : "s"} that did not count: ${measurements.whyInvalid(invalid[0] ?? -1) ?? ""}`,
    });
    await this.#once(repeatOf(stretch, new Set(invalid)));
  }

  /** One window of a search for a frontier. */
  async tryLevel(
    stretch: Stretch,
    level: number,
    expectations: readonly RequestExpectation[],
  ): Promise<TriedLevel> {
    this.#options.measurements.planEnds();
    const { windows, observations } = await runStretch(this.#searching(), stretch);
    const [window] = windows;
    const scored = observations.filter(({ outcome }) => !isUnscored(outcome));
    const beyond = expectations.map(({ misses }) => scored.filter(misses).length);
    // Where nothing went wrong there is nothing to come to rest from.
    const unharmed =
      beyond.every((count) => count === 0) && !scored.some(({ outcome }) => isFailure(outcome));
    const atRest = unharmed || (await this.#settled()) !== null;
    // A weak fault may strike nothing, and is tolerated then.
    const idle = window?.invalid?.startsWith(WITHOUT_EFFECT) === true;
    return {
      step: {
        level,
        startMs: window?.startMs ?? 0,
        durationMs: window?.durationMs ?? 0,
        requests: scored.length,
        beyond,
        ...(window?.invalid === undefined || idle ? {} : { invalid: window.invalid }),
      },
      idle,
      atRest,
    };
  }

  /** Nothing of the plan is measured from now on. @returns whether the service answers calmly: what else is there to try things on? */
  async beginTrials(): Promise<boolean> {
    this.#options.measurements.planEnds();
    return this.#comesBack();
  }

  /** One window of a trial. `atRest`: the service answered calmly again afterwards, if need be after a restart. */
  async tryRemedy(
    stretch: Stretch,
    remedy: Remedy | null,
  ): Promise<{ readonly trial: RemedyTrial; readonly atRest: boolean }> {
    const { arm, suite } = this.#options;
    const { trial, unharmed } = await tryRemedy(
      {
        ...this.#searching(),
        requests: arm.requests,
        workload: suite.workload,
        edges: suite.dependencies.map(({ name }) => name),
      },
      stretch,
      remedy,
    );
    return { trial, atRest: unharmed || (await this.#comesBack()) };
  }

  /** Why a remedy cannot be tried on this arm; null: it can. */
  whyNotNow(remedy: Remedy): string | null {
    return whyNotNow(this.#options.arm.system, remedy);
  }

  /** ms from the run's start. */
  nowMs(): number {
    return Date.now() - this.#options.runStartMs;
  }

  addTrial(trial: RemedyTrial): void {
    this.#options.measurements.addTrial(trial);
  }

  /** What is under test. */
  get system(): Arm["system"] {
    return this.#options.arm.system;
  }

  /** One window outside of the plan, with a policy at work beside its load. @throws SquallError as `runStretch` */
  async underPolicy(stretch: Stretch, decide: Decide, what: string): Promise<UnderPolicy> {
    const { arm, suite, measurements, runStartMs } = this.#options;
    measurements.planEnds();
    const { policy, totalDeadlineMs } = this.#context;
    // Seconds are told apart, not milliseconds; and a service that is given up on keeps requests back.
    const maxLagP99Ms = Math.max(POLICY_LAG_MS, policy.maxLagP99Ms);
    const context = { ...this.#context, policy: { ...policy, maxLagP99Ms, minAchievedRate: 0 } };
    const watches: PolicyWatch[] = [];
    const outcome = await runStretch(context, stretch, () => {
      const watch = new PolicyWatch({
        sources: {
          system: arm.system,
          dependencies: suite.dependencies.map(({ name }) => name),
          samples: () => this.#usage.samples,
          now: () => Date.now() - runStartMs,
        },
        system: arm.system,
        decide,
        seconds: Math.floor(stretch.durationMs / 1000),
        deadlineMs: stretch.durationMs + totalDeadlineMs + REMEDY_MARGIN_MS,
        pause,
        note: (text) => this.note(`${what}: ${text}`),
      });
      watches.push(watch);
      return watch;
    });
    const [watch] = watches;
    return { outcome, actions: watch?.actions ?? [], symptoms: watch?.symptoms ?? [] };
  }

  /** After a window outside of the plan: is there a calm second in which all is well? */
  async comesToRest(): Promise<boolean> {
    return (await this.#settled()) !== null;
  }

  calmBand(): CalmBand | null {
    return this.#options.measurements.calmBand();
  }

  addPolicyRun(run: PolicyRun): void {
    this.#options.measurements.addPolicyRun(run);
  }

  addFrontier(record: FrontierRecord): void {
    this.#options.measurements.addFrontier(record);
  }

  note(text: string): void {
    this.#options.measurements.note(text);
  }

  /** Once, when nothing more is measured: the service's log is a signal as well. */
  async readLogs(): Promise<void> {
    for (const text of await this.#signals.readLogs()) this.#options.measurements.note(text);
  }

  /** What was measured so far. */
  profile(): Profile {
    const { arm, measurements, given, runStartMs } = this.#options;
    measurements.addSamples(this.#health.looks, this.#usage.samples);
    measurements.addSignals(this.#signals.records(this.#health.looks));
    measurements.addConnections(this.#connections.samples);
    measurements.addExits(arm.system.processes.exits());
    return measurements.profile({
      ...given,
      provenance: { ...given.provenance, durationMs: Date.now() - runStartMs },
    });
  }

  #searching(): StretchContext {
    const { policy } = this.#context;
    return {
      ...this.#context,
      policy: { ...policy, maxLagP99Ms: SEARCH_LAG_FACTOR * policy.maxLagP99Ms },
    };
  }

  /** Does it answer calmly again? One that died by itself under a fault is started again, where the runtime can. */
  async #comesBack(): Promise<boolean> {
    if ((await this.#settled()) !== null) return true;
    const { processes } = this.#options.arm.system;
    const restart = { on: "service", kind: "restart" } as const;
    if (!processes.canRelieve(restart).ok) return false;
    try {
      await (await processes.relieve(restart))[Symbol.asyncDispose]();
    } catch (error) {
      if (error instanceof SquallError && error.code !== "interrupted") return false;
      throw error;
    }
    return (await this.#settled()) !== null;
  }

  async #once(stretch: Stretch): Promise<void> {
    this.#options.measurements.add(stretch, await runStretch(this.#context, stretch));
    await this.#comeToRest(stretch);
  }

  /** After outages and kills: calm seconds until one is clean. */
  async #comeToRest(stretch: Stretch): Promise<void> {
    const window = stretch.windows[0];
    if (window === undefined || (stretch.shape !== "clock" && stretch.shape !== "kill")) return;
    const { measurements, runStartMs, onProgress } = this.#options;
    onProgress({
      phase: "settle",
      text: `waiting for the service to come to rest after ${window.scenario}`,
    });
    const startMs = Date.now() - runStartMs;
    measurements.addSettle(window.scenario, window.round, startMs, await this.#settled());
  }

  /** Calm seconds until one is clean. @returns how many; null: not within the cap */
  async #settled(): Promise<number | null> {
    const { arm, suite, measurements, signal } = this.#options;
    const calm = measurements.calmDegradedShare();
    const { seconds } = await settle(arm.load, arm.requests, suite.workload, calm, signal);
    await arm.system.sidecar.takeRecords();
    return seconds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#health[Symbol.asyncDispose]();
    await this.#usage[Symbol.asyncDispose]();
    await this.#signals[Symbol.asyncDispose]();
    await this.#connections[Symbol.asyncDispose]();
  }
}
