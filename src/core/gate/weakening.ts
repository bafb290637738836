/** What a change loosens of its own gate, as findings: nobody should have to look for it in a diff. */
import { describeFaults } from "../fault-description.ts";
import { describeTrigger } from "../job/triggers.ts";
import { sameValue } from "../same-value.ts";
import type { Experiment, Frontier, Suite } from "../suite.ts";
import type { Finding } from "../verdict.ts";
import { exactMs, limitWords, metricWords } from "./exactly.ts";
import {
  canBeTried,
  experimentPairs,
  faultsAreAsHard,
  hardestOf,
  strikesAsOften,
} from "./experiment-pairs.ts";
import { implies, sameSubject } from "./stricter.ts";
import { frameWeakenings } from "./weakening-frame.ts";
import { policyWeakenings } from "./weakening-policy.ts";

/** A suite and its request set, as one side has them. */
export interface GateSource {
  readonly suite: Suite;
  readonly requestSetHash: string;
  readonly requestIds: readonly string[];
}

/** A loosening in words: what, and what the gate did about it. */
export interface Weakening {
  readonly scenario: string | null;
  readonly title: string;
  readonly done: string;
}

const BASE_HOLDS = "This run measured by the base branch's, and holds the change to it.";

/** "llm is 2 s away, at step 40": what an experiment does to a service, and when to a job. */
const describe = ({ faults, trigger, strikeMs }: Experiment): string =>
  describeFaults(faults) +
  (trigger === undefined ? "" : `, ${describeTrigger(trigger)}`) +
  (strikeMs === undefined ? "" : `, for ${exactMs(strikeMs)}`);

const removed = (experiment: Experiment, head: Suite): Weakening => ({
  scenario: experiment.name,
  title: `The experiment ${experiment.name} was removed (${describe(experiment)})`,
  done: canBeTried(experiment, head)
    ? "This run measured it all the same."
    : "It could not be measured any more: what it struck is gone from the suite.",
});

const expectations = (base: Experiment, head: Experiment): readonly Weakening[] =>
  base.expect
    .filter((limit) => !head.expect.some((other) => implies(other, limit)))
    .map((limit) => {
      const now = head.expect.find((other) => sameSubject(other, limit));
      const what = `${base.name}: ${metricWords(limit)} ${limitWords(limit)}`;
      return {
        scenario: base.name,
        title:
          now === undefined ? `${what} is no longer expected` : `${what} was loosened to ${limitWords(now)}`,
        done: BASE_HOLDS,
      };
    });

/** Equal words of two that differ would say nothing: a key of the faults that they leave out. */
const became = (base: Experiment, head: Experiment): string => {
  const [from, to] = [describe(base), describe(head)];
  return from === to ? `${from} became the same with other details` : `${from} became ${to}`;
};

const changedFaults = (base: Experiment, head: Experiment, suite: Suite): readonly Weakening[] =>
  faultsAreAsHard(base.faults, head.faults) && strikesAsOften(base, head)
    ? []
    : [
        {
          scenario: base.name,
          title: `The experiment ${base.name} was changed: ${became(base, head)}`,
          done: canBeTried(base, suite)
            ? BASE_HOLDS
            : "The base branch's could not be measured any more, so this run measured the change's.",
        },
      ];

const experimentWeakenings = (base: Suite, head: Suite): readonly Weakening[] =>
  experimentPairs(base.experiments, head.experiments).flatMap((pair) =>
    pair.head === null
      ? [removed(pair.base, head)]
      : [...changedFaults(pair.base, pair.head, head), ...expectations(pair.base, pair.head)],
  );

/** A change of the range is a change of what is compared, whichever way it goes. */
const frontierWeakenings = (base: Suite, head: Suite): readonly Weakening[] =>
  base.frontiers.flatMap((there: Frontier): readonly Weakening[] => {
    const here = head.frontiers.find(({ name }) => name === there.name);
    if (here === undefined) return [removed(hardestOf(there), head)];
    const same = sameValue(there.range, here.range) && sameValue(there.faults, here.faults);
    return [
      ...(same
        ? []
        : [
            {
              scenario: there.name,
              title: `The frontier ${there.name} was changed: up to "${describeFaults(there.faults.slice(-1))}" became up to "${describeFaults(here.faults.slice(-1))}"`,
              done: BASE_HOLDS,
            },
          ]),
      ...expectations(hardestOf(there), hardestOf(here)),
    ];
  });

/** A baseline is kept by the suite's name: under another one there is none. */
const renamed = ({ name: from }: Suite, { name: to }: Suite): readonly Weakening[] =>
  from === to
    ? []
    : [
        {
          scenario: null,
          title: `The suite ${from} was renamed to ${to}`,
          done: "Baselines are kept by name: this one is compared with nothing until it is measured on the default branch.",
        },
      ];

/**
 * Every loosening, experiments first. Empty for what is equal, stricter, or merely written otherwise. They block where the
 * base's policy says so.
 */
export const weakenings = (base: GateSource, head: GateSource): readonly Finding[] => {
  if (sameValue(base, head)) return [];
  const severity = base.suite.policy.onWeakened === "fail" ? "block" : "warn";
  const found = [
    ...renamed(base.suite, head.suite),
    ...experimentWeakenings(base.suite, head.suite),
    ...frontierWeakenings(base.suite, head.suite),
    ...policyWeakenings(base.suite.policy, head.suite.policy),
    ...frameWeakenings(base, head),
  ];
  return found.map(({ scenario, title, done }) => ({
    kind: "weakened-gate",
    severity,
    scenario,
    metric: null,
    edge: null,
    title,
    detail: [done],
  }));
};
