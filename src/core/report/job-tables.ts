/** The figures of a training job's runs, a line for each fault: what came of the runs, of their restarts, of the loss, of the time. */
import type { Badput, JobResult } from "../job/result.ts";
import type { Result } from "../verdict.ts";
import { formatCount, formatMs, formatShare, NOT_MEASURED } from "./format.ts";
import type { MeasuredTable } from "./measured-tables.ts";
import { scenarioLabel } from "./summary.ts";

/** What the words of the columns mean. */
export const JOB_NOTE =
  "These runs alone, compared with nothing; times and steps are medians. Goodput is the share of a run's time that made steps for the first time, at calm speed; loss apart is the largest distance of a step's loss from the calm runs', beside what calm runs differ by themselves.";

type Column = readonly [title: string, cell: (job: JobResult) => string];

const told = <T>(value: T | null, format: (value: T) => string): string =>
  value === null ? NOT_MEASURED : format(value);

const ofRuns =
  (count: (job: JobResult) => number) =>
  (job: JobResult): string =>
    `${formatCount(count(job))} of ${formatCount(job.runs)}`;

const restarted =
  <T>(cell: (job: JobResult) => T | null, format: (value: T) => string) =>
  (job: JobResult): string =>
    job.restarts === 0 ? NOT_MEASURED : told(cell(job), format);

const RUNS: readonly Column[] = [
  ["completed", ofRuns(({ completed }) => completed)],
  ["crashed", ofRuns(({ crashed }) => crashed)],
  ["strikes", ({ strikes }) => formatCount(strikes)],
  ["took", ({ durationMs }) => told(durationMs, formatMs)],
  ["goodput", ({ goodput }) => told(goodput, formatShare)],
  ["processes left", ({ orphans }) => formatCount(orphans)],
];

const RESTARTS: readonly Column[] = [
  ["restarts", restarted(({ restarts }) => restarts, formatCount)],
  ["from the first step", restarted(({ fromZero }) => fromZero, formatCount)],
  ["died before a step", restarted(({ failedRestarts }) => failedRestarts, formatCount)],
  ["lost steps", restarted(({ lostSteps }) => lostSteps, formatCount)],
  ["seen after", restarted(({ detectMs }) => detectMs, formatMs)],
  ["process after", restarted(({ restartMs }) => restartMs, formatMs)],
  ["new step after", restarted(({ resumeMs }) => resumeMs, formatMs)],
];

/** Losses are of any size: four telling digits. */
export const formatLoss = (loss: number): string =>
  Number.isFinite(loss) ? String(Number(loss.toPrecision(4))) : NOT_MEASURED;

const LOSSES: readonly Column[] = [
  ["last loss", ({ finalLoss }) => told(finalLoss, formatLoss)],
  ["loss apart", ({ lossDeviation }) => told(lossDeviation, formatShare)],
  ["calm runs differ by", ({ lossTolerance }) => told(lossTolerance, formatShare)],
  [
    "runs beyond that",
    (job) => (job.lossDeviation === null ? NOT_MEASURED : ofRuns(({ lossLeft }) => lossLeft)(job)),
  ],
  ["NaN steps", ({ nanSteps }) => formatCount(nanSteps)],
  ["skipped steps", ({ skippedSteps }) => formatCount(skippedSteps)],
];

const shareOf =
  (part: keyof Badput) =>
  ({ badput }: JobResult): string => {
    const total = Object.values(badput).reduce((sum: number, each: number) => sum + each, 0);
    return total > 0 ? formatShare(badput[part] / total) : NOT_MEASURED;
  };

const TIME: readonly Column[] = [
  ["new steps", shareOf("productiveMs")],
  ["starting", shareOf("startMs")],
  ["steps done again", shareOf("lostMs")],
  ["saving", shareOf("savingMs")],
  ["no process", shareOf("downMs")],
  ["slower, waiting", shareOf("slowMs")],
];

const tableOf = (
  title: string,
  columns: readonly Column[],
  jobs: readonly JobResult[],
): readonly MeasuredTable[] => {
  const rows = jobs.filter((job) => columns.some(([, cell]) => cell(job) !== NOT_MEASURED));
  const kept = columns.filter(([, cell]) => rows.some((job) => cell(job) !== NOT_MEASURED));
  if (kept.length === 0) return [];
  return [
    {
      title,
      columns: ["fault", ...kept.map(([name]) => name)],
      rows: rows.map((job) => [scenarioLabel(job.scenario, true), ...kept.map(([, cell]) => cell(job))]),
    },
  ];
};

/** Tables with a row for each of the first `most` scenarios; none where no job was measured. */
export const jobTables = ({ jobs = [] }: Result, most: number): readonly MeasuredTable[] => {
  const shown = jobs.slice(0, most);
  return [
    ...tableOf("Runs", RUNS, shown),
    ...tableOf("Restarts", RESTARTS, shown),
    ...tableOf("Losses", LOSSES, shown),
    ...tableOf("Where the time went", TIME, shown),
  ];
};
