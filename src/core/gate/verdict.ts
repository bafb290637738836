import type { Finding, Verdict } from "../verdict.ts";
import type { BaselineChoice } from "./gate-record.ts";

const staleFinding = (stale: string, { word }: Verdict): Finding => ({
  kind: "stale-baseline",
  // A regression against an old baseline is one all the same: the age is worth knowing, no more.
  severity: word === "regressed" ? "note" : "warn",
  scenario: null,
  metric: null,
  edge: null,
  title: `The baseline is too old: ${stale}`,
  detail: [
    "What happened since on the default branch is not in it, so this change may be blamed or praised for that.",
    "Measure the default branch again: run the workflow with mode: baseline there, or `squall baseline`.",
    "If runs this old are fine, raise gate.maxBaselineAge or gate.maxBaselineCommits in the suite on the default branch.",
  ],
});

const ORDER: Readonly<Record<Finding["severity"], number>> = { block: 0, warn: 1, note: 2 };

/**
 * A verdict as a gate gives it. Weakened gates are findings of it, and a pass against a baseline that is too old is none.
 * Weakening alone never changes the word: whether it fails is for `conclude` to say.
 */
export const gateVerdict = (
  verdict: Verdict,
  { choice, weakened }: { readonly choice: BaselineChoice | null; readonly weakened: readonly Finding[] },
): Verdict => {
  const stale = choice?.stale ?? null;
  const added = [...weakened, ...(stale === null ? [] : [staleFinding(stale, verdict)])];
  if (added.length === 0) return verdict;
  const unsettled: Pick<Verdict, "word" | "headline"> | null =
    verdict.word === "pass" && stale !== null
      ? { word: "inconclusive", headline: `Not settled: the baseline is too old (${stale})` }
      : null;
  return {
    ...verdict,
    ...unsettled,
    findings: [...verdict.findings, ...added.map((finding): Finding => ({ ...finding, class: "gate" }))].sort(
      (a, b) => ORDER[a.severity] - ORDER[b.severity],
    ),
  };
};
