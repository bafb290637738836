/** Which experiment of the head is which of the base, and which of the base's can still be tried. */
import type { Fault } from "../fault.ts";
import { FAULT_CATALOGUE } from "../fault-catalogue.ts";
import { canTrigger, isAsFrequent } from "../job/triggers.ts";
import { sameValue } from "../same-value.ts";
import type { Experiment, Frontier, Suite } from "../suite.ts";

export interface ExperimentPair {
  readonly base: Experiment;
  /** The one of its name, else one of another name with equal faults; null: removed. */
  readonly head: Experiment | null;
}

/** One pair for each of the base's experiments, in their order; none of the head's stands in two. */
export const experimentPairs = (
  base: readonly Experiment[],
  head: readonly Experiment[],
): readonly ExperimentPair[] => {
  const names = new Set(base.map(({ name }) => name));
  const free = new Set(head.filter(({ name }) => !names.has(name)));
  return base.map((each) => {
    const namesake = head.find(({ name }) => name === each.name);
    if (namesake !== undefined) return { base: each, head: namesake };
    const renamed = [...free].find(
      ({ faults, trigger, strikeMs }) =>
        sameValue(faults, each.faults) && sameValue(trigger, each.trigger) && strikeMs === each.strikeMs,
    );
    if (renamed !== undefined) free.delete(renamed);
    return { base: each, head: renamed ?? null };
  });
};

/** A frontier as the experiment that its hard end would be. */
export const hardestOf = ({ name, faults, expect }: Frontier): Experiment => ({
  name,
  faults: faults.slice(-1),
  expect,
});

const attemptsOf = ({ attempts }: Fault): number => (attempts === "all" ? Infinity : attempts);

const faultIsAsHard = (base: Fault, head: Fault): boolean =>
  sameValue(
    { ...base, fraction: 0, attempts: 0, first: 0, strikeShare: 0 },
    { ...head, fraction: 0, attempts: 0, first: 0, strikeShare: 0 },
  ) &&
  (head.strikeShare ?? 1) >= (base.strikeShare ?? 1) &&
  head.fraction >= base.fraction &&
  attemptsOf(head) >= attemptsOf(base) &&
  (head.first ?? Infinity) >= (base.first ?? Infinity);

/** Whether the head's faults are the base's, or the same on more calls. Other changes cannot be ordered. */
export const faultsAreAsHard = (base: readonly Fault[], head: readonly Fault[]): boolean =>
  base.length === head.length &&
  base.every((fault, index) => {
    const other = head[index];
    return other !== undefined && faultIsAsHard(fault, other);
  });

/** Whether the head's strikes of a job come at least as often, and last as long; of a service there are none. */
export const strikesAsOften = (base: Experiment, head: Experiment): boolean =>
  (base.trigger === undefined || head.trigger === undefined
    ? base.trigger === head.trigger
    : isAsFrequent(base.trigger, head.trigger)) && base.strikeMs === head.strikeMs;

/** Names that a suite's dependencies have: their own, and of those that a compose file describes, the one they have there. */
const hostNames = ({ dependencies }: Suite): readonly string[] =>
  dependencies.flatMap(({ name, source }) =>
    source.type === "container" && source.container.source.type === "compose"
      ? [name, source.container.source.service]
      : [name],
  );

const canStrike = (fault: Fault, suite: Suite): boolean => {
  const { family } = FAULT_CATALOGUE[fault.kind];
  if (fault.kind === "dns-fail" && !fault.names.every((name) => hostNames(suite).includes(name)))
    return false;
  if (fault.on === "client") return true;
  if (fault.on === "service") {
    const replica = fault.kind === "kill" || fault.kind === "node-replace" ? fault.replica : undefined;
    return typeof replica !== "number" || replica < suite.service.replicas;
  }
  const target = suite.dependencies.find(({ name }) => name === fault.on);
  if (target === undefined) return false;
  if (family === "process") return target.source.type === "command" || target.source.type === "container";
  const takesBytesAlone = target.protocol === "tcp";
  return !takesBytesAlone || (family === "bytes" && fault.match === undefined && fault.attempts === "all");
};

/** An experiment of a job strikes jobs alone, and one of a service services; a shorter job may never come to where it strikes. */
const comesToIt = ({ trigger }: Experiment, { job }: Suite): boolean =>
  trigger === undefined || job === undefined
    ? (trigger === undefined) === (job === undefined)
    : canTrigger(trigger, job);

/** Whether all of an experiment's faults have something to strike in a suite that may have other dependencies. */
export const canBeTried = (experiment: Experiment, suite: Suite): boolean =>
  comesToIt(experiment, suite) && experiment.faults.every((fault) => canStrike(fault, suite));
