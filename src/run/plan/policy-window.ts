/** Windows of an experiment under a recovery policy: the same load and the same faults in each, longer than the plan's. */
import { describeFaults } from "../../core/fault-description.ts";
import type { Scenario } from "../../core/profile.ts";
import type { Experiment } from "../../core/suite.ts";
import type { PlanInput, Stretch } from "./plan.ts";
import { experimentScale, experimentShape } from "./shape.ts";
import { laySingleWindow, type SingleOrder } from "./single-window.ts";

const LONGEST_MS = 20_000;
/** Time for symptoms to show, a rule to hold, and three good seconds. */
const SHORTEST_MS = 8000;
/** A window's drain, and the calm seconds after it. */
const SETTLE_ALLOWANCE_MS = 3000;

/** How the time is divided: windows of one length, as many experiments as it holds. */
export interface PolicyTime {
  /** Experiments that there is time for, from the first; 0: not even for one. */
  readonly experiments: number;
  /** Whole seconds. */
  readonly windowMs: number;
}

/** @param policies windows of each experiment */
export const divideBudget = (budgetMs: number, experiments: number, policies: number): PolicyTime => {
  const room = (count: number): number => budgetMs / (count * policies) - SETTLE_ALLOWANCE_MS;
  let count = experiments;
  while (count > 0 && room(count) < SHORTEST_MS) count--;
  return {
    experiments: count,
    windowMs: count === 0 ? 0 : Math.floor(Math.min(LONGEST_MS, room(count)) / 1000) * 1000,
  };
};

/** By the clock, whatever its faults would be in the plan; a kill at its place in the window. */
const scenarioOf = ({ name, faults }: Experiment): Scenario => ({
  name,
  shape: experimentShape(faults) === "kill" ? "kill" : "clock",
  scale: experimentScale(faults),
  faults,
  description: describeFaults(faults),
});

/** Windows of one experiment strike alike, whatever is done about it. */
export const layPolicyWindow = (
  input: PlanInput,
  order: SingleOrder,
  experiment: Experiment,
  durationMs: number,
): Stretch =>
  laySingleWindow(input, order, {
    purpose: "policy",
    scenario: scenarioOf(experiment),
    durationMs,
    number: 0,
  });
