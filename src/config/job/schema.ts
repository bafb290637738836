/** Keys of squall.yml that are of training jobs alone: `workload.job`, and `at` of an experiment. */
import * as z from "zod";
import { JOB_LOG_FORMATS } from "../../core/job/workload.ts";
import type { Reading } from "../quantities.ts";
import { duration, positiveDuration, positiveShare, quantity, whole } from "../quantity-schema.ts";
import { SUITE_DEFAULTS } from "../suite-defaults.ts";
import { patternProblem } from "./patterns.ts";

const DEFAULTS = SUITE_DEFAULTS.job;

export const MOST_STEPS = 1_000_000;
/** As many as a service may have replicas. */
const MOST_WORKERS = 32;
const MOST_REPEATS = 50;
const MOST_RESTARTS = 1000;
const LONGEST_PATH = 512;

const pattern = (description: string, needsStep: boolean) =>
  quantity(
    (value): Reading<string> => {
      if (typeof value !== "string") return { ok: false, message: "must be a regular expression" };
      const message = patternProblem(value, needsStep);
      return message === null ? { ok: true, value } : { ok: false, message };
    },
    "a regular expression of RE2's syntax",
    description,
  ).optional();

const patternsSchema = z
  .strictObject({
    step: pattern(
      "A step was made: with the groups (?<step>...) and, where the line has it, (?<loss>...)",
      true,
    ),
    saving: pattern("A checkpoint's save begins; (?<step>...) where the line has it", false),
    saved: pattern("A checkpoint is whole", false),
    loaded: pattern("A checkpoint was read, and the job goes on after its step", false),
    skipped: pattern("A step was made without an update, such as after an overflow", false),
  })
  .meta({
    description:
      "Own regular expressions, each over one line of standard output or error; they stand over the format's",
  });

/** A path inside of one of a job's two directories. */
export interface JobFile {
  readonly directory: "checkpoints" | "disk";
  readonly path: string;
}

const FILE_FORM = 'a path in one of the job\'s directories, such as "{{checkpoints}}/metrics.jsonl"';

const readJobFile = (value: unknown): Reading<JobFile> => {
  if (typeof value !== "string" || value.length > LONGEST_PATH)
    return { ok: false, message: "not a path that begins with {{checkpoints}}/ or {{disk}}/" };
  const [, directory, path = ""] = /^\s*\{\{\s*(checkpoints|disk)\s*\}\}\/(.*?)\s*$/.exec(value) ?? [];
  if (directory === undefined)
    return { ok: false, message: "not a path that begins with {{checkpoints}}/ or {{disk}}/" };
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..") || /[\p{Cc}\\{}]/u.test(path))
    return { ok: false, message: "the path must name a file inside of the directory, in plain parts" };
  return { ok: true, value: { directory: directory as JobFile["directory"], path } };
};

const metricName = (description: string) =>
  z
    .string()
    .regex(/^[A-Za-z_:][A-Za-z0-9_:]{0,199}$/)
    .meta({ description: `${description}: letters, digits, _ and :` });

const metricsSchema = z
  .strictObject({
    path: z.string().regex(/^\//).max(2048).default(DEFAULTS.metricsPath).meta({
      description: "Where the first worker answers with Prometheus text, on {{port}}",
    }),
    step: metricName("Gauge that holds the last step"),
    loss: metricName("Gauge that holds the last loss").optional(),
  })
  .meta({ description: "Read the progress from a metrics page" });

const restartSchema = z
  .strictObject({
    limit: whole(
      "Restarts of one run beyond which it is given up, those after our own kills not counted",
      0,
      MOST_RESTARTS,
    ).prefault(DEFAULTS.restart.limit),
    backoff: duration("Before the first restart; doubled with each further one").prefault(
      DEFAULTS.restart.backoff,
    ),
    maxBackoff: duration("The longest that is waited before a restart").prefault(DEFAULTS.restart.maxBackoff),
    scope: z.enum(["job", "worker"]).default(DEFAULTS.restart.scope).meta({
      description: "Where one worker dies: job ends and restarts all of them, worker restarts that one",
    }),
    stall: positiveDuration(
      "No new step for so long: the job hangs, and is killed and restarted. Default: only the timeout ends it",
    ).optional(),
  })
  .meta({ description: "What the scheduler does with a process that ended before the job was done" });

export const jobSchema = z
  .strictObject({
    steps: whole("Steps of a whole run: the number of the last one, as the job logs it", 1, MOST_STEPS),
    workers: whole(
      "Processes that are started together; each knows {{rank}} (from 0) and {{workers}}",
      1,
      MOST_WORKERS,
    ).prefault(DEFAULTS.workers),
    timeout: positiveDuration("A run that takes longer is ended, and has not completed").prefault(
      DEFAULTS.timeout,
    ),
    repeats: whole("Runs of each experiment, and calm ones", 1, MOST_REPEATS).prefault(DEFAULTS.repeats),
    log: z
      .enum([...JOB_LOG_FORMATS, "auto"])
      .optional()
      .meta({
        description: `Format of its output. Default: ${DEFAULTS.log}, the first that a line fits`,
      }),
    patterns: patternsSchema.optional(),
    file: quantity(
      readJobFile,
      FILE_FORM,
      "Instead of log and patterns: a JSONL file that the first worker writes, one object a step",
    ).optional(),
    metrics: metricsSchema.optional(),
    restart: restartSchema.prefault({}),
  })
  .meta({
    description:
      "The service is a training job: no requests are sent, and faults follow its progress (docs/jobs.md)",
  });

const readSave = (value: unknown): Reading<number | "each"> =>
  value === "each" ||
  (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MOST_STEPS)
    ? { ok: true, value }
    : { ok: false, message: `must be each, or a whole number between 1 and ${MOST_STEPS}` };

/** Exactly one of these; a check says so. */
export const triggerSchema = z
  .strictObject({
    step: whole("As soon as this step is logged", 0, MOST_STEPS).optional(),
    every: whole("At every so many steps", 1, MOST_STEPS).optional(),
    chance: positiveShare(
      "At each step with this chance: exact over the run, and drawn from the seed",
    ).optional(),
    save: quantity(
      readSave,
      "a whole number from 1, or each",
      "While a checkpoint is saved: the n-th of the run, or each",
      ["integer", "string"],
    ).optional(),
  })
  .meta({
    description: "When the faults strike a training job: exactly one of step, every, chance, save",
  });

export type ParsedJob = z.output<typeof jobSchema>;
export type ParsedTrigger = z.output<typeof triggerSchema>;
