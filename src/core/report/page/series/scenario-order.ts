/** Which scenarios a reader should see first. */
import type { Result } from "../../../verdict.ts";
import { changedCells } from "../../summary.ts";

/** Place of a scenario, from 0: the verdict's worst one, then those with a changed cell; all others share the last place. */
export const scenarioRank = (result: Result): ((scenario: string) => number) => {
  const { worstScenario } = result.verdict;
  const told = [
    ...new Set([
      ...(worstScenario === null ? [] : [worstScenario]),
      ...changedCells(result).map(({ scenario }) => scenario),
    ]),
  ];
  const places = new Map(told.map((name, place) => [name, place]));
  return (scenario) => places.get(scenario) ?? told.length;
};
