/** What looks would have made of a run that was simulated whole (`run/run-stretches.ts` does it while it measures). */
import type { JudgeInput } from "../../src/core/judge/judge.ts";
import { lookAt } from "../../src/core/judge/looks.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { Plan, PlannedWindow } from "../../src/run/plan/plan.ts";
import { LOOKS } from "../../src/run/plan/timetable.ts";

/** The run with only some of its windows, numbered anew. */
const withWindows = (profile: Profile, plan: Plan, keep: (window: PlannedWindow) => boolean): Profile => {
  const kept = plan.windows.filter(keep).map(({ index }) => index);
  const places = new Map(kept.map((index, place) => [index, place]));
  const placed = <T extends { readonly window: number }>(items: readonly T[]): T[] =>
    items.flatMap((item) => {
      const window = places.get(item.window);
      return window === undefined ? [] : [{ ...item, window }];
    });
  const windows = kept.flatMap((index) => profile.windows[index] ?? []);
  return {
    ...profile,
    windows,
    observations: placed(profile.observations),
    edgeCalls: placed(profile.edgeCalls),
    health: placed(profile.health),
    measuringMs: windows.reduce((sum, { durationMs }) => sum + durationMs, 0),
  };
};

/** @returns what was measured until it was settled */
export const endedEarly = (input: JudgeInput, plan: Plan): Profile => {
  let settled: ReadonlySet<string> = new Set();
  const left = new Map<number, ReadonlySet<string>>();
  for (let look = 0; look < LOOKS; look++) {
    left.set(look, settled);
    const until = (window: PlannedWindow): boolean =>
      window.look <= look && left.get(window.look)?.has(window.scenario) !== true;
    const answer =
      look === LOOKS - 1
        ? { stop: true, settled }
        : lookAt({ ...input, head: withWindows(input.head, plan, until) }, look);
    if (answer.stop) return withWindows(input.head, plan, (window) => window.look === LOOKS || until(window));
    settled = answer.settled;
  }
  return input.head;
};
