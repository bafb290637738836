/** One window of `squall discover`: calm, or under one gentle fault; laid as the plan's windows are, outside of any plan. */
import type { Fault } from "../../core/fault.ts";
import { describeFaults } from "../../core/fault-description.ts";
import type { Scenario } from "../../core/profile.ts";
import { layStretch, type PlanInput, type Stretch } from "./plan.ts";
import { RequestOrder } from "./request-order.ts";
import { experimentScale, experimentShape } from "./shape.ts";
import { LOOKS } from "./timetable.ts";

/** Far from the repetitions of the calm pass and of settling: calls are attributed by them. */
const PROBE_REPETITIONS = 30_000_000;

export const probeOrder = (input: PlanInput): Pick<RequestOrder, "next"> => {
  const order = new RequestOrder(input.requests, input.seed);
  return {
    next: () => {
      const { requestId, repetition } = order.next();
      return { requestId, repetition: repetition + PROBE_REPETITIONS };
    },
  };
};

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
  order: Pick<RequestOrder, "next">,
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
  const layout = {
    input,
    byName: new Map([[scenario.name, scenario]]),
    templates: new Map(input.requests.map((template) => [template.id, template])),
    order,
  };
  const window = {
    scenario: scenario.name,
    shape: scenario.shape,
    round: number,
    look: LOOKS,
    place: 0,
    durationMs,
    guardMs: 0,
  };
  return layStretch(layout, [window], number, number);
};
