/** Comparisons, hypotheses and validity to one word (METHOD 7). */
import { MERGE_BLOCKED } from "../report/words.ts";
import type { Comparison, Finding, HypothesisResult, Verdict, VerdictWord } from "../verdict.ts";
import { frontiersOf } from "./checks/frontier.ts";
import type { IncomparableKind } from "./comparable.ts";
import { isEvaluable } from "./comparison.ts";
import type { JudgeContext } from "./context.ts";
import { faultScenarios, inBaseline, isJob } from "./context.ts";
import { deathFindings } from "./died.ts";
import {
  comparabilityFindings,
  hypothesisFindings,
  improvementFindings,
  regressionFindings,
  widestFinding,
  widestSentence,
} from "./findings.ts";
import { healthLiesFindings } from "./health-lies.ts";
import { byPriority, withPriority } from "./priorities.ts";
import { settlingFindings } from "./settling.ts";
import { observabilityFindings } from "./unnoticed.ts";
import type { Validity } from "./validity.ts";

/** Excluded from what a pass needs: the baseline itself lies past the deadline there, so its error rate decides. */
const excused = (comparison: Comparison): boolean =>
  comparison.refused === "censored" ||
  comparison.refused === "advisory" ||
  comparison.refused === "no-baseline" ||
  comparison.label === "advisory";

const settled = (comparison: Comparison): boolean =>
  comparison.label === "ok" || comparison.label === "improved";

/** Does it stand in no pass's way? */
export const isSettled = (comparison: Comparison): boolean => settled(comparison) || excused(comparison);

/** Upper bound over what would still be bounded: 1 and more is too wide. A refused one is wider than any. */
const width = (comparison: Comparison): number => {
  if (!isEvaluable(comparison)) return Number.POSITIVE_INFINITY;
  const { upper, ceiling } = comparison.details;
  if (upper !== undefined && ceiling !== undefined && ceiling > 0) return upper / ceiling;
  const margin = comparison.margin ?? 0;
  return comparison.interval === null ? Number.MAX_VALUE : comparison.interval[1] / Math.max(margin, 1e-9);
};

/** The primary comparison that stands furthest from being bounded; null where all are. */
export const widestOf = (comparisons: readonly Comparison[]): Comparison | null =>
  comparisons
    .filter((comparison) => comparison.primary && !isSettled(comparison))
    .reduce<Comparison | null>(
      (widest, each) => (widest === null || width(each) > width(widest) ? each : widest),
      null,
    );

interface Decision {
  readonly word: VerdictWord;
  readonly headline: string;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const regressedHeadline = (context: JudgeContext, blocking: readonly Finding[]): string => {
  const faults = faultScenarios(context);
  const struck = new Set(blocking.map((finding) => finding.scenario));
  const count = faults.filter((scenario) => struck.has(scenario.name)).length;
  const frontiers = frontiersOf(context);
  const lost = frontiers.filter(({ name }) => struck.has(name)).length;
  const worse = blocking.some(
    ({ kind }) => kind === "regression" || kind === "death" || kind === "not-settled",
  );
  const start = worse ? "Less resilient" : "Expectation broken";
  const where =
    count > 0
      ? `under ${count} of ${plural(faults.length, "fault")}`
      : lost > 0
        ? `on ${lost} of ${plural(frontiers.length, "frontier")}`
        : struck.has(null)
          ? "over all faults together"
          : isJob(context)
            ? "in calm runs"
            : "in calm traffic";
  return `${start} ${where}${MERGE_BLOCKED}`;
};

/** "3 faults measured, 1 frontier searched". */
const measuredWords = (faults: number, frontiers: number): string =>
  [
    ...(faults > 0 || frontiers === 0 ? [`${plural(faults, "fault")} measured`] : []),
    ...(frontiers > 0 ? [`${plural(frontiers, "frontier")} searched`] : []),
  ].join(", ");

/** Why there is nothing to compare with; the newest run's reason where there are several. */
const uncompared = (context: JudgeContext, faults: number): Decision => {
  const { incomparable } = context;
  const measured = measuredWords(faults, frontiersOf(context).length);
  const mismatch = incomparable.at(-1);
  switch (mismatch?.kind) {
    case undefined:
      return {
        word: "no-baseline",
        headline: `No baseline yet: ${measured}, nothing to compare with`,
      };
    case "changed-suite":
      return { word: "no-baseline", headline: `No comparable baseline: ${mismatch.reason}` };
    case "another-suite":
    case "another-place":
      return {
        word: "invalid",
        headline: `Not compared: the baseline does not fit this run (${mismatch.reason})`,
      };
  }
};

const passedUnder = (faults: number, compared: number): string => {
  if (faults === 0) return "what is searched of faults";
  if (compared === faults) return faults === 1 ? "the fault" : `all ${faults} faults`;
  return `${compared === 1 ? "the one fault" : `all ${compared} faults`} that it has too (${faults - compared} new or changed, not compared)`;
};

const decision = (
  context: JudgeContext,
  validity: Validity,
  blocking: readonly Finding[],
  comparisons: readonly Comparison[],
  widest: Comparison | null,
): Decision => {
  const faults = faultScenarios(context);
  const lost = validity.invalid[0];
  if (lost !== undefined) {
    const more = validity.invalid.length > 1 ? ` (and ${validity.invalid.length - 1} more)` : "";
    return { word: "invalid", headline: `Not measured: ${lost}${more}` };
  }
  if (blocking.length > 0) return { word: "regressed", headline: regressedHeadline(context, blocking) };
  if (context.baseline === null) return uncompared(context, faults.length);
  const compared = faults.filter(({ name }) => inBaseline(context, name)).length;
  if (faults.length > 0 && compared === 0) {
    return {
      word: "no-baseline",
      headline: "No comparable baseline: every fault is new, or has changed since it was measured",
    };
  }
  if (widest !== null)
    return { word: "inconclusive", headline: `Not settled: ${widestSentence(context, widest)}` };
  if (!comparisons.some((comparison) => comparison.primary && settled(comparison))) {
    return { word: "inconclusive", headline: "Not settled: nothing could be compared with the baseline" };
  }
  return {
    word: "pass",
    headline: `As resilient as the baseline under ${passedUnder(faults.length, compared)}`,
  };
};

const REMEDIES: Readonly<Record<IncomparableKind, string>> = {
  "another-suite": "Record a new baseline on the default branch: `squall baseline`.",
  "another-place": "Record a new baseline on the default branch: `squall baseline`.",
  "changed-suite":
    "Once the change is merged, the next baseline measured on the default branch is of the suite as it is now.",
};

/** Severe where they leave nothing to compare with, as the verdict's word then says. */
const incomparableSeverity = (context: JudgeContext): Finding["severity"] => {
  if (context.baseline !== null) return "note";
  return context.incomparable.at(-1)?.kind === "changed-suite" ? "warn" : "block";
};

const incomparableFindings = (context: JudgeContext): readonly Finding[] =>
  [...new Map(context.incomparable.map(({ reason, kind }) => [reason, kind]))].map(([reason, kind]) => ({
    kind: "machine",
    severity: incomparableSeverity(context),
    scenario: null,
    metric: null,
    edge: null,
    title: `${plural(context.incomparable.filter((run) => run.reason === reason).length, "baseline run")} left out: ${reason}`,
    detail: context.baseline === null || kind !== "changed-suite" ? [REMEDIES[kind]] : [],
  }));

const ORDER: Readonly<Record<Finding["severity"], number>> = { block: 0, warn: 1, note: 2 };

export const decide = (
  context: JudgeContext,
  comparisons: readonly Comparison[],
  hypotheses: readonly HypothesisResult[],
  validity: Validity,
): Verdict => {
  // A run that did not measure what it set out to measure blames nobody: what it saw is a warning.
  const severity = validity.invalid.length > 0 ? "warn" : "block";
  const regressions = regressionFindings(context, comparisons, severity);
  const broken = hypothesisFindings(context, hypotheses, severity);
  const unsettled = settlingFindings(context, severity);
  const died = deathFindings(context);
  const facts = { scenarios: context.scenarios, comparisons, hypotheses };
  const told = byPriority(facts, [...died, ...regressions, ...unsettled, ...broken]);
  const blocking = told.filter((finding) => finding.severity === "block");
  const widest = widestOf(comparisons);
  const { word, headline } = decision(context, validity, blocking, comparisons, widest);
  const findings = [
    ...validity.findings,
    ...incomparableFindings(context),
    ...told,
    ...(word === "inconclusive" && widest !== null ? [widestFinding(context, widest)] : []),
    ...comparabilityFindings(context),
    ...observabilityFindings(context, healthLiesFindings(context, comparisons)),
    ...improvementFindings(context, comparisons),
  ]
    .sort((a, b) => ORDER[a.severity] - ORDER[b.severity])
    .map((finding) => withPriority(facts, finding));
  const worst =
    word === "regressed"
      ? blocking.find((finding) => finding.scenario !== null)
      : findings.find((finding) => finding.severity === "block");
  return {
    word,
    headline,
    findings,
    comparisons,
    hypotheses,
    worstScenario: worst?.scenario ?? (word === "inconclusive" ? (widest?.scenario ?? null) : null),
    widest,
  };
};
