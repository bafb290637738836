/**
 * One window outside of the plan, laid as the plan's are: a step of a search for a frontier, a trial of a remedy, a recovery policy, a probe of
 * `squall discover`.
 */
import type { Scenario } from "../../core/profile.ts";
import { layStretch, type PlanInput, type Stretch } from "./plan.ts";
import { RequestOrder } from "./request-order.ts";
import { LOOKS } from "./timetable.ts";

/** Whose window it is. Each has repetitions (calls are attributed by them) and indices far from the plan's, its repeats' and the others'. */
const PURPOSES = ["frontier", "trial", "policy", "probe"] as const;
export type Purpose = (typeof PURPOSES)[number];

const FIRST_REPETITION = 20_000_000;
const REPETITIONS_APART = 10_000_000;
const FIRST_INDEX = 1_000_000;

/** Requests of all windows of one purpose on one arm, each with a repetition of its own. */
export type SingleOrder = Pick<RequestOrder, "next">;

export const singleOrder = (input: PlanInput, purpose: Purpose): SingleOrder => {
  const order = new RequestOrder(input.requests, input.seed);
  const first = FIRST_REPETITION + REPETITIONS_APART * PURPOSES.indexOf(purpose);
  return {
    next: () => {
      const { requestId, repetition } = order.next();
      return { requestId, repetition: first + repetition };
    },
  };
};

export interface SingleWindow {
  readonly purpose: Purpose;
  readonly scenario: Scenario;
  readonly durationMs: number;
  /** Observations scheduled before this are not scored. */
  readonly guardMs?: number;
  /** Running number among the windows of its purpose: marks are drawn by it. */
  readonly number: number;
}

export const laySingleWindow = (input: PlanInput, order: SingleOrder, single: SingleWindow): Stretch => {
  const { scenario, durationMs, guardMs = 0, number } = single;
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
    guardMs,
  };
  return layStretch(layout, [window], 0, FIRST_INDEX * (1 + PURPOSES.indexOf(single.purpose)));
};
