/** Paths that said the service could work while most of its requests failed: told of the head alone, baseline or not. */
import type { Scenario } from "../profile.ts";
import type { Comparison, Finding, MeasuredPath } from "../verdict.ts";
import { headRun, type JudgeContext, rowsOfRun } from "./context.ts";
import { measuredPaths } from "./measured.ts";
import { isByClock } from "./twins/share.ts";

const FEWEST_LOOKS = 4;
const MOSTLY_FALSE = 0.5;

const lies = ({ looks, falselyOk }: MeasuredPath): boolean =>
  looks >= FEWEST_LOOKS && falselyOk / looks >= MOSTLY_FALSE;

/** Where a ready path is named, it is the one that decides on traffic: a health path may then mean "alive" alone. */
const decidingPath = (paths: readonly MeasuredPath[]): MeasuredPath | undefined =>
  paths.find(({ path }) => path === "ready") ?? paths.find(({ path }) => path === "health");

/**
 * A note for each outage or kill through which the path lied; a path that lies where the baseline's did not is a
 * regression of its own, and not told twice.
 */
export const healthLiesFindings = (
  context: JudgeContext,
  comparisons: readonly Comparison[],
): readonly Finding[] => {
  const run = headRun(context);
  const finding = (scenario: Scenario): readonly Finding[] => {
    const deciding = decidingPath(measuredPaths(run, scenario, rowsOfRun(run, scenario.name)));
    if (deciding === undefined || !lies(deciding)) return [];
    const metric = deciding.path === "ready" ? "ready-truth" : "health-truth";
    const told = comparisons.some(
      (each) => each.scenario === scenario.name && each.metric === metric && each.label === "regressed",
    );
    if (told) return [];
    return [
      {
        kind: "health-lies",
        severity: "note",
        scenario: scenario.name,
        metric,
        edge: scenario.faults[0]?.on ?? null,
        title: `${scenario.description}: the ${deciding.path} path said 2xx in ${deciding.falselyOk} of ${deciding.looks} looks while most requests failed`,
        detail: ["A balancer that believes it goes on sending traffic into the outage."],
      },
    ];
  };
  return context.scenarios.filter(isByClock).flatMap(finding);
};
