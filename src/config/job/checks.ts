/** What a training job needs, and what does not go with one, outside of its experiments. */
import { canTrigger } from "../../core/job/triggers.ts";
import { type PathPart, quoted } from "../problems.ts";
import { at, clash, type Report, type SuiteCheck } from "../suite-checks/check.ts";
import { JOB_NAMES } from "../suite-defaults.ts";
import type { SuiteParts } from "../suite-parts.ts";
import { workloadSchema } from "../suite-schema.ts";
import { jobOf, triggerOf } from "./build.ts";
import type { ParsedJob } from "./schema.ts";

/** Whether a suite means a training job, even where its `job` does not parse. */
export const isJob = ({ written }: Pick<SuiteParts, "written">): boolean =>
  written.workload?.includes("job") === true;

const IS_A_JOB = "this is a training job (workload.job)";

/** A service replays requests, a job has none. */
export const workloadIsOneThing: SuiteCheck = (parts, { problem }) => {
  const { workload } = parts.written;
  if (workload === null) return;
  if (!isJob(parts)) {
    if (!workload.includes("requests"))
      problem(
        at(["workload", "requests"], {
          code: "missing-key",
          found: "nothing",
          message: "requests is missing",
          allowed: "requests (the request set of a service), or job (a training job)",
        }),
      );
    return;
  }
  const known = new Set(Object.keys(workloadSchema.shape));
  for (const key of workload)
    if (key !== "job" && known.has(key))
      problem(
        clash(
          ["workload", key],
          `${key} is of a service's workload, and ${IS_A_JOB}`,
          "job alone",
          `Remove ${key}, or job.`,
        ),
      );
};

const SERVICE_KEYS: Readonly<Record<string, string>> = {
  ready: "Remove it: a job is started as soon as its dependencies are ready.",
  health: "Remove it: what is seen of a job is its progress.",
  signals: "Remove it: what is seen of a job is its progress.",
  replicas: "Write workload.job.workers.",
};

const SUITE_KEYS: Readonly<Record<string, string>> = {
  reference: "Remove it: runs of a job are compared with the stored baseline.",
  recovery: "Remove it: workload.job.restart says what is done about a process that died.",
};

/** Keys of a service and of a suite that ask for requests. */
export const jobHasNoService: SuiteCheck = (parts, { problem }) => {
  if (!isJob(parts)) return;
  const { suite, service } = parts.written;
  const look = (
    path: readonly PathPart[],
    remedies: Readonly<Record<string, string>>,
    keys: readonly string[],
  ) => {
    for (const key of keys) {
      if (!Object.hasOwn(remedies, key)) continue;
      problem(
        clash([...path, key], `${key} is of a service, and ${IS_A_JOB}`, "a job without it", remedies[key]),
      );
    }
  };
  look(["service"], SERVICE_KEYS, service ?? []);
  look([], SUITE_KEYS, suite);
};

/** `{{disk}}` must mean one thing. */
export const jobNamesAreFree: SuiteCheck = (parts, { problem }) => {
  if (!isJob(parts)) return;
  for (const name of parts.dependencies.keys())
    if (JOB_NAMES.includes(name))
      problem(
        at(["dependencies", name], {
          at: "key",
          code: "reserved-name",
          found: quoted(name),
          message: `{{${name}}} is squall's own in a training job`,
          allowed: `any name but ${JOB_NAMES.join(", ")}`,
        }),
      );
};

const SOURCES = ["file", "metrics"] as const;

/** Progress is read in one place. */
const progressIsOneThing = (job: ParsedJob, path: readonly PathPart[], { problem }: Report): void => {
  const [source, second] = SOURCES.filter((key) => job[key] !== undefined);
  if (second !== undefined)
    problem(
      clash([...path, second], `${source} and ${second} exclude each other`, "one of file and metrics"),
    );
  for (const key of ["log", "patterns"] as const)
    if (source !== undefined && job[key] !== undefined)
      problem(
        clash(
          [...path, key],
          `${key} reads the output, and ${source} is read instead of it`,
          "log and patterns, or file, or metrics",
          `Remove ${key}, or ${source}.`,
        ),
      );
  if (job.patterns !== undefined && Object.values(job.patterns).every((each) => each === undefined))
    problem(
      at([...path, "patterns"], {
        code: "missing-key",
        found: "an empty map",
        message: "patterns names none",
        allowed: "step, saving, saved, loaded, skipped",
      }),
    );
};

const restartFits = (job: ParsedJob, path: readonly PathPart[], { problem, warning }: Report): void => {
  const { backoff, maxBackoff, stall } = job.restart;
  if (maxBackoff < backoff)
    problem(
      at([...path, "restart", "backoff"], {
        code: "conflict",
        found: `${backoff} ms`,
        message: `The first wait is longer than the longest one, ${maxBackoff} ms`,
        allowed: `at most ${maxBackoff}ms`,
        remedy: "Lower backoff, or raise maxBackoff.",
      }),
    );
  if (stall !== undefined && stall >= job.timeout)
    warning(
      at([...path, "restart", "stall"], {
        code: "conflict",
        found: `${stall} ms`,
        message: `No hang is ever seen: the run is ended after ${job.timeout} ms`,
        allowed: "less than timeout",
      }),
    );
};

/** Keys of `workload.job` that exclude each other. */
export const jobFits: SuiteCheck = ({ workload, service }, report) => {
  const job = workload?.job;
  if (job === undefined) return;
  const path = ["workload", "job"];
  progressIsOneThing(job, path, report);
  restartFits(job, path, report);
  if (job.repeats === 1)
    report.warning(
      at([...path, "repeats"], {
        code: "conflict",
        found: "1",
        message: "One run of each says nothing of how much runs differ: losses cannot be compared",
        allowed: "at least 2, better 3",
      }),
    );
  if (job.workers > 1 && (service?.port ?? 0) !== 0 && service?.command !== undefined)
    report.problem(
      clash(
        ["service", "port"],
        `${job.workers} workers cannot share port ${service.port}`,
        "port: 0 with more than one worker",
        "Write port: 0 and let each worker listen on $PORT or {{port}}.",
      ),
    );
};

/** A trigger is one thing, and comes at all. */
export const triggersFit: SuiteCheck = ({ experiments, workload, ...parts }, { problem }) => {
  if (!isJob(parts)) return;
  for (const [index, { head }] of experiments.entries()) {
    if (head?.at === undefined) continue;
    const path = ["experiments", index, "at"];
    const trigger = triggerOf(head.at);
    if (trigger === null) {
      const named = Object.entries(head.at).flatMap(([key, value]) => (value === undefined ? [] : [key]));
      problem(
        at(path, {
          code: named.length === 0 ? "missing-key" : "conflict",
          found: named.length === 0 ? "none of them" : named.join(" and "),
          message: "at must say when the faults strike",
          allowed: "exactly one of step, every, chance, save",
          remedy: "Write for example at: { step: 40 }, { every: 25 }, { chance: 10% } or { save: 1 }.",
        }),
      );
    } else if (workload?.job !== undefined && !canTrigger(trigger, jobOf(workload.job)))
      problem(
        trigger.type === "save"
          ? at([...path, "save"], {
              code: "conflict",
              found: String(trigger.nth),
              message: "Nothing that is read of this job tells when a checkpoint is saved",
              allowed: "step, every, chance; save where the output is read and has a line for it",
              remedy: "Write workload.job.patterns.saving, or another trigger.",
            })
          : at([...path, Object.keys(head.at).find((key) => key === trigger.type) ?? "step"], {
              code: "conflict",
              found:
                trigger.type === "chance"
                  ? String(trigger.share)
                  : String(trigger.type === "step" ? trigger.step : trigger.steps),
              message: `No step of the job's ${workload.job.steps} is struck`,
              allowed:
                trigger.type === "chance"
                  ? `a chance of at least one step in ${workload.job.steps}`
                  : `at most ${workload.job.steps}, as workload.job.steps says`,
            }),
      );
  }
};
