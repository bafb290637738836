/**
 * Runs of one frame but of other experiments: a name alone does not say that the same was done to the service. What is not
 * the same is taken out of the stored run, as if it had never been measured, so that no check can come upon it.
 */
import type { Profile, Scenario } from "../profile.ts";
import { sameValue } from "../same-value.ts";

const sameScenario = (one: Scenario, other: Scenario): boolean =>
  one.shape === other.shape &&
  one.scale === other.scale &&
  one.strikeMs === other.strikeMs &&
  sameValue(one.trigger ?? null, other.trigger ?? null) &&
  sameValue(one.faults, other.faults);

/** Names of scenarios that both have, with other faults, another shape or another scale. */
export const changedScenarios = (head: Profile, stored: Profile): ReadonlySet<string> => {
  const now = new Map(head.scenarios.map((scenario) => [scenario.name, scenario]));
  return new Set(
    stored.scenarios
      .filter((scenario) => {
        const mine = now.get(scenario.name);
        return mine !== undefined && !sameScenario(mine, scenario);
      })
      .map(({ name }) => name),
  );
};

/** The run without these scenarios. Windows are renumbered; what was measured before the first one (window -1) stays. */
export const withoutScenarios = (profile: Profile, names: ReadonlySet<string>): Profile => {
  if (names.size === 0) return profile;
  const kept = (scenario: string): boolean => !names.has(scenario);
  let next = 0;
  const numbers = profile.windows.map(({ scenario }) => (kept(scenario) ? next++ : null));
  const renumbered = <T extends { readonly window: number }>(items: readonly T[]): readonly T[] =>
    items.flatMap((item) => {
      if (item.window < 0) return [item];
      const window = numbers[item.window] ?? null;
      return window === null ? [] : [{ ...item, window }];
    });
  return {
    ...profile,
    scenarios: profile.scenarios.filter(({ name }) => kept(name)),
    windows: profile.windows.filter(({ scenario }) => kept(scenario)),
    observations: renumbered(profile.observations),
    recoveries: profile.recoveries.filter(({ scenario }) => kept(scenario)),
    edgeCalls: renumbered(profile.edgeCalls),
    health: renumbered(profile.health),
    deaths: renumbered(profile.deaths),
    aborts: renumbered(profile.aborts),
    ...(profile.jobRuns === undefined
      ? {}
      : { jobRuns: profile.jobRuns.filter(({ scenario }) => kept(scenario)) }),
  };
};
