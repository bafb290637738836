/**
 * What is tried on an arm once its plan is measured: searches for frontiers, recovery policies, remedies. Nothing of it touches what a verdict
 * rests on.
 */
import { SquallError } from "../core/errors.ts";
import type { RequestExpectation } from "../core/frontier/expectation.ts";
import type { FrontierStep } from "../core/frontier/range.ts";
import { isFailure, isUnscored } from "../core/outcome.ts";
import type { FrontierRecord, ProcessSample } from "../core/profile.ts";
import type { CalmBand } from "../core/recovery-policy/recovered.ts";
import type { PolicyRun } from "../core/recovery-policy/rule.ts";
import type { Remedy } from "../core/remedy/remedy.ts";
import type { RemedyTrial } from "../core/remedy/trial.ts";
import type { Suite } from "../core/suite.ts";
import type { Arm } from "./arm.ts";
import type { Measurements } from "./measurements.ts";
import type { Stretch } from "./plan/plan.ts";
import { type Decide, PolicyWatch } from "./policy-watch.ts";
import { whyNotNow } from "./remedy-in-force.ts";
import { runStretch, type StretchContext, type StretchOutcome } from "./run-stretch.ts";
import { settle } from "./settle.ts";
import { pause } from "./timers.ts";
import { tryRemedy } from "./try-remedy.ts";
import { WITHOUT_EFFECT } from "./window-records.ts";

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

/**
 * How much later than elsewhere requests may leave in a search or a trial: these tell hundreds of ms and large shares of requests, and
 * strain the machine on purpose.
 */
const SEARCH_LAG_FACTOR = 5;

export interface AfterPlanParts {
  readonly arm: Arm;
  readonly suite: Suite;
  readonly measurements: Measurements;
  readonly context: StretchContext;
  /** Of processes, so far. */
  readonly usage: () => readonly ProcessSample[];
}

export class AfterPlan {
  readonly #parts: AfterPlanParts;

  constructor(parts: AfterPlanParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.arm.name;
  }

  note(text: string): void {
    this.#parts.measurements.note(text);
  }

  /** One window of a search for a frontier. */
  async tryLevel(
    stretch: Stretch,
    level: number,
    expectations: readonly RequestExpectation[],
  ): Promise<TriedLevel> {
    this.#parts.measurements.planEnds();
    const { windows, observations } = await runStretch(this.#searching(), stretch);
    const [window] = windows;
    const scored = observations.filter(({ outcome }) => !isUnscored(outcome));
    const beyond = expectations.map(({ misses }) => scored.filter(misses).length);
    // Where nothing went wrong there is nothing to come to rest from.
    const unharmed =
      beyond.every((count) => count === 0) && !scored.some(({ outcome }) => isFailure(outcome));
    const atRest = unharmed || (await this.settled()) !== null;
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
    this.#parts.measurements.planEnds();
    return this.#comesBack();
  }

  /** One window of a trial. `atRest`: the service answered calmly again afterwards, if need be after a restart. */
  async tryRemedy(
    stretch: Stretch,
    remedy: Remedy | null,
  ): Promise<{ readonly trial: RemedyTrial; readonly atRest: boolean }> {
    const { arm, suite } = this.#parts;
    const { trial, unharmed } = await tryRemedy(
      {
        ...this.#searching(),
        requests: arm.requests,
        workload: suite.workload,
        edges: suite.dependencies.map(({ name }) => name),
        calmAnswers: this.#parts.measurements.calmAnswers(),
      },
      stretch,
      remedy,
    );
    return { trial, atRest: unharmed || (await this.#comesBack()) };
  }

  /** Why a remedy cannot be tried on this arm; null: it can. */
  whyNotNow(remedy: Remedy): string | null {
    return whyNotNow(this.#parts.arm.system, remedy);
  }

  /** ms from the run's start. */
  nowMs(): number {
    return Date.now() - this.#parts.context.runStartMs;
  }

  addTrial(trial: RemedyTrial): void {
    this.#parts.measurements.addTrial(trial);
  }

  /** What is under test. */
  get system(): Arm["system"] {
    return this.#parts.arm.system;
  }

  /** One window outside of the plan, with a policy at work beside its load. @throws SquallError as `runStretch` */
  async underPolicy(stretch: Stretch, decide: Decide, what: string): Promise<UnderPolicy> {
    const { arm, suite, measurements, context: plain } = this.#parts;
    measurements.planEnds();
    const { policy, totalDeadlineMs, runStartMs } = plain;
    // Seconds are told apart, not milliseconds; and a service that is given up on keeps requests back.
    const maxLagP99Ms = Math.max(POLICY_LAG_MS, policy.maxLagP99Ms);
    const context = { ...plain, policy: { ...policy, maxLagP99Ms, minAchievedRate: 0 } };
    const watches: PolicyWatch[] = [];
    const outcome = await runStretch(context, stretch, () => {
      const watch = new PolicyWatch({
        sources: {
          system: arm.system,
          dependencies: suite.dependencies.map(({ name }) => name),
          samples: () => this.#parts.usage(),
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
    return (await this.settled()) !== null;
  }

  calmBand(): CalmBand | null {
    return this.#parts.measurements.calmBand();
  }

  addPolicyRun(run: PolicyRun): void {
    this.#parts.measurements.addPolicyRun(run);
  }

  addFrontier(record: FrontierRecord): void {
    this.#parts.measurements.addFrontier(record);
  }

  #searching(): StretchContext {
    const { policy } = this.#parts.context;
    return {
      ...this.#parts.context,
      policy: { ...policy, maxLagP99Ms: SEARCH_LAG_FACTOR * policy.maxLagP99Ms },
    };
  }

  /** Does it answer calmly again? One that died by itself under a fault is started again, where the runtime can. */
  async #comesBack(): Promise<boolean> {
    if ((await this.settled()) !== null) return true;
    const { processes } = this.#parts.arm.system;
    const restart = { on: "service", kind: "restart" } as const;
    if (!processes.canRelieve(restart).ok) return false;
    try {
      await (await processes.relieve(restart))[Symbol.asyncDispose]();
    } catch (error) {
      if (error instanceof SquallError && error.code !== "interrupted") return false;
      throw error;
    }
    return (await this.settled()) !== null;
  }

  /** Calm seconds until one is clean. @returns how many; null: not within the cap */
  async settled(): Promise<number | null> {
    const { arm, suite, measurements, context } = this.#parts;
    const calm = measurements.calmDegradedShare();
    const { seconds } = await settle(arm.load, arm.requests, suite.workload, calm, context.signal);
    await arm.system.sidecar.takeRecords();
    return seconds;
  }
}
