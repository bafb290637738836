/** One window of a trial of remedies: a scenario's faults once more, outside of the plan, by the plan's rules. */
import type { Scenario } from "../../core/profile.ts";
import type { Workload } from "../../core/workload.ts";
import type { PlanInput, Stretch } from "./plan.ts";
import { laySingleWindow, type SingleOrder } from "./single-window.ts";
import { CLOCK_WINDOW_MS, killAtMs, killWindowMs } from "./timetable.ts";

/** Struck requests that a window should hold where the rate allows it: a third of them failing then stands out. */
const WISHED_HITS = 30;
const SHORTEST_MS = 3000;
const LONGEST_MS = 6000;
/** Limits of a process reach into the window's beginning. */
const AMBIENT_GUARD_MS = 1000;

/** An outage and a kill last as long as in the plan: what a breaker lets through at their beginning weighs as much as there. */
export const trialWindowMs = (scenario: Scenario, { arrivals, rateRps }: Workload): number => {
  switch (scenario.shape) {
    case "kill":
      return killWindowMs(scenario);
    case "clock":
      return CLOCK_WINDOW_MS;
    case "control":
    case "attributed":
    case "ambient":
    case "job": {
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
  order: SingleOrder,
  scenario: Scenario,
  step: number,
): Stretch =>
  laySingleWindow(input, order, {
    purpose: "trial",
    scenario,
    durationMs: trialWindowMs(scenario, input.suite.workload),
    guardMs: guardMs(scenario),
    number: step,
  });
