import { pickWindows } from "./pick-windows.ts";
import type { Plan, PlannedWindow, Stretch } from "./plan.ts";

/**
 * The windows of the named scenarios, and all calm ones, which the judge needs to know what is usual: with the slots,
 * keys, hits and seeds that they have in the whole plan. So each request is the twin of the same request of a whole run.
 */
export const restrictPlan = (plan: Plan, only: readonly string[]): Plan => {
  const scenarios = plan.scenarios.filter(({ name, shape }) => shape === "control" || only.includes(name));
  const kept = new Set(scenarios.map(({ name }) => name));
  const windows: PlannedWindow[] = [];
  let stretchesKept = 0;
  const keepOf = (all: readonly Stretch[]): readonly Stretch[] =>
    all.flatMap((stretch) => {
      const wanted = stretch.windows.filter(({ scenario }) => kept.has(scenario)).map(({ index }) => index);
      if (wanted.length === 0) return [];
      const picked = pickWindows(stretch, new Set(wanted));
      const renumbered = picked.windows.map((window, place) => ({
        ...window,
        index: windows.length + place,
      }));
      windows.push(...renumbered);
      return [{ ...picked, index: stretchesKept++, windows: renumbered }];
    });
  const stretches = keepOf(plan.stretches);
  const planned = [...windows];
  const spare = keepOf(plan.spare);
  return {
    ...plan,
    scenarios,
    stretches,
    windows: planned,
    spare,
    loadMs: planned.reduce((sum, { durationMs }) => sum + durationMs, 0),
    // What is too short or too few of the whole plan is no news of this part, but for its own scenarios.
    notes: plan.notes.filter((note) => scenarios.some(({ name }) => note.startsWith(`${name}:`))),
  };
};
