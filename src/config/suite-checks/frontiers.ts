import { FRONTIER_METRICS } from "../../core/frontier/expectation.ts";
import type { PathPart } from "../problems.ts";
import type { ParsedExperimentHead } from "../suite-schema.ts";
import { at, clash, type Report, type SuiteCheck } from "./check.ts";

type Expected = NonNullable<ParsedExperimentHead["expect"]>;

const KNOWN: ReadonlySet<string> = new Set(FRONTIER_METRICS);

/** Goodput is wanted, everything else is not: asked for the other way round, a harder fault would do better. */
const isUpsideDown = (metric: string, comparator: string): boolean =>
  (metric === "goodput") !== comparator.startsWith(">");

const expectationsFit = (expect: Expected, path: readonly PathPart[], { problem }: Report): void => {
  for (const [metric, comparison] of Object.entries(expect)) {
    if (comparison === undefined) continue;
    if (!KNOWN.has(metric)) {
      problem(
        clash(
          [...path, metric],
          `A frontier is searched by what single requests show, and ${metric} is not`,
          FRONTIER_METRICS.join(", "),
        ),
      );
    } else if (
      "comparator" in comparison &&
      typeof comparison.comparator === "string" &&
      isUpsideDown(metric, comparison.comparator)
    ) {
      problem(
        at([...path, metric], {
          code: "wrong-value",
          found: comparison.comparator,
          message: `A harder fault would meet this sooner, so there is no strongest one`,
          allowed: metric === "goodput" ? ">= or >" : "<= or <",
        }),
      );
    }
  }
};

/** Range and fault make sense, and there is something that must still hold. */
export const frontiersFit: SuiteCheck = ({ experiments }, report) => {
  for (const [index, { head, frontier }] of experiments.entries()) {
    if (frontier === undefined || head === undefined || head.pack !== undefined) continue;
    const path = ["experiments", index];
    if (!frontier.ok)
      for (const problem of frontier.problems)
        report.problem({ ...problem, path: [...path, "frontier", ...problem.path] });
    if (Object.values(head.expect ?? {}).every((each) => each === undefined)) {
      report.problem(
        at([...path, "expect"], {
          code: "missing-key",
          found: "nothing",
          message: "expect is missing: what must still hold at the frontier",
          allowed: FRONTIER_METRICS.join(", "),
          remedy: 'Write for example expect: { errorRate: "<= 5%" }.',
        }),
      );
    } else expectationsFit(head.expect as Expected, [...path, "expect"], report);
  }
};
