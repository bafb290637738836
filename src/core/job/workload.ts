/**
 * A training job as a workload: what it logs, where it keeps its checkpoints, and what a scheduler does when it dies.
 *
 *   squall.yml workload.job --config--> JobWorkload --run/job--> JobRun[] --core/job/figures--> JobFigures --core/judge/job--> Verdict
 */

/** Log formats whose steps, losses and checkpoints are known; `auto`: the first of them that a line fits. */
export const JOB_LOG_FORMATS = [
  "megatron",
  "torchtitan",
  "nanogpt",
  "hf-trainer",
  "lightning",
  "jsonl",
] as const;
export type JobLogFormat = (typeof JOB_LOG_FORMATS)[number];

/** Regular expressions (RE2) over one line of output, without terminal control codes. Named groups: `step`, `loss`. */
export interface JobPatterns {
  /** Must have the group `step`; `loss` where the line has it. */
  readonly step?: string;
  /** A save begins; `step` where the line has it. */
  readonly saving?: string;
  /** A save is whole. */
  readonly saved?: string;
  /** A checkpoint was read, and the job goes on after its step. */
  readonly loaded?: string;
  /** A step without an update (overflow, NaN). */
  readonly skipped?: string;
}

/** Where its progress is read. */
export type ProgressSource =
  /** Standard output and standard error of the first worker. Own patterns stand over the format's. */
  | { readonly type: "output"; readonly format: JobLogFormat | "auto"; readonly patterns: JobPatterns }
  /** A JSONL file that grows, in one of the job's two directories: `{{checkpoints}}/...` or `{{disk}}/...`. */
  | { readonly type: "file"; readonly directory: "checkpoints" | "disk"; readonly path: string }
  /** A Prometheus endpoint of the first worker: names of its gauges. */
  | {
      readonly type: "metrics";
      readonly path: string;
      readonly step: string;
      readonly loss?: string;
    };

/** What a scheduler does with a process that ended and was not done. */
export interface RestartPolicy {
  /** Restarts of one run beyond which the job is given up; those after a fault's kill do not count. */
  readonly limit: number;
  /** Before the first restart, and after a fault's kill; doubled with each further one that counts, up to `maxBackoffMs`. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** `job`: where one worker dies all are ended and started again; `worker`: it alone is. */
  readonly scope: "job" | "worker";
  /** No new step for so long: it hangs, and is killed and restarted. Absent: only the timeout ends it. */
  readonly stallMs?: number;
}

export interface JobWorkload {
  /** Steps of a whole run: the last step's number, as the job counts them. */
  readonly steps: number;
  /** Processes of the service's command, started together; each knows `{{rank}}` and `{{workers}}`. */
  readonly workers: number;
  /** One run that takes longer is ended, and counts as not completed. */
  readonly timeoutMs: number;
  /** Runs of each experiment, and calm ones. */
  readonly repeats: number;
  readonly progress: ProgressSource;
  readonly restart: RestartPolicy;
}

/** Paths inside of which a job may write, by the names under which the suite gives them to it. */
export interface JobDirectories {
  /** Kept over restarts and node replacements, empty when a run begins. */
  readonly checkpoints: string;
  /** The node's own disk: kept over a restart, empty after a node replacement. */
  readonly disk: string;
}
