/** What a change makes easier for a training job around its experiments. Its own is measured; it can only be told. */
import type { JobPatterns, JobWorkload, ProgressSource, RestartPolicy } from "../job/workload.ts";
import { sameValue } from "../same-value.ts";
import type { Suite } from "../suite.ts";
import { exactMs, exactNumber } from "./exactly.ts";
import { told } from "./told.ts";
import type { Weakening } from "./weakening.ts";

/** A number of the job: its name in the suite, how it is written, and which way makes it easier. */
interface JobLimit {
  readonly name: string;
  readonly of: (job: JobWorkload) => number;
  readonly words: (value: number) => string;
  readonly easier: "more" | "less" | "either";
}

const LIMITS: readonly JobLimit[] = [
  { name: "steps", of: ({ steps }) => steps, words: exactNumber, easier: "less" },
  { name: "repeats", of: ({ repeats }) => repeats, words: exactNumber, easier: "less" },
  { name: "workers", of: ({ workers }) => workers, words: exactNumber, easier: "either" },
  { name: "timeout", of: ({ timeoutMs }) => timeoutMs, words: exactMs, easier: "more" },
  { name: "restart.limit", of: ({ restart }) => restart.limit, words: exactNumber, easier: "more" },
  // A job that is started again sooner resumes sooner, whatever it does itself.
  { name: "restart.backoff", of: ({ restart }) => restart.backoffMs, words: exactMs, easier: "less" },
  { name: "restart.maxBackoff", of: ({ restart }) => restart.maxBackoffMs, words: exactMs, easier: "less" },
];

const limits = (base: JobWorkload, head: JobWorkload): readonly Weakening[] =>
  LIMITS.flatMap(({ name, of, words, easier }) => {
    const [before, after] = [of(base), of(head)];
    if (before === after || (easier === "more" && after < before) || (easier === "less" && after > before))
      return [];
    return [
      told(
        `workload.job.${name} was ${after > before ? "raised" : "lowered"} from ${words(before)} to ${words(after)}`,
      ),
    ];
  });

const stall = ({ stallMs }: RestartPolicy): string => (stallMs === undefined ? "none" : exactMs(stallMs));

/** The scheduler helps a job that hangs, the sooner the better; whether it then helps is not the job's own doing. */
const restart = (base: RestartPolicy, head: RestartPolicy): readonly Weakening[] => [
  ...(head.stallMs !== undefined && head.stallMs < (base.stallMs ?? Infinity)
    ? [told(`workload.job.restart.stall was shortened from ${stall(base)} to ${stall(head)}`)]
    : []),
  ...(base.scope === head.scope
    ? []
    : [told(`workload.job.restart.scope was changed from ${base.scope} to ${head.scope}`)]),
];

const sourceWords = (source: ProgressSource): string => {
  switch (source.type) {
    case "output":
      return `output, log ${source.format}`;
    case "file":
      return `file {{${source.directory}}}/${source.path}`;
    case "metrics":
      return `metrics ${source.step} at ${source.path}`;
  }
};

const PATTERNS = [
  "step",
  "saving",
  "saved",
  "loaded",
  "skipped",
] as const satisfies readonly (keyof JobPatterns)[];

/** Whoever says what is read of a job says what it seems to have done. */
const progress = (base: ProgressSource, head: ProgressSource): readonly Weakening[] => {
  if (sameValue(base, head)) return [];
  const [from, to] = [sourceWords(base), sourceWords(head)];
  if (from !== to) return [told(`What is read of the job's progress was changed: ${from} became ${to}`)];
  if (base.type !== "output" || head.type !== "output")
    return [told(`What is read of the job's progress was changed: another loss of ${to}`)];
  const names = PATTERNS.filter((name) => base.patterns[name] !== head.patterns[name]);
  return [told(`workload.job.patterns was changed: ${names.join(", ")}`)];
};

/** Empty where neither side is a job. */
export const jobWeakenings = ({ job: base }: Suite, { job: head }: Suite): readonly Weakening[] => {
  if (base === undefined && head === undefined) return [];
  if (base === undefined) return [told("The workload was changed: a service became a training job")];
  if (head === undefined) return [told("The workload was changed: a training job became a service")];
  return [
    ...limits(base, head),
    ...restart(base.restart, head.restart),
    ...progress(base.progress, head.progress),
  ];
};
