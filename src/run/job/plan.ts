/** Which steps of which runs are struck: from suite and seed alone. */
import { strikeCount } from "../../core/job/triggers.ts";
import type { Scenario } from "../../core/profile.ts";
import { randomFor, shuffled } from "../../core/random.ts";
import type { Experiment, Suite } from "../../core/suite.ts";

export interface PlannedStrike {
  /** Step, or number of the save. */
  readonly at: number;
  /** Places among the experiment's faults. */
  readonly faults: readonly number[];
}

export interface PlannedJobRun {
  readonly scenario: Scenario;
  readonly repeat: number;
  readonly strikes: readonly PlannedStrike[];
}

export interface JobPlan {
  readonly scenarios: readonly Scenario[];
  /** In the order in which they are measured. */
  readonly runs: readonly PlannedJobRun[];
}

const stepsOf = ({ trigger }: Experiment, steps: number, seed: number): readonly number[] => {
  if (trigger === undefined) return [];
  const all = Array.from({ length: steps }, (_, index) => index + 1);
  switch (trigger.type) {
    case "step":
      return [trigger.step];
    case "every":
      return all.filter((step) => step % trigger.steps === 0);
    case "chance":
      return shuffled(all, randomFor(seed, "strikes"))
        .slice(0, strikeCount(trigger, steps) ?? 0)
        .sort((a, b) => a - b);
    case "save":
      return trigger.nth === "each" ? [] : [trigger.nth];
  }
};

export const makeJobPlan = (suite: Suite, seed: number): JobPlan => {
  const control: Experiment = { name: "control", faults: [], expect: [] };
  const experiments = [control, ...suite.experiments];
  const scenarios = experiments.map((experiment): Scenario => {
    const { name, faults, trigger, strikeMs } = experiment;
    return {
      name,
      shape: name === "control" ? "control" : "job",
      scale: "additive",
      faults,
      description: name,
      ...(trigger === undefined ? {} : { trigger }),
      ...(strikeMs === undefined ? {} : { strikeMs }),
    };
  });
  const runs = Array.from({ length: suite.job?.repeats ?? 0 }, (_, repeat) =>
    scenarios.flatMap((scenario, place): PlannedJobRun[] => {
      const experiment = experiments[place] ?? control;
      const faults = experiment.faults.map((_fault, index) => index);
      const steps = stepsOf(experiment, suite.job?.steps ?? 0, seed);
      return [{ scenario, repeat, strikes: steps.map((at) => ({ at, faults })) }];
    }),
  );
  return { scenarios, runs: runs.flat() };
};
