/** One window of a search for a frontier: laid as the plan's windows are, when what was seen before has said which level is next. */
import type { Fault } from "../../core/fault.ts";
import { describeFault } from "../../core/fault-description.ts";
import type { Scenario } from "../../core/profile.ts";
import type { Frontier } from "../../core/suite.ts";
import { frontierWindowMs } from "./frontier-budget.ts";
import { layStretch, type PlanInput, type Stretch } from "./plan.ts";
import { RequestOrder } from "./request-order.ts";
import { experimentScale } from "./shape.ts";
import { LOOKS } from "./timetable.ts";

/** Far from the repetitions of the plan and of its repeated windows: calls are attributed by them. */
const FRONTIER_REPETITIONS = 20_000_000;
/** No index of the plan's. */
const FRONTIER_WINDOW = 1_000_000;

/** Requests of all searches of one arm, each with a repetition of its own. */
export const frontierOrder = (input: PlanInput): Pick<RequestOrder, "next"> => {
  const order = new RequestOrder(input.requests, input.seed);
  return {
    next: () => {
      const { requestId, repetition } = order.next();
      return { requestId, repetition: repetition + FRONTIER_REPETITIONS };
    },
  };
};

/** Each window by the clock: what one level leaves behind must not reach into the next. */
const scenarioAt = ({ name }: Frontier, fault: Fault): Scenario => ({
  name,
  shape: "clock",
  scale: experimentScale([fault]),
  faults: [fault],
  description: describeFault(fault),
});

/** @param step from 0, over the whole search */
export const layFrontierWindow = (
  input: PlanInput,
  order: Pick<RequestOrder, "next">,
  { frontier, level, step }: { readonly frontier: Frontier; readonly level: number; readonly step: number },
): Stretch => {
  const fault = frontier.faults[level];
  if (fault === undefined) throw new RangeError(`frontier ${frontier.name} has no level ${level}`);
  const scenario = scenarioAt(frontier, fault);
  const layout = {
    input,
    byName: new Map([[scenario.name, scenario]]),
    templates: new Map(input.requests.map((template) => [template.id, template])),
    order,
  };
  const window = {
    scenario: scenario.name,
    shape: scenario.shape,
    round: step,
    look: LOOKS,
    place: 0,
    durationMs: frontierWindowMs(input.suite.workload),
    guardMs: 0,
  };
  return layStretch(layout, [window], 0, FRONTIER_WINDOW);
};
