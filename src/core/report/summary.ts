/**
 * What every surface says, before it is laid out: the three answers (may I merge, what broke, can I trust it), which cells
 * changed, and in which order. Plain text; each surface escapes it in its own way.
 */
import type { Scenario } from "../profile.ts";
import type { Comparison, Finding, HypothesisResult, Result } from "../verdict.ts";
import { coverageOf } from "./coverage.ts";
import { formatCount, formatCounted } from "./format.ts";
import { plainText } from "./plain-text.ts";
import { shortCommit } from "./trust.ts";
import { MERGE_BLOCKED, TELLING_ORDER, VERDICT_WORDS } from "./words.ts";

/** Scenario name under which the judge pools all faults. */
const POOLED = "all";

/** @param ofJob a training job has no traffic */
export const scenarioLabel = (name: string, ofJob = false): string => {
  if (name === POOLED) return "all faults together";
  if (name !== "control") return name;
  return ofJob ? "calm runs" : "calm traffic";
};

/** Was a training job measured? Then there are runs, and no requests. */
export const isOfJob = ({ jobs }: Pick<Result, "jobs">): boolean => jobs !== undefined;

const isCalm = (scenarios: readonly Scenario[], name: string): boolean =>
  scenarios.find((scenario) => scenario.name === name)?.shape === "control";

/** How many times its allowance a change is; for order only. */
const excess = ({ change, margin }: Comparison): number =>
  change === null ? 0 : Math.abs(change) / Math.max(Math.abs(margin ?? 0), 1e-9);

/** Comparisons by weight: worse, then (primary ones) unsettled, then better, then the rest. */
const weight = ({ label, primary }: Comparison): number => {
  switch (label) {
    case "regressed":
      return 0;
    case "unbounded":
      return primary ? 1 : 5;
    case "refused":
      return primary ? 2 : 6;
    case "improved":
      return 3;
    case "ok":
      return 4;
    case "advisory":
      return 7;
  }
};

/** As the findings stand: the worst scenario first, in it the most telling metric. */
export const worstFirst = ({ verdict }: Result): readonly Comparison[] => {
  const elsewhere = ({ scenario }: Comparison): number => (scenario === verdict.worstScenario ? 0 : 1);
  const rank = ({ metric }: Comparison): number => TELLING_ORDER.indexOf(metric);
  return [...verdict.comparisons].sort(
    (a, b) =>
      weight(a) - weight(b) ||
      elsewhere(a) - elsewhere(b) ||
      rank(a) - rank(b) ||
      excess(b) - excess(a) ||
      (a.scenario < b.scenario ? -1 : 1),
  );
};

/** Cells a reader should see without unfolding: what changed and, where that decides, what is not settled. */
export const changedCells = (result: Result): readonly Comparison[] =>
  worstFirst(result).filter((comparison) => {
    // Figures of a failed measurement are no changes.
    if (result.verdict.word === "invalid") return false;
    if (comparison.label === "regressed" || comparison.label === "improved") return true;
    const open = comparison.label === "unbounded" || comparison.label === "refused";
    return open && comparison.primary && result.verdict.word === "inconclusive";
  });

const SEVERITIES = ["block", "warn", "note"] as const satisfies readonly Finding["severity"][];

/** Findings, those that block first; the judge's order within. */
export const findingsInOrder = (result: Result): readonly Finding[] =>
  SEVERITIES.flatMap((severity) =>
    result.verdict.findings.filter((finding) => finding.severity === severity),
  );

/** Lines of a finding that the table of changed cells does not already hold. */
export const furtherDetail = (finding: Finding): readonly string[] =>
  finding.detail.filter((line) => finding.kind !== "regression" || !line.startsWith("Also "));

/** A finding, and whether the first lines have already told its title. */
export interface FurtherFinding {
  readonly finding: Finding;
  readonly told: boolean;
}

/** Findings with something left to say below the first lines and beside the table. */
export const furtherFindings = (result: Result): readonly FurtherFinding[] => {
  const above = `${headlineOf(result)}\n${whatBroke(result)}`;
  return findingsInOrder(result)
    .filter(({ kind }) => kind !== "improvement" || changedCells(result).length === 0)
    .map((finding) => ({ finding, told: finding.title !== "" && above.includes(finding.title) }))
    .filter(({ finding, told }) => !told || furtherDetail(finding).length > 0);
};

/** The scenario's description, where the second line begins with it. */
export const leadOf = (result: Result): string => {
  const broke = whatBroke(result);
  const named = [...result.scenarios, ...(result.frontiers ?? [])];
  const lead = named.find(({ name }) => name === result.verdict.worstScenario)?.description ?? "";
  return broke.startsWith(`${lead}:`) ? lead : "";
};

/** Expectations that do not hold, then those not settled, then the rest. */
export const hypothesesInOrder = (result: Result): readonly HypothesisResult[] => {
  const order = { no: 0, unclear: 1, yes: 2 } as const;
  return [...result.verdict.hypotheses].sort((a, b) => order[a.holds] - order[b.holds]);
};

const faultCount = (result: Result): number =>
  result.scenarios.filter((scenario) => scenario.shape !== "control").length;

/** Of these the ones that the baseline has too. */
const comparedFaultCount = (result: Result): number =>
  faultCount(result) - coverageOf(result).added.filter((name) => !isCalm(result.scenarios, name)).length;

const underWhat = (result: Result): string => {
  const faults = comparedFaultCount(result);
  return faults === 0
    ? `In ${scenarioLabel("control", isOfJob(result))}`
    : `Under ${formatCounted(faults, "fault")}`;
};

const frontiersSearched = ({ frontiers = [] }: Result): string =>
  frontiers.length === 0 ? "" : `, ${formatCounted(frontiers.length, "frontier")} searched`;

const calmSentence = (result: Result): string => {
  const calm = result.verdict.comparisons.filter(
    (comparison) => isCalm(result.scenarios, comparison.scenario) && comparison.method !== "none",
  );
  const judged = calm.filter(({ label }) => label === "ok" || label === "regressed" || label === "improved");
  if (isOfJob(result)) {
    if (judged.length === 0) return "Calm runs: not judged.";
    return judged.some(({ label }) => label === "regressed")
      ? "Calm runs are worse too."
      : "Calm runs: no change that matters.";
  }
  if (judged.some(({ label }) => label === "regressed")) return "Calm traffic is worse too.";
  if (judged.length === 0) return "Calm traffic: not judged.";
  // Across machines the speed of calm traffic says nothing, its errors do.
  return judged.some(({ unit }) => unit === "ms")
    ? "Calm traffic: no change that matters."
    : "Calm traffic: no change that matters in errors; its speed is not judged.";
};

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const alsoCounted = (count: number): string =>
  count <= 0 ? "" : ` ${formatCounted(count, "more finding")} below.`;

/** Findings that say how the change makes its own gate easier to pass. */
export const weakenedOf = ({ verdict }: Result): readonly Finding[] =>
  verdict.findings.filter(({ kind }) => kind === "weakened-gate");

const weakenedSentence = (result: Result): string => {
  const { length } = weakenedOf(result);
  return length === 0 ? "" : ` This change weakens its own gate: ${formatCounted(length, "finding")} below.`;
};

const unsettledSentence = ({ verdict }: Result, open: number, primary: number): string => {
  const stale = verdict.findings.some(({ kind }) => kind === "stale-baseline");
  if (stale && open === 0)
    return "No regression was seen, but against a baseline that is too old to decide by.";
  return `No regression was seen, but ${formatCount(open)} of ${formatCounted(primary, "comparison")} that a pass needs could not rule one out.`;
};

/** Second line: what broke and how badly; or why nothing did. */
export const whatBroke = (result: Result): string => {
  const { verdict } = result;
  const blocking = verdict.findings.filter(
    ({ severity, kind }) => severity === "block" && kind !== "weakened-gate",
  );
  const worst = blocking[0];
  const primary = verdict.comparisons.filter((comparison) => comparison.primary);
  const settled = primary.filter(({ label }) => label === "ok" || label === "improved").length;
  const told = (): string => {
    switch (verdict.word) {
      case "regressed": {
        if (worst === undefined) return calmSentence(result);
        return `${sentence(worst.title)}${alsoCounted(blocking.length - 1)} ${calmSentence(result)}`;
      }
      case "pass":
        return `${underWhat(result)}, ${formatCounted(settled, "comparison")} exclude a change that matters. ${calmSentence(result)}`;
      case "inconclusive":
        return `${unsettledSentence(result, primary.length - settled, primary.length)} ${calmSentence(result)}`;
      case "invalid":
        return `This says nothing about the change: the measurement failed, not the ${isOfJob(result) ? "job" : "service"}.${worst === undefined ? "" : ` ${sentence(worst.title)}${alsoCounted(blocking.length - 1)}`}`;
      case "no-baseline":
        return `${formatCounted(faultCount(result), "fault")} measured${frontiersSearched(result)}. Expectations written in the suite are checked; changes are not.`;
    }
  };
  return `${told()}${weakenedSentence(result)}`;
};

/** The judge's headline without its own word on the merge. */
const withoutConclusion = (headline: string): string =>
  headline.endsWith(MERGE_BLOCKED) ? headline.slice(0, -MERGE_BLOCKED.length) : headline;

/** What the conclusion adds to a headline. */
const conclusionOf = ({ verdict, gate }: Result): string => {
  if (gate === undefined) return "";
  const { acceptance, conclusion } = gate;
  const regressed = verdict.word === "regressed";
  if (conclusion.outcome === "failure") {
    if (verdict.word === "pass") return `, but the gate was weakened${MERGE_BLOCKED}`;
    return regressed ? MERGE_BLOCKED : "; merge blocked";
  }
  if (acceptance !== null) {
    const forWhat = acceptance.until === "commit" ? shortCommit(acceptance.headSha) : "this pull request";
    const what = regressed ? ": accepted" : "; its weaker gate is accepted";
    return `${what} by @${plainText(acceptance.by, 60)} for ${forWhat}`;
  }
  if (regressed) return ": allowed by the workflow's fail-on";
  return verdict.word === "invalid" ? "; allowed by the workflow's fail-on" : "";
};

/**
 * May I merge: the judge's words, then what the gate made of them. Every surface's first line. Plain text: a surface that
 * would make a mention of "@alice" has to escape it.
 */
export const headlineOf = (result: Result): string => {
  const { gate, verdict } = result;
  if (gate === undefined) return verdict.headline;
  return `${withoutConclusion(verdict.headline)}${conclusionOf(result)}`;
};

/** Beside the headline: a verdict's own icon, unless the conclusion goes another way. */
export const headlineIcon = ({ verdict, gate }: Result): string => {
  const { icon } = VERDICT_WORDS[verdict.word];
  if (gate === undefined) return icon;
  const failed = gate.conclusion.outcome === "failure";
  if (verdict.word === "pass" && failed) return VERDICT_WORDS.regressed.icon;
  if (verdict.word === "regressed" && !failed) return gate.acceptance === null ? "⚠️" : "☑️";
  return icon;
};
