/** Windows of an experiment under a recovery policy: the same load and the same faults in each, longer than the plan's. */
import { describeFaults } from "../../core/fault-description.ts";
import type { Scenario } from "../../core/profile.ts";
import type { Experiment } from "../../core/suite.ts";
import { layStretch, type PlanInput, type Stretch } from "./plan.ts";
import { RequestOrder } from "./request-order.ts";
import { experimentScale, experimentShape } from "./shape.ts";
import { LOOKS } from "./timetable.ts";

/** Far from the repetitions of the plan and of searches: calls are attributed by them. */
const POLICY_REPETITIONS = 40_000_000;
/** No index of the plan's. */
const POLICY_WINDOW = 3_000_000;

const LONGEST_MS = 20_000;
/** Time for symptoms to show, a rule to hold, and three good seconds. */
const SHORTEST_MS = 8000;
/** A window's drain, and the calm seconds after it. */
const SETTLE_ALLOWANCE_MS = 3000;

/** Each request of all policy windows has a repetition of its own. */
export const policyOrder = (input: PlanInput): Pick<RequestOrder, "next"> => {
  const order = new RequestOrder(input.requests, input.seed);
  return {
    next: () => {
      const { requestId, repetition } = order.next();
      return { requestId, repetition: repetition + POLICY_REPETITIONS };
    },
  };
};

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

export const layPolicyWindow = (
  input: PlanInput,
  order: Pick<RequestOrder, "next">,
  experiment: Experiment,
  durationMs: number,
): Stretch => {
  const scenario = scenarioOf(experiment);
  const layout = {
    input,
    byName: new Map([[scenario.name, scenario]]),
    templates: new Map(input.requests.map((template) => [template.id, template])),
    order,
  };
  const window = {
    scenario: scenario.name,
    shape: scenario.shape,
    round: 0,
    look: LOOKS,
    place: 0,
    durationMs,
    guardMs: 0,
  };
  return layStretch(layout, [window], 0, POLICY_WINDOW);
};
