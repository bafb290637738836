/** Faults that the verdict says nothing about, by name: nobody should take them for judged. */
import type { Finding, Result } from "../verdict.ts";
import { formatCount } from "./format.ts";
import { plainText } from "./plain-text.ts";

/** Names of faults that were not compared. */
export interface Coverage {
  /** The baseline does not have them, or had them otherwise. */
  readonly added: readonly string[];
  /** The baseline has them, this run does not. */
  readonly removed: readonly string[];
  /** Both have them, and nothing of them could be judged. */
  readonly untested: readonly string[];
}

export const coverageOf = (result: Result): Coverage => {
  const { verdict } = result;
  const named = (kind: Finding["kind"]): readonly string[] => [
    ...new Set(
      verdict.findings.flatMap((finding) => (finding.kind === kind ? (finding.scenario ?? []) : [])),
    ),
  ];
  const added = named("new-scenario");
  const judged = new Set([
    ...verdict.comparisons
      .filter(({ label }) => label !== "refused" && label !== "advisory")
      .map(({ scenario }) => scenario),
    ...verdict.hypotheses.filter(({ holds }) => holds !== "unclear").map(({ scenario }) => scenario),
  ]);
  const compared = verdict.word !== "invalid" && verdict.word !== "no-baseline";
  const untested = result.scenarios.filter(
    ({ name, shape }) => shape !== "control" && !judged.has(name) && !added.includes(name),
  );
  return {
    added,
    removed: named("missing-scenario"),
    untested: compared ? untested.map(({ name }) => name) : [],
  };
};

/** "New or changed since the baseline, not compared: a, b." and the like; at most `most` names each. */
export const coverageSentences = (result: Result, most = 20): readonly string[] => {
  const { added, removed, untested } = coverageOf(result);
  const line = (what: string, names: readonly string[]): readonly string[] => {
    if (names.length === 0) return [];
    const more = names.length > most ? ` and ${formatCount(names.length - most)} more` : "";
    return [
      `${what}: ${names
        .slice(0, most)
        .map((name) => plainText(name, 80))
        .join(", ")}${more}.`,
    ];
  };
  return [
    ...line("New or changed since the baseline, so not compared", added),
    ...line("In the baseline, but not measured any more", removed),
    ...line("Measured, but nothing of them could be judged", untested),
  ];
};
