/** Client latency under each scenario, base against head, the scenarios that matter most first. */
import { rowsOf, type ScoredRow } from "../../../judge/context.ts";
import type { Scenario } from "../../../profile.ts";
import type { PageInput } from "../input.ts";
import { comparedRuns } from "./compared-runs.ts";
import { type Ecdf, ecdfOf } from "./ecdf.ts";
import { scenarioRank } from "./scenario-order.ts";

/** One scenario's scored latencies, ms; +Infinity: failed. */
export interface ScenarioLatencies {
  readonly scenario: Scenario;
  readonly head: Float64Array;
  /** Pooled over the base's runs. */
  readonly base: Float64Array;
}

export interface Distribution {
  readonly scenario: Scenario;
  /** Null: no request counted. */
  readonly head: Ecdf | null;
  readonly base: Ecdf | null;
}

/** The worst scenario, then those with a changed cell, then the other faults in their order, calm last. */
export const scenariosInOrder = (
  { result }: Pick<PageInput, "result">,
  scenarios: readonly Scenario[],
): readonly Scenario[] => {
  const rankOf = scenarioRank(result);
  const last = rankOf("");
  const rank = ({ name, shape }: Scenario): number =>
    rankOf(name) + (shape === "control" && rankOf(name) === last ? 1 : 0);
  return scenarios.toSorted((a, b) => rank(a) - rank(b));
};

const latencies = (rows: readonly ScoredRow[]): Float64Array =>
  Float64Array.from(rows, ({ latencyMs }) => latencyMs);

/** What was measured on either side, in the order in which it is shown. */
export const scenarioLatencies = (input: PageInput): readonly ScenarioLatencies[] => {
  const runs = comparedRuns(input);
  if (runs === null) return [];
  const { head, base } = runs;
  return scenariosInOrder(input, head.profile.scenarios)
    .map((scenario) => ({
      scenario,
      head: latencies(head.samples.get(scenario.name)?.rows ?? []),
      base: latencies(rowsOf(base, scenario.name)),
    }))
    .filter((each) => each.head.length + each.base.length > 0);
};

/** @param mostPoints of each curve */
export const distributionOf = (
  { scenario, head, base }: ScenarioLatencies,
  mostPoints: number,
): Distribution => ({
  scenario,
  head: ecdfOf(head, mostPoints),
  base: ecdfOf(base, mostPoints),
});
