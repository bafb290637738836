/** One window of `squall discover`: calm, or under one gentle fault; laid as the plan's windows are, outside of any plan. */
import type { Fault } from "../../core/fault.ts";
import { describeFaults } from "../../core/fault-description.ts";
import type { Scenario } from "../../core/profile.ts";
import type { PlanInput, Stretch } from "./plan.ts";
import { experimentScale, experimentShape } from "./shape.ts";
import { laySingleWindow, type SingleOrder } from "./single-window.ts";

export interface ProbeWindow {
  /** Unique among the windows: marks are drawn by it. */
  readonly name: string;
  /** None: a calm window. */
  readonly fault: Fault | null;
  readonly durationMs: number;
  /** Running number of the windows. */
  readonly number: number;
}

export const layProbeWindow = (
  input: PlanInput,
  order: SingleOrder,
  { name, fault, durationMs, number }: ProbeWindow,
): Stretch => {
  const faults = fault === null ? [] : [fault];
  const scenario: Scenario = {
    name,
    shape: fault === null ? "control" : experimentShape(faults),
    scale: experimentScale(faults),
    faults,
    description: describeFaults(faults),
  };
  return laySingleWindow(input, order, { purpose: "probe", scenario, durationMs, number });
};
