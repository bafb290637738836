import * as z from "zod";
import { readComparison, readDuration, readRatio, readShare } from "./quantities.ts";
import {
  age,
  duration,
  latencyMargin,
  points,
  positiveDuration,
  positiveShare,
  quantity,
  ratioMargin,
  share,
  whole,
} from "./quantity-schema.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";

const comparison = (read: typeof readShare, example: string, description: string) =>
  quantity(readComparison(read), `a hypothesis such as "${example}"`, description).optional();

const sharing = (description: string) => comparison(readShare, "<= 2%", description);
const lasting = (description: string) => comparison(readDuration, "<= 5s", description);
const counting = (description: string) => comparison(readRatio, "<= 0", description);

/** Absolute hypotheses: one a metric, judged on the head's run alone. */
export const EXPECT_SHAPE = {
  errorRate: sharing("Share of requests that fail"),
  lateRate: sharing("Share of requests that fail or are later than the SLO"),
  degradedRate: sharing("Share of answers that are fallbacks"),
  incompleteRate: sharing("Share of answers that look finished and are not"),
  wrongAnswerRate: sharing("Share of answers against their expectation"),
  goodput: comparison(
    readShare,
    ">= 95%",
    "Share of planned requests that are complete, correct and inside the SLO; of a training job, share of a run's time that makes progress",
  ),
  p50: lasting("Median latency"),
  p95: lasting("Latency, 95th percentile"),
  p99: lasting("Latency, 99th percentile"),
  ttftP50: lasting("Median time to first content"),
  ttftP95: lasting("Time to first content, 95th percentile"),
  recovery: lasting("From the kill to the first good answer"),
  workAfterAbort: counting(
    "Clients that hung up and whose calls were still open a second later, or ran to their very end",
  ),
  deaths: counting("Times the service died without being killed by us"),
  completed: comparison(readShare, ">= 100%", "Of a training job: share of runs that end as they should"),
  crashes: sharing("Of a training job: share of runs with a process that died without being killed by us"),
  fromZero: sharing(
    "Of a training job: share of restarts that began again at the start though a checkpoint had been saved",
  ),
  lostSteps: counting("Of a training job: steps that are done again after a restart (median)"),
  resume: lasting("Of a training job: from the fault to the first new step (median)"),
  lossDeviation: sharing(
    "Of a training job: largest relative distance of a step's loss from the same step's without faults",
  ),
  nanSteps: counting("Of a training job: steps whose loss is no number"),
} as const;

export const expectSchema = z
  .strictObject({
    ...EXPECT_SHAPE,
    callsPerRequest: z
      .record(
        z.string(),
        quantity(
          readComparison(readRatio),
          'a hypothesis such as "<= 1.5"',
          "Calls a request makes at this dependency",
        ),
      )
      .meta({ description: "By dependency: calls a request makes there" })
      .optional(),
  })
  .meta({ description: "Absolute hypotheses, judged on this run alone" });

const DEFAULTS = SUITE_DEFAULTS.gate;
const EFFECTS = SUITE_DEFAULTS.minEffect;

const minEffectSchema = z
  .strictObject({
    latency: latencyMargin("A change of latency counts beyond both parts").prefault(EFFECTS.latency),
    errorRate: points("Smallest change of the error rate that counts").prefault(EFFECTS.errorRate),
    degradedRate: points("Smallest change of the degraded share that counts").prefault(EFFECTS.degradedRate),
    slowShare: points("Smallest change of the slow share that counts").prefault(EFFECTS.slowShare),
    callsPerRequest: ratioMargin("A change of calls per request counts beyond both parts").prefault(
      EFFECTS.callsPerRequest,
    ),
    recovery: latencyMargin("A change of recovery time counts beyond both parts").prefault(EFFECTS.recovery),
    frontier: positiveShare("Share of what is tolerated of a fault whose loss counts").prefault(
      EFFECTS.frontier,
    ),
  })
  .meta({ description: "The smallest differences that count" });

export const GATE_SCHEMA = z
  .strictObject({
    budget: positiveDuration("Time a run may take").prefault(DEFAULTS.budget),
    alpha: quantity(
      (value) =>
        typeof value === "number" && value > 0 && value <= 0.2
          ? { ok: true, value }
          : { ok: false, message: "must be above 0 and at most 0.2" },
      "a number above 0 and at most 0.2",
      "Chance of a false alarm over the whole pull request",
      "number",
    ).prefault(DEFAULTS.alpha),
    minEffect: minEffectSchema.prefault({}),
    onInconclusive: z
      .enum(["pass", "warn", "fail"])
      .default(DEFAULTS.onInconclusive)
      .meta({ description: "What an inconclusive verdict does to the gate" }),
    onNoBaseline: z
      .enum(["pass", "fail"])
      .default(DEFAULTS.onNoBaseline)
      .meta({ description: "What a missing baseline does to the gate" }),
    onWeakened: z
      .enum(["warn", "fail"])
      .default(DEFAULTS.onWeakened)
      .meta({ description: "What a pull request that loosens this suite does to the gate" }),
    acceptance: z.enum(["commit", "pull-request", "never"]).default(DEFAULTS.acceptance).meta({
      description:
        "How long an accepted regression stays accepted: until the next commit, as long as the pull request is open, or it cannot be accepted",
    }),
    diagnosis: duration(
      "Time for trying remedies after an experiment failed, beyond the budget; 0s: none are tried",
    ).prefault(DEFAULTS.diagnosis),
    earlyStop: z.boolean().default(DEFAULTS.earlyStop).meta({
      description:
        "End a run after a third or two thirds of its rounds where the baseline leaves nothing to settle, and leave out faults that are settled",
    }),
    pooledRuns: whole("Runs of the default branch pooled into one baseline", 1, 50).prefault(
      DEFAULTS.pooledRuns,
    ),
    maxBaselineAge: age("Age of the baseline's newest run beyond which nothing passes").prefault(
      DEFAULTS.maxBaselineAge,
    ),
    maxBaselineCommits: whole(
      "Commits from the baseline's newest run to the base beyond which nothing passes",
      0,
    ).prefault(DEFAULTS.maxBaselineCommits),
    maxLagP99: positiveDuration("Schedule lateness (p99) beyond which a window is invalid").prefault(
      DEFAULTS.maxLagP99,
    ),
    minAchieved: share("Share of the planned rate below which a window is invalid").prefault(
      DEFAULTS.minAchieved,
    ),
  })
  .meta({ description: "When a difference blocks" });
