/** Which run, at which step, by how much: what a finding on a job rests on, in sentences. */
import type { RunFigures } from "../../job/figures.ts";
import { hasLeft } from "../../job/figures.ts";
import type { LossDistance } from "../../job/loss.ts";
import type { Interruption, Restart } from "../../job/restarts.ts";
import { formatCounted, formatMs, formatShare } from "../../report/format.ts";
import type { JobMetric } from "./hints.ts";

const ended = ({ exitCode, signal }: Interruption): string =>
  signal ?? (exitCode === null ? "no exit code" : `exit code ${exitCode}`);

const number = (value: number): string => String(Number(value.toPrecision(4)));

const nameOf = ({ run }: RunFigures): string => `Run ${run.repeat + 1}`;

const lastStep = ({ run }: RunFigures): string => {
  const step = run.steps.step.reduce((most, each) => Math.max(most, each), -1);
  return step < 0 ? "before its first step" : `at step ${step}`;
};

const whyStopped = (interruption: Interruption): string => {
  switch (interruption.cause) {
    case "fault":
      return `the kill at ${formatMs(interruption.struckAtMs)}`;
    case "own":
      return `it died by itself (${ended(interruption)}) at ${formatMs(interruption.endedAtMs)}`;
    case "hang":
      return `it stood still from ${formatMs(interruption.struckAtMs)} on`;
  }
};

const incomplete = (each: RunFigures): string => {
  const { outcome, durationMs } = each.run;
  switch (outcome) {
    case "gave-up":
      return `${nameOf(each)} was given up ${lastStep(each)} after ${formatCounted(each.restarts.length, "restart")}.`;
    case "timed-out":
      return `${nameOf(each)} was ended ${lastStep(each)}, after ${formatMs(durationMs)}.`;
    case "completed":
      return `${nameOf(each)} ended by itself ${lastStep(each)}, short of what calm runs reach.`;
  }
};

const left = (each: RunFigures, distance: LossDistance, tolerance: number): string => {
  const { step, loss, expected, atMs } = distance;
  const restart = each.restarts.findLast(({ startedAtMs }) => startedAtMs <= atMs);
  const after =
    restart === undefined
      ? ""
      : `, after the restart that began at ${restart.firstStep === null ? "no step" : `step ${restart.firstStep}`}`;
  return `${nameOf(each)}: at step ${step} the loss was ${number(loss)} where calm runs have ${number(expected)} (${formatShare(distance.distance)} away, allowed ${formatShare(tolerance)})${after}.`;
};

const spent = ({ run, badput, goodput }: RunFigures): string => {
  const parts = [
    ["starting", badput.startMs],
    ["steps done again", badput.lostMs],
    ["saving", badput.savingMs],
    ["without a process", badput.downMs],
    ["slower than calm, or waiting", badput.slowMs],
  ] as const;
  const largest = [...parts].sort((a, b) => b[1] - a[1])[0] ?? parts[0];
  return `Run ${run.repeat + 1} made progress in ${formatShare(goodput ?? 0)} of its time; most of the rest was ${largest[0]} (${formatShare(largest[1] / Math.max(1, run.durationMs))}).`;
};

interface RestartOf {
  readonly each: RunFigures;
  readonly restart: Restart;
}

const restartsIn = (runs: readonly RunFigures[]): readonly RestartOf[] =>
  runs.flatMap((each) => each.restarts.map((restart) => ({ each, restart })));

const worstOf = <T>(items: readonly T[], of: (item: T) => number): T | undefined =>
  items.reduce<T | undefined>(
    (worst, item) => (worst === undefined || of(item) > of(worst) ? item : worst),
    undefined,
  );

/** The plainest case of it among a scenario's runs; null: it is told by the figures alone. */
export const evidenceOf = (
  metric: JobMetric,
  runs: readonly RunFigures[],
  tolerance: number | null,
): string | null => {
  const sentence = <T>(item: T | undefined, tell: (item: T) => string): string | null =>
    item === undefined ? null : tell(item);
  switch (metric) {
    case "not-completed":
      return sentence(
        runs.find(({ completed }) => !completed),
        incomplete,
      );
    case "crashes":
      return sentence(
        runs.find(({ crashes }) => crashes.length > 0),
        (each) =>
          `${nameOf(each)}: ${each.crashes[0] === undefined ? "it died" : whyStopped(each.crashes[0])}${each.crashes.length === 1 ? "" : `, and ${formatCounted(each.crashes.length - 1, "more time")}`}.`,
      );
    case "nan-runs":
      return sentence(
        runs.find(({ nanSteps }) => nanSteps > 0),
        (each) => {
          const first = each.run.events.find(({ kind }) => kind === "nan");
          return `${nameOf(each)}: NaN in ${formatCounted(each.nanSteps, "step")}, first at ${first?.step === null || first === undefined ? formatMs(first?.atMs ?? 0) : `step ${first.step}`}.`;
        },
      );
    case "loss-left":
      return sentence(
        worstOf(hasLeft(runs, tolerance), ({ loss }) => loss?.distance ?? 0),
        (each) => (each.loss === null ? "" : left(each, each.loss, tolerance ?? 0)),
      );
    case "orphans":
      return sentence(
        runs.find(({ run }) => run.orphans > 0),
        (each) =>
          `${nameOf(each)} left ${formatCounted(each.run.orphans, "process").replace(/processs$/, "processes")} behind.`,
      );
    case "from-zero":
      return sentence(
        restartsIn(runs).find(({ restart }) => restart.fromZero === true),
        ({ each, restart }) =>
          `${nameOf(each)}: after ${whyStopped(restart)}, at step ${restart.lastStep}, it began again at step ${restart.firstStep}, though it had saved a checkpoint; nothing told that one was loaded.`,
      );
    case "failed-restarts":
      return sentence(
        restartsIn(runs).find(({ restart }) => restart.failed),
        ({ each, restart }) =>
          `${nameOf(each)}: started again at ${formatMs(restart.startedAtMs)} after ${whyStopped(restart)}, it died before it made a step.`,
      );
    case "lost-steps":
      return sentence(
        worstOf(
          restartsIn(runs).filter(({ restart }) => restart.lostSteps !== null),
          ({ restart }) => restart.lostSteps ?? 0,
        ),
        ({ each, restart }) =>
          `${nameOf(each)}: at step ${restart.lastStep} when it stopped, it went on from step ${restart.firstStep}.`,
      );
    case "resume":
      return sentence(
        worstOf(
          restartsIn(runs).filter(({ restart }) => restart.resumeMs !== null),
          ({ restart }) => restart.resumeMs ?? 0,
        ),
        ({ each, restart }) =>
          `${nameOf(each)}: ${formatMs(restart.resumeMs ?? 0)} to the first new step, ${formatMs(restart.startedAtMs - restart.struckAtMs)} of them until a process ran again.`,
      );
    case "goodput":
      return sentence(
        worstOf(
          runs.filter(({ goodput }) => goodput !== null),
          ({ goodput }) => -(goodput ?? 0),
        ),
        spent,
      );
  }
};
