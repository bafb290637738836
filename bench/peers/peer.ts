import type { Observation } from "../../src/core/observation.ts";
import { isFailure } from "../../src/core/outcome.ts";
import type { Profile } from "../../src/core/profile.ts";

/** Another tool's rule, on the very samples that squall judges. For comparison alone: nothing of the product uses it. */
export interface Peer {
  readonly name: string;
  /** Would this rule fail the pull request? @param baselines newest last; at least one */
  fails(head: Profile, baselines: readonly Profile[]): boolean;
}

export interface ScenarioRows {
  readonly name: string;
  readonly all: readonly Observation[];
  /** Of answered requests, ms. */
  readonly latenciesMs: readonly number[];
  readonly errorRate: number;
}

/** Rows by scenario, kills left out: such rules know nothing of recovery. */
export const rowsByScenario = (profile: Profile): readonly ScenarioRows[] =>
  profile.scenarios
    .filter(({ shape }) => shape !== "kill")
    .map(({ name }) => {
      const all = profile.observations.filter(({ window }) => profile.windows[window]?.scenario === name);
      const answered = all.filter(({ outcome }) => !isFailure(outcome));
      return {
        name,
        all,
        latenciesMs: answered.map(({ latencyMs }) => latencyMs),
        errorRate: all.length === 0 ? 0 : 1 - answered.length / all.length,
      };
    });

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

export const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return values.length < 2
    ? 0
    : values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
};

/** Pairs of scenarios of both sides; of several baseline runs the newest. */
export const againstNewest = (
  head: Profile,
  baselines: readonly Profile[],
  worse: (head: ScenarioRows, base: ScenarioRows) => boolean,
): boolean => {
  const newest = baselines.at(-1);
  if (newest === undefined) return false;
  const base = new Map(rowsByScenario(newest).map((rows) => [rows.name, rows]));
  return rowsByScenario(head).some((rows) => {
    const there = base.get(rows.name);
    return there !== undefined && worse(rows, there);
  });
};
