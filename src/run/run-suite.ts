/**
 * One run: plan, start, calm pass, stretches, profile. It sees ports only; who implements them is the surface's choice.
 *
 *   startArm (one, or two that take turns) -> makePlan -> runStretches (looks between) -> Profile of each arm
 */
import { createHash } from "node:crypto";
import type { DiagnosisTask } from "../core/diagnosis/task.ts";
import type { Profile, Provenance } from "../core/profile.ts";
import type { RecoveryCase } from "../core/recovery-policy/cases.ts";
import type { Suite } from "../core/suite.ts";
import type { RequestSet } from "../core/workload.ts";
import { type Arm, startArm } from "./arm.ts";
import { runDiagnosis } from "./diagnosis.ts";
import { searchFrontiers } from "./frontiers.ts";
import { type EngineOf, matchEngines } from "./match-engines.ts";
import { MeasuredArm } from "./measured-arm.ts";
import { Measurements } from "./measurements.ts";
import { makePlan, type Plan, type PlanInput, scheduleText } from "./plan/plan.ts";
import { restrictPlan } from "./plan/restrict.ts";
import type { EdgeFront, Engine, OnProgress, Runtime, StartLoad } from "./ports.ts";
import { spinProbeMs } from "./probe.ts";
import { runRecoveryPolicies } from "./recovery-policies.ts";
import { type LookDecision, runStretches } from "./run-stretches.ts";

/** One service under test, and by what it is run. */
export interface Side {
  readonly suite: Suite;
  readonly suiteDirectory: string;
  readonly runDirectory: string;
  readonly runtime: Runtime;
  readonly engines: readonly Engine[];
  /** As in RuntimeStart. */
  readonly front: EdgeFront | null;
  readonly provenance: Omit<Provenance, "durationMs" | "startedAt">;
}

export interface RunOptions extends Side {
  readonly requestSet: RequestSet;
  readonly seed: number;
  /** Experiments to measure, out of the whole suite's plan; absent: all. */
  readonly only?: readonly string[] | undefined;
  readonly startLoad: StartLoad;
  /** Looks at what was measured after a third and two thirds of the interleaved rounds; absent: everything is measured. */
  readonly onLook?: ((look: number, profiles: readonly Profile[]) => LookDecision) | undefined;
  /** What to try remedies for, once everything is measured: on the first arm, within `policy.diagnosisMs`. Absent: nothing. */
  readonly diagnose?: ((profiles: readonly Profile[]) => readonly DiagnosisTask[]) | undefined;
  /** What earlier runs of the baseline taught (core/recovery-policy/cases.ts); absent: nothing. */
  readonly recoveryCases?: readonly RecoveryCase[] | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

export interface PairOptions extends RunOptions {
  /** Runs beside the head: the same experiments, load and dependencies, another service. */
  readonly reference: Side;
}

/** sha256, in hexadecimal. */
export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Seed that base and head share without being told: from what fixes the measurement. */
export const suiteSeed = (suite: Suite, requestSet: RequestSet): number =>
  suite.seed ?? Number.parseInt(hashOf(suite.hash + requestSet.hash).slice(0, 8), 16);

/** Hash by which two runs are told comparable: suite and request set. */
export const measuredHash = (suite: Suite, requestSet: RequestSet): string =>
  hashOf(`${suite.hash}/${requestSet.hash}`);

/** As `measuredHash`, without the experiments: runs of one frame share workload, request set, dependencies and shape. */
export const measuredFrameHash = (suite: Suite, requestSet: RequestSet): string =>
  hashOf(`frame/${suite.frameHash}/${requestSet.hash}`);

const planInputOf = ({ suite, requestSet, seed }: RunOptions, arms: readonly Arm[]): PlanInput => ({
  suite,
  requests: requestSet.requests,
  seed,
  // Where faults can follow their request in one arm only, neither is struck so: they must meet the same.
  attributable: (edge) => arms.every(({ attributable }) => attributable.has(edge)),
  withSpare: arms.length > 1,
});

const planFor = (input: PlanInput, only: RunOptions["only"]): { whole: Plan; plan: Plan } => {
  const whole = makePlan(input);
  return { whole, plan: only === undefined ? whole : restrictPlan(whole, only) };
};

const noteUnattributable = (measurements: Measurements, suite: Suite, arms: readonly Arm[]): void => {
  for (const { name } of suite.dependencies) {
    if (arms.every(({ attributable }) => attributable.has(name))) continue;
    measurements.note(
      `Calls to ${name} could not be attributed to client requests: faults there strike every k-th call, with less power.`,
    );
  }
};

interface NamedSide extends Side {
  readonly name: string;
}

interface Ready {
  readonly options: RunOptions;
  readonly startedAt: Date;
  readonly probeMs: number;
  readonly arms: readonly Arm[];
  readonly whole: Plan;
  readonly plan: Plan;
}

/** What measures one side of the run. */
const measuredArm = (
  { options, startedAt, probeMs, arms, whole, plan }: Ready,
  { arm, side, engineOf }: { readonly arm: Arm; readonly side: Side; readonly engineOf: EngineOf },
): MeasuredArm => {
  const { suite, requestSet, signal, onProgress } = options;
  const runStartMs = startedAt.getTime();
  const edges = ["client", ...suite.dependencies.map(({ name }) => name)];
  const measurements = new Measurements(plan, runStartMs, edges, suite.redact);
  noteUnattributable(measurements, suite, arms);
  return new MeasuredArm({
    arm,
    suite: { ...suite, service: side.suite.service },
    engineOf,
    measurements,
    runStartMs,
    signal,
    onProgress,
    given: {
      suite: suite.name,
      suiteHash: measuredHash(suite, requestSet),
      frameHash: measuredFrameHash(suite, requestSet),
      // Of the whole plan: what was left out does not make what was measured any less a twin.
      scheduleHash: hashOf(scheduleText(whole)),
      fingerprint: arm.system.fingerprint,
      provenance: { ...side.provenance, startedAt: startedAt.toISOString() },
      probeMs,
      deadlines: suite.workload.deadlines,
      sloMs: suite.workload.sloMs,
    },
  });
};

interface Explaining {
  readonly ready: Ready;
  readonly planInput: PlanInput;
  /** The head's. Of two sides it is explained alone, and compared with nothing. */
  readonly arm: MeasuredArm;
  readonly profiles: () => readonly Profile[];
}

/** What explains the head beside its verdict: what recovery policies and remedies make of its faults. */
const explain = async ({ ready, planInput, arm, profiles }: Explaining): Promise<void> => {
  const { options, plan } = ready;
  const { suite, only, recoveryCases = [], diagnose, onProgress } = options;
  const common = { planInput, arm: arm.afterPlan, onProgress };
  if (suite.recovery !== undefined) {
    const experiments = suite.experiments.filter(({ name }) => only?.includes(name) ?? true);
    await runRecoveryPolicies({ ...common, policy: suite.recovery, experiments, cases: recoveryCases });
  }
  if (diagnose === undefined) return;
  const { diagnosisMs: budgetMs } = suite.policy;
  await runDiagnosis({ ...common, tasks: diagnose(profiles()), scenarios: plan.scenarios, budgetMs });
};

/** Starts each side, measures them in turn, ends them. @returns a profile each, in the same order */
const runSides = async (options: RunOptions, sides: readonly NamedSide[]): Promise<readonly Profile[]> => {
  const { suite, only, onLook, onProgress } = options;
  const startedAt = new Date();
  const isAsked = ({ name }: { readonly name: string }): boolean => only?.includes(name) ?? true;
  const experiments = suite.experiments.filter(isAsked);
  const frontiers = suite.frontiers.filter(isAsked);
  // Before anything is started.
  const engines = sides.map((side) =>
    matchEngines({ ...suite, experiments, frontiers }, side.runtime, side.engines),
  );
  const probeMs = spinProbeMs();

  await using stack = new AsyncDisposableStack();
  const arms: Arm[] = [];
  for (const side of sides) arms.push(stack.use(await startArm({ ...options, ...side })));
  const planInput = planInputOf(options, arms);
  const ready: Ready = { options, startedAt, probeMs, arms, ...planFor(planInput, only) };
  const measured = arms.map((arm, place) =>
    stack.use(measuredArm(ready, { arm, side: sides[place] as Side, engineOf: engines[place] as EngineOf })),
  );
  const profiles = (): readonly Profile[] => measured.map((arm) => arm.profile());
  await runStretches({
    plan: ready.plan,
    arms: measured,
    onLook: onLook === undefined ? undefined : (look) => onLook(look, profiles()),
    // A stored run has no twins of spare rounds; two arms are each other's.
    extends: measured.length > 1,
    onProgress,
  });
  const afterPlan = measured.map((arm) => arm.afterPlan);
  await searchFrontiers({ frontiers, planInput, arms: afterPlan, onProgress });
  for (const arm of measured) await arm.readLogs();
  const [head] = measured;
  if (head !== undefined) await explain({ ready, planInput, arm: head, profiles });
  onProgress({ phase: "stop", text: "stopping" });
  return profiles();
};

/**
 * Measures one suite once.
 *
 * @throws SquallError: `fault-unsupported` before anything is started, start and readiness errors, `service-unhealthy`,
 *   `fault-not-cleared`, `replay-failed`, `interrupted`. Whatever was started is ended in every case.
 */
export const runSuite = async (options: RunOptions): Promise<Profile> => {
  const [profile] = await runSides(options, [{ ...options, name: "" }]);
  return profile as Profile;
};

/**
 * Measures head and reference side by side: both run at once, and their windows take turns, so that whatever the machine does meets
 * both. Each side takes the suite's budget.
 *
 * @throws SquallError as `runSuite`
 */
export const runPair = async (
  options: PairOptions,
): Promise<{ readonly head: Profile; readonly reference: Profile }> => {
  const [head, reference] = await runSides(options, [
    { ...options, name: "head" },
    { ...options.reference, name: "reference" },
  ]);
  return { head: head as Profile, reference: reference as Profile };
};
