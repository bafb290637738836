/**
 * What a measurement in pairs says of what the stored baseline called regressed or inconclusive. Stored runs come from another
 * machine and another day; pairs share both, so they decide wherever they measured the same.
 */
import { MERGE_BLOCKED } from "../report/words.ts";
import type { Comparison, Confirmation, Finding, Verdict } from "../verdict.ts";
import { ALL_SCENARIOS } from "./checks/errors.ts";
import { isSettled, widestOf } from "./decide.ts";

/** Kinds of findings that a comparison with the baseline makes: these a pair can overrule. */
const COMPARED: ReadonlySet<Finding["kind"]> = new Set<Finding["kind"]>([
  "regression",
  "widest",
  "improvement",
]);

/**
 * Experiments worth measuring in pairs: those that regressed, or that stand in a pass's way. Null: all of them.
 * Empty: there is nothing to confirm. An expectation of the suite's own needs no comparison.
 */
export const toConfirm = ({ word, findings, comparisons }: Verdict): readonly string[] | null => {
  // Without a baseline pairs are all there is to compare.
  if (word === "no-baseline") return null;
  if (word !== "regressed" && word !== "inconclusive") return [];
  const suspects =
    word === "regressed"
      ? findings.filter(({ kind }) => kind === "regression").map(({ scenario }) => scenario)
      : comparisons
          .filter((comparison) => comparison.primary && !isSettled(comparison))
          .map(({ scenario }) => (scenario === ALL_SCENARIOS ? null : scenario));
  const named = suspects.filter((name) => name !== null && name !== "control");
  // What all faults show together, or calm traffic alone, is nowhere in particular.
  return named.length < suspects.length ? null : [...new Set(named as string[])];
};

/** The stored verdict's own comparisons, but for scenarios that were measured in pairs. */
const merged = (
  stored: readonly Comparison[],
  paired: readonly Comparison[],
  whole: boolean,
): readonly Comparison[] => {
  const measured = new Set(paired.map(({ scenario }) => scenario));
  // All faults together, of some faults only, is another thing.
  if (!whole) measured.delete(ALL_SCENARIOS);
  const kept = stored.filter(({ scenario }) => !measured.has(scenario));
  const added = whole ? paired : paired.filter(({ scenario }) => scenario !== ALL_SCENARIOS);
  return [...kept, ...added];
};

export interface Confirmed {
  readonly verdict: Verdict;
  readonly confirmation: Confirmation;
}

const recordOf = (
  stored: Verdict,
  paired: Verdict,
  scenarios: readonly string[],
  outcome: Confirmation["outcome"],
): Confirmation => ({
  outcome,
  scenarios,
  stored: { word: stored.word, headline: stored.headline },
  paired: { word: paired.word, headline: paired.headline },
});

const CLEARED = "Cleared side by side with the base: no change that matters";

/**
 * @param measured experiments that the pair measured
 * @param whole whether these are all of the suite's
 */
export const confirm = (
  stored: Verdict,
  paired: Verdict,
  measured: readonly string[],
  whole: boolean,
): Confirmed => {
  const record = (outcome: Confirmation["outcome"]): Confirmation =>
    recordOf(stored, paired, measured, outcome);
  // A pair that could not be measured says nothing.
  if (paired.word === "invalid" || paired.word === "no-baseline")
    return { verdict: stored, confirmation: record("unsettled") };
  const inPair = new Set<string | null>([...measured, "control", ...(whole ? [null] : [])]);
  const findings = [
    ...paired.findings.filter(({ kind }) => COMPARED.has(kind)),
    ...stored.findings.filter(({ kind, scenario }) => !COMPARED.has(kind) || !inPair.has(scenario)),
  ];
  const comparisons = merged(stored.comparisons, paired.comparisons, whole);
  const worse = findings.filter(({ severity }) => severity === "block");
  const widest = widestOf(comparisons);
  const base = { ...stored, findings, comparisons, widest };
  if (paired.word === "regressed" && paired.findings.some(({ kind }) => kind === "regression")) {
    const worst = paired.worstScenario ?? stored.worstScenario;
    const verdict: Verdict = { ...base, word: "regressed", headline: paired.headline, worstScenario: worst };
    return { verdict, confirmation: record("confirmed") };
  }
  if (worse.length > 0) {
    // An expectation of the suite's own, or something that was not measured in pairs.
    const worst = worse.find(({ scenario }) => scenario !== null)?.scenario ?? null;
    const headline = stored.word === "regressed" ? stored.headline : `Expectation broken${MERGE_BLOCKED}`;
    return {
      verdict: { ...base, word: "regressed", headline, worstScenario: worst },
      confirmation: record(paired.word === "pass" ? "cleared" : "unsettled"),
    };
  }
  if (widest === null)
    return {
      verdict: { ...base, word: "pass", headline: CLEARED, worstScenario: null },
      confirmation: record("cleared"),
    };
  return {
    verdict: {
      ...base,
      word: "inconclusive",
      headline: paired.word === "inconclusive" ? paired.headline : stored.headline,
      worstScenario: widest.scenario === ALL_SCENARIOS ? null : widest.scenario,
    },
    confirmation: record("unsettled"),
  };
};
