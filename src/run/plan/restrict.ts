import { pickWindows } from "./pick-windows.ts";
import type { Plan, PlannedWindow, Stretch } from "./plan.ts";

/**
 * The windows of the named scenarios, and all calm ones, which the judge needs to know what is usual: with the slots,
 * keys, hits and seeds that they have in the whole plan. So each request is the twin of the same request of a whole run.
 */
export const restrictPlan = (plan: Plan, only: readonly string[]): Plan => {
  const scenarios = plan.scenarios.filter(({ name, shape }) => shape === "control" || only.includes(name));
  const kept = new Set(scenarios.map(({ name }) => name));
  const stretches: Stretch[] = [];
  const windows: PlannedWindow[] = [];
  for (const stretch of plan.stretches) {
    const wanted = new Set(
      stretch.windows.filter(({ scenario }) => kept.has(scenario)).map(({ index }) => index),
    );
    if (wanted.size === 0) continue;
    const picked = pickWindows(stretch, wanted);
    const renumbered = picked.windows.map((window, place) => ({ ...window, index: windows.length + place }));
    windows.push(...renumbered);
    stretches.push({ ...picked, index: stretches.length, windows: renumbered });
  }
  return {
    ...plan,
    scenarios,
    stretches,
    windows,
    loadMs: windows.reduce((sum, { durationMs }) => sum + durationMs, 0),
    // What is too short or too few of the whole plan is no news of this part, but for its own scenarios.
    notes: plan.notes.filter((note) => scenarios.some(({ name }) => note.startsWith(`${name}:`))),
  };
};
