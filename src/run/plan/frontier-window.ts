/** One window of a search for a frontier: laid as the plan's windows are, when what was seen before has said which level is next. */
import type { Fault } from "../../core/fault.ts";
import { describeFault } from "../../core/fault-description.ts";
import type { Scenario } from "../../core/profile.ts";
import type { Frontier } from "../../core/suite.ts";
import { frontierWindowMs } from "./frontier-budget.ts";
import type { PlanInput, Stretch } from "./plan.ts";
import { experimentScale } from "./shape.ts";
import { laySingleWindow, type SingleOrder } from "./single-window.ts";

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
  order: SingleOrder,
  { frontier, level, step }: { readonly frontier: Frontier; readonly level: number; readonly step: number },
): Stretch => {
  const fault = frontier.faults[level];
  if (fault === undefined) throw new RangeError(`frontier ${frontier.name} has no level ${level}`);
  const scenario = scenarioAt(frontier, fault);
  const durationMs = frontierWindowMs(input.suite.workload);
  return laySingleWindow(input, order, { purpose: "frontier", scenario, durationMs, number: step });
};
