/** One window of a trial of remedies: a scenario's faults once more, outside of the plan, by the plan's rules. */
import type { Scenario } from "../../core/profile.ts";
import type { Workload } from "../../core/workload.ts";
import { layStretch, type PlanInput, type Stretch } from "./plan.ts";
import { RequestOrder } from "./request-order.ts";
import { CLOCK_WINDOW_MS, killAtMs, killWindowMs, LOOKS } from "./timetable.ts";

/** Far from the repetitions of the plan, of its repeated windows and of searches for frontiers: calls are attributed by them. */
const TRIAL_REPETITIONS = 30_000_000;
/** No index of the plan's, nor of a search's. */
const TRIAL_WINDOW = 2_000_000;

/** Struck requests that a window should hold where the rate allows it: a third of them failing then stands out. */
const WISHED_HITS = 30;
const SHORTEST_MS = 3000;
const LONGEST_MS = 6000;
/** Limits of a process reach into the window's beginning. */
const AMBIENT_GUARD_MS = 1000;

/** Requests of all trials of one arm, each with a repetition of its own. */
export const trialOrder = (input: PlanInput): Pick<RequestOrder, "next"> => {
  const order = new RequestOrder(input.requests, input.seed);
  return {
    next: () => {
      const { requestId, repetition } = order.next();
      return { requestId, repetition: repetition + TRIAL_REPETITIONS };
    },
  };
};

/** An outage and a kill last as long as in the plan: what a breaker lets through at their beginning weighs as much as there. */
export const trialWindowMs = (scenario: Scenario, { arrivals, rateRps }: Workload): number => {
  switch (scenario.shape) {
    case "kill":
      return killWindowMs(scenario);
    case "clock":
      return CLOCK_WINDOW_MS;
    case "control":
    case "attributed":
    case "ambient": {
      if (arrivals === "closed") return LONGEST_MS;
      const fraction = Math.max(0, ...scenario.faults.map((fault) => fault.fraction)) || 1;
      return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (1000 * WISHED_HITS) / (rateRps * fraction)));
    }
  }
};

const guardMs = ({ shape }: Scenario): number =>
  shape === "kill" ? killAtMs : shape === "ambient" ? AMBIENT_GUARD_MS : 0;

/** @param step from 0, over all trials of the arm */
export const layTrialWindow = (
  input: PlanInput,
  order: Pick<RequestOrder, "next">,
  scenario: Scenario,
  step: number,
): Stretch => {
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
    durationMs: trialWindowMs(scenario, input.suite.workload),
    guardMs: guardMs(scenario),
  };
  return layStretch(layout, [window], 0, TRIAL_WINDOW);
};
