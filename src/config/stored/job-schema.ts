/** Runs of a training job, as they are stored. */
import { z } from "zod";
import type { JobResult } from "../../core/job/result.ts";
import type { JobRun } from "../../core/job/run.ts";
import type { JobTrigger } from "../../core/job/trigger.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { count, list, measuredOrNull, ms, number, text } from "./primitives.ts";

/** Steps of one run, those that were done again counted twice. */
const MOST_STEPS = 1_000_000;

export const jobTriggerSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("step"), step: count }),
  z.strictObject({ type: z.literal("every"), steps: z.int().min(1) }),
  z.strictObject({ type: z.literal("chance"), share: z.number().gt(0).max(1) }),
  z.strictObject({ type: z.literal("save"), nth: z.union([z.int().min(1), z.literal("each")]) }),
]) satisfies z.ZodType<JobTrigger>;

const attempt = z.strictObject({
  worker: count,
  startedAtMs: ms,
  endedAtMs: ms.nullable(),
  exitCode: z.int().nullable(),
  signal: text.nullable(),
  end: z.enum(["own", "fault", "scheduler", "run-end"]),
});

const steps = z
  .strictObject({
    step: list(count, MOST_STEPS),
    atMs: list(ms, MOST_STEPS),
    loss: list(number.nullable(), MOST_STEPS),
  })
  .refine(({ step, atMs, loss }) => step.length === atMs.length && step.length === loss.length, {
    message: "columns of different lengths",
  });

const event = z.strictObject({
  kind: z.enum(["saving", "saved", "loaded", "skipped", "nan"]),
  step: count.nullable(),
  atMs: ms,
});

const strike = z.strictObject({
  at: count,
  atMs: ms,
  lastStep: count.nullable(),
  faults: list(count, 100),
  clearedAtMs: ms.nullable(),
  receipts: list(z.strictObject({ faultId: text, edge: text, seen: count, affected: count }), 1000),
});

export const jobRunSchema = z
  .strictObject({
    scenario: text,
    repeat: count,
    startMs: ms,
    durationMs: ms,
    outcome: z.enum(["completed", "gave-up", "timed-out"]),
    attempts: list(attempt, 10_000),
    steps,
    events: list(event, 1_000_000),
    strikes: list(strike, 100_000),
    plannedStrikes: list(count, 1_000_000),
    orphans: count,
    invalid: text.optional(),
  })
  .transform((value): JobRun => withoutUndefined(value));

/** As result.json has it. */
export const jobResultSchema = z
  .strictObject({
    scenario: text,
    runs: count,
    completed: count,
    crashed: count.describe("runs with a process that died without our doing"),
    strikes: count,
    restarts: count,
    fromZero: count.describe("restarts that began at the start though a checkpoint had been saved"),
    failedRestarts: count.describe("restarts whose process died before it made a step"),
    durationMs: measuredOrNull.describe("median"),
    goodput: measuredOrNull.describe("median share of a run's time that made progress"),
    lostSteps: measuredOrNull.describe("median over restarts"),
    detectMs: measuredOrNull.describe("fault to the death (or hang) being seen; median"),
    restartMs: measuredOrNull.describe("fault to the process that came after it; median"),
    resumeMs: measuredOrNull.describe("fault to the first new step; median"),
    lossDeviation: measuredOrNull.describe(
      "largest relative distance of a same-step loss from the calm runs'",
    ),
    lossTolerance: measuredOrNull.describe("what calm runs differ among themselves"),
    lossLeft: count.describe("runs whose loss left that"),
    finalLoss: measuredOrNull.describe("median"),
    nanSteps: count,
    skippedSteps: count,
    orphans: count,
    badput: z.strictObject({
      productiveMs: ms,
      startMs: ms,
      lostMs: ms,
      savingMs: ms,
      downMs: ms,
      slowMs: ms,
    }),
    plannedStrikes: list(count, 1_000_000),
  })
  .meta({ id: "job" }) satisfies z.ZodType<JobResult>;
