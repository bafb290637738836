/** What failed in a run, by experiment, worst first. */
import type { Finding, Result } from "../../verdict.ts";
import { at, heading, type Statement } from "./statement.ts";

export interface FailedFinding {
  readonly finding: Finding;
  /** Where it stands in result.json. */
  readonly place: string;
}

export interface FailedExperiment {
  /** Null: all faults together. */
  readonly name: string | null;
  readonly description: string;
  /** Its description, as the head of what is said of it. */
  readonly head: Statement;
  /** Never empty. */
  readonly findings: readonly FailedFinding[];
}

const describe = (result: Result, name: string | null): Pick<FailedExperiment, "description" | "head"> => {
  const scenario = result.scenarios.findIndex((each) => each.name === name);
  const frontier = (result.frontiers ?? []).findIndex((each) => each.name === name);
  const known = result.scenarios[scenario]?.description ?? result.frontiers?.[frontier]?.description;
  const description = known ?? name ?? "all faults together";
  const first = result.verdict.findings.findIndex((each) => each.scenario === name);
  const source =
    known === undefined
      ? at("verdict", "findings", first, "scenario")
      : scenario >= 0
        ? at("scenarios", scenario, "description")
        : at("frontiers", frontier, "description");
  return { description, head: heading(description, source) };
};

/** Experiments of findings that block, of the service and not of its gate; empty where the service did not fail. */
export const failedExperiments = (result: Result): readonly FailedExperiment[] => {
  // A run that did not measure what it set out to measure blames nobody.
  if (result.verdict.word !== "regressed") return [];
  const failed = result.verdict.findings
    .map((finding, index): FailedFinding => ({ finding, place: at("verdict", "findings", index) }))
    .filter(
      ({ finding }) =>
        finding.severity === "block" && finding.class !== "gate" && finding.kind !== "weakened-gate",
    );
  return [...Map.groupBy(failed, ({ finding }) => finding.scenario)].map(([name, findings]) => ({
    name,
    ...describe(result, name),
    findings,
  }));
};
