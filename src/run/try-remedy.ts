/** One window of a trial: the remedy is put in force, the scenario's faults are replayed, and what clients got is counted. */
import type { CalmAnswers } from "../core/calm-answers.ts";
import { countFigures } from "../core/diagnosis/count-figures.ts";
import { NOT_TRIED } from "../core/diagnosis/outcome.ts";
import { SquallError } from "../core/errors.ts";
import { isFailure, isUnscored } from "../core/outcome.ts";
import type { Remedy, RemedyReceipt } from "../core/remedy/remedy.ts";
import type { RemedyTrial, TrialFigures } from "../core/remedy/trial.ts";
import type { RequestTemplate, Workload } from "../core/workload.ts";
import { countCalls } from "./calls.ts";
import type { Stretch } from "./plan/plan.ts";
import { putInForce } from "./remedy-in-force.ts";
import { runStretch, type StretchContext, type StretchOutcome } from "./run-stretch.ts";
import { extraTraffic } from "./settle.ts";
import { WITHOUT_EFFECT } from "./window-records.ts";

export interface TrialContext extends StretchContext {
  readonly requests: readonly RequestTemplate[];
  readonly workload: Workload;
  /** Every edge of a dependency. */
  readonly edges: readonly string[];
  readonly calmAnswers: CalmAnswers;
}

export interface TriedRemedyWindow {
  readonly trial: RemedyTrial;
  /** There is nothing to come to rest from. */
  readonly unharmed: boolean;
}

/** Calm traffic under the remedy before its window. A cache is filled: each request is asked once. */
const WARM_UP_MS = 1000;
const LONGEST_WARM_UP_MS = 6000;
/** What a remedy may outlive its window by, should we die: drain, clearing and a margin. */
const DEADLINE_MARGIN_MS = 30_000;

const NO_FIGURES: TrialFigures = {
  requests: 0,
  hits: 0,
  errors: 0,
  hitErrors: 0,
  degraded: 0,
  incomplete: 0,
  wrong: 0,
  late: 0,
  p50Ms: null,
  p95Ms: null,
  hit50Ms: null,
  p50IntervalMs: null,
  p95IntervalMs: null,
  hit50IntervalMs: null,
  calls: [],
  recoveryMs: null,
};

/** A trial that was not made, and why. @param startMs ms from the run's start */
export const trialNotMade = (
  scenario: string,
  remedy: Remedy,
  startMs: number,
  invalid: string,
): RemedyTrial => ({
  scenario,
  phase: "fault",
  remedy,
  startMs,
  durationMs: 0,
  figures: NO_FIGURES,
  receipt: null,
  invalid,
});

const warmUpMs = (remedy: Remedy | null, { requests, workload }: TrialContext): number => {
  if (remedy?.kind !== "cache") return WARM_UP_MS;
  const wanted =
    workload.arrivals === "closed" ? LONGEST_WARM_UP_MS : (1000 * requests.length) / workload.rateRps;
  return Math.min(LONGEST_WARM_UP_MS, Math.max(WARM_UP_MS, wanted));
};

const figuresOf = (context: TrialContext, stretch: Stretch, outcome: StretchOutcome): TrialFigures => {
  const { replayed, index, records, recoveries, observations } = outcome;
  return countFigures({
    observations,
    guardMs: stretch.windows[0]?.guardMs ?? 0,
    sloMs: context.sloMs,
    calm: context.calmAnswers,
    calls: countCalls(replayed, index, records, context.edges).map(({ edge, calls }) => ({ edge, calls })),
    recoveryMs: recoveries[0]?.recoveryMs ?? null,
  });
};

/** Calls that a cache or an open breaker answers never reach the fault: that is what the remedy does. */
const whyInvalid = (invalid: string | undefined, receipt: RemedyReceipt | null): string | undefined =>
  invalid?.startsWith(WITHOUT_EFFECT) === true && (receipt?.acted ?? 0) > 0 ? undefined : invalid;

interface Replayed {
  readonly outcome: StretchOutcome;
  readonly receipt: RemedyReceipt | null;
}

/** Taken away on every way out. @returns why it could not be put in force; a replay that fails throws */
const replayWith = async (
  context: TrialContext,
  stretch: Stretch,
  remedy: Remedy | null,
): Promise<Replayed | string> => {
  const { system, load, workload, requests, signal } = context;
  const warmMs = warmUpMs(remedy, context);
  const deadlineMs = warmMs + stretch.durationMs + 2 * context.totalDeadlineMs + DEADLINE_MARGIN_MS;
  await using stack = new AsyncDisposableStack();
  let inForce: Awaited<ReturnType<typeof putInForce>>;
  try {
    inForce = stack.use(await putInForce(system, remedy, deadlineMs));
  } catch (error) {
    if (error instanceof SquallError && error.code === "interrupted") throw error;
    return `${NOT_TRIED}it could not be put in force: ${error instanceof Error ? error.message : String(error)}`;
  }
  await load.run(extraTraffic(requests, workload, warmMs), signal);
  await system.sidecar.takeRecords();
  const outcome = await runStretch(context, stretch);
  return { outcome, receipt: await inForce.receipt() };
};

/**
 * @throws SquallError as `runStretch`, and where the remedy cannot be taken away
 */
export const tryRemedy = async (
  context: TrialContext,
  stretch: Stretch,
  remedy: Remedy | null,
): Promise<TriedRemedyWindow> => {
  const scenario = stretch.windows[0]?.scenario ?? "";
  const replayed = await replayWith(context, stretch, remedy);
  if (typeof replayed === "string") {
    const startMs = Date.now() - context.runStartMs;
    // Without a remedy there is nothing to put in force.
    const trial = trialNotMade(scenario, remedy as Remedy, startMs, replayed);
    return { trial, unharmed: true };
  }
  const { outcome, receipt } = replayed;
  const [window] = outcome.windows;
  const invalid = whyInvalid(window?.invalid, receipt);
  const scored = outcome.observations.filter(({ outcome: ended }) => !isUnscored(ended));
  return {
    trial: {
      scenario,
      phase: stretch.shape === "control" ? "calm" : "fault",
      remedy,
      startMs: window?.startMs ?? 0,
      durationMs: window?.durationMs ?? 0,
      figures: figuresOf(context, stretch, outcome),
      receipt,
      ...(invalid === undefined ? {} : { invalid }),
    },
    // An outage may leave an open breaker, also where every answer was a good one.
    unharmed:
      stretch.shape !== "clock" &&
      stretch.shape !== "kill" &&
      !scored.some(({ outcome: ended }) => isFailure(ended)),
  };
};
