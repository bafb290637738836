/**
 * The plan of a job's runs: which steps are struck, and by which of the faults. Pure and seeded, by step and never by time: base and head
 * with the same suite are struck at the same steps, whatever each makes of it.
 */
import { describeFaults } from "../../core/fault-description.ts";
import type { JobTrigger } from "../../core/job/trigger.ts";
import { describeTrigger } from "../../core/job/triggers.ts";
import { exactMarks } from "../../core/placement.ts";
import type { Scenario } from "../../core/profile.ts";
import { randomFor, shuffled } from "../../core/random.ts";
import type { Experiment, Suite } from "../../core/suite.ts";

/** Rounds that are measured whatever they take: what two runs show settles nothing (docs/job-verdict.md). */
export const FEWEST_ROUNDS = 3;

export interface PlannedStrike {
  /** A step; for saves the number of the save, from 1. */
  readonly at: number;
  /** Places of the faults that it has, among the scenario's. */
  readonly faults: readonly number[];
}

export interface PlannedJobRun {
  readonly scenario: Scenario;
  /** From 0. */
  readonly repeat: number;
  /** By `at`, ascending. Empty in calm, and where every save is struck: those come as they come (`faultsOfSave`). */
  readonly strikes: readonly PlannedStrike[];
}

export interface JobPlan {
  readonly scenarios: readonly Scenario[];
  /** In the order in which they are measured. */
  readonly runs: readonly PlannedJobRun[];
}

const CONTROL: Scenario = {
  name: "control",
  shape: "control",
  scale: "additive",
  faults: [],
  description: "calm runs",
};

const scenarioOf = ({ name, faults, trigger, strikeMs }: Experiment): Scenario => ({
  name,
  shape: "job",
  scale: "additive",
  faults,
  ...(trigger === undefined ? {} : { trigger }),
  ...(strikeMs === undefined ? {} : { strikeMs }),
  description: `${describeFaults(faults)}${trigger === undefined ? "" : `, ${describeTrigger(trigger)}`}`,
});

interface Draw {
  readonly seed: number;
  readonly scenario: string;
  readonly repeat: number;
}

/**
 * So many distinct whole numbers from 1 to `largest`, ascending (Floyd's sampling: each set of that size is equally likely, and memory is
 * that of the sample).
 */
const sample = (count: number, largest: number, draw: Draw): number[] => {
  const random = randomFor(draw.seed, "job", "steps", draw.scenario, draw.repeat);
  const chosen = new Set<number>();
  for (let last = largest - count + 1; last <= largest; last++) {
    const drawn = 1 + random.below(last);
    chosen.add(chosen.has(drawn) ? last : drawn);
  }
  return [...chosen].sort((a, b) => a - b);
};

/** Never step 0 and never the last: nothing would come before or after to be seen. A step that the suite names is as it says. */
const struckAt = (trigger: JobTrigger, steps: number, draw: Draw): readonly number[] => {
  switch (trigger.type) {
    case "step":
      return [trigger.step];
    case "every":
      return Array.from(
        { length: Math.max(0, Math.ceil(steps / trigger.steps) - 1) },
        (_, index) => (index + 1) * trigger.steps,
      );
    case "chance": {
      const largest = Math.max(0, steps - 1);
      return sample(Math.min(largest, Math.max(1, Math.round(trigger.share * steps))), largest, draw);
    }
    case "save":
      return trigger.nth === "each" ? [] : [trigger.nth];
  }
};

const drawKey = ({ scenario, repeat }: Draw, fault: number): string =>
  `job/strikes/${scenario}/${repeat}/${fault}`;

/** Of so many strikes, those that the fault is part of: exactly its share of them, at least one. */
const partOf = (count: number, share: number, draw: Draw, fault: number): readonly boolean[] => {
  if (share >= 1) return Array.from({ length: count }, () => true);
  const hits = Math.max(1, Math.round(share * count));
  const pattern = Array.from({ length: count }, (_, index) => index < hits);
  return shuffled(pattern, randomFor(draw.seed, drawKey(draw, fault)));
};

const strikesOf = (scenario: Scenario, steps: number, draw: Draw): readonly PlannedStrike[] => {
  if (scenario.trigger === undefined) return [];
  const places = struckAt(scenario.trigger, steps, draw);
  const parts = scenario.faults.map(({ strikeShare = 1 }, fault) =>
    partOf(places.length, strikeShare, draw, fault),
  );
  return places.map((at, place) => ({
    at,
    faults: parts.flatMap((part, fault) => (part[place] === true ? [fault] : [])),
  }));
};

/** The runs in their order: repeat 0 of every scenario, calm first, then repeat 1, and so on. */
export const makeJobPlan = (suite: Suite, seed: number): JobPlan => {
  const { job } = suite;
  if (job === undefined) return { scenarios: [], runs: [] };
  const scenarios = [CONTROL, ...suite.experiments.map(scenarioOf)];
  const runs = Array.from({ length: job.repeats }, (_, repeat) =>
    scenarios.map((scenario) => ({
      scenario,
      repeat,
      strikes: strikesOf(scenario, job.steps, { seed, scenario: scenario.name, repeat }),
    })),
  );
  return { scenarios, runs: runs.flat() };
};

/**
 * Faults of a strike at the n-th save (from 1), where every save is struck. How many will come nobody knows, so a fault's share is exact
 * in each block of `blockLength(share)` saves.
 */
export const faultsOfSave = (
  seed: number,
  { scenario, repeat }: PlannedJobRun,
  nth: number,
): readonly number[] => {
  const draw = { seed, scenario: scenario.name, repeat };
  return scenario.faults.flatMap(({ strikeShare = 1 }, fault) =>
    exactMarks(seed, drawKey(draw, fault), nth, strikeShare)[nth - 1] === true ? [fault] : [],
  );
};

/** Everything that makes two measurements of a job twins: what is struck when, by which faults. */
export const jobScheduleText = ({ scenarios, runs }: JobPlan): string =>
  JSON.stringify([
    scenarios.map(({ name, faults, trigger, strikeMs }) => [name, faults, trigger ?? null, strikeMs ?? null]),
    runs.map(({ scenario, repeat, strikes }) => [
      scenario.name,
      repeat,
      strikes.map(({ at, faults }) => [at, faults]),
    ]),
  ]);
