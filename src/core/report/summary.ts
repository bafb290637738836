/**
 * What every surface says, before it is laid out: the three answers (may I merge, what broke, can I trust it), which cells
 * changed, and in which order. Plain text; each surface escapes it in its own way.
 */
import type { Provenance, Scenario } from "../profile.ts";
import type { Comparison, Finding, HypothesisResult, Metric, Result } from "../verdict.ts";
import { formatChange, formatCount, formatMs } from "./format.ts";
import { METRIC_WORDS, TELLING_ORDER } from "./words.ts";

/** Scenario name under which the judge pools all faults. */
const POOLED = "all";

export const scenarioLabel = (name: string): string => {
  if (name === POOLED) return "all faults together";
  return name === "control" ? "calm traffic" : name;
};

const isCalm = (scenarios: readonly Scenario[], name: string): boolean =>
  scenarios.find((scenario) => scenario.name === name)?.shape === "control";

const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

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
  const above = `${result.verdict.headline}\n${whatBroke(result)}`;
  return findingsInOrder(result)
    .filter(({ kind }) => kind !== "improvement" || changedCells(result).length === 0)
    .map((finding) => ({ finding, told: finding.title !== "" && above.includes(finding.title) }))
    .filter(({ finding, told }) => !told || furtherDetail(finding).length > 0);
};

/** The scenario's description, where the second line begins with it. */
export const leadOf = (result: Result): string => {
  const broke = whatBroke(result);
  const lead = result.scenarios.find(({ name }) => name === result.verdict.worstScenario)?.description ?? "";
  return broke.startsWith(`${lead}:`) ? lead : "";
};

/** Expectations that do not hold, then those not settled, then the rest. */
export const hypothesesInOrder = (result: Result): readonly HypothesisResult[] => {
  const order = { no: 0, unclear: 1, yes: 2 } as const;
  return [...result.verdict.hypotheses].sort((a, b) => order[a.holds] - order[b.holds]);
};

const faultCount = (result: Result): number =>
  result.scenarios.filter((scenario) => scenario.shape !== "control").length;

const calmSentence = (result: Result): string => {
  const calm = result.verdict.comparisons.filter(
    (comparison) => isCalm(result.scenarios, comparison.scenario) && comparison.method !== "none",
  );
  const judged = calm.filter(({ label }) => label === "ok" || label === "regressed" || label === "improved");
  if (judged.some(({ label }) => label === "regressed")) return "Calm traffic is worse too.";
  if (judged.length === 0) return "Calm traffic: not judged.";
  // Across machines the speed of calm traffic says nothing, its errors do.
  return judged.some(({ unit }) => unit === "ms")
    ? "Calm traffic: no change that matters."
    : "Calm traffic: no change that matters in errors; its speed is not judged.";
};

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const alsoCounted = (count: number): string => (count <= 0 ? "" : ` ${plural(count, "more finding")} below.`);

/** Second line: what broke and how badly; or why nothing did. */
export const whatBroke = (result: Result): string => {
  const { verdict } = result;
  const blocking = verdict.findings.filter((finding) => finding.severity === "block");
  const worst = blocking[0];
  const primary = verdict.comparisons.filter((comparison) => comparison.primary);
  const settled = primary.filter(({ label }) => label === "ok" || label === "improved").length;
  switch (verdict.word) {
    case "regressed": {
      if (worst === undefined) return calmSentence(result);
      return `${sentence(worst.title)}${alsoCounted(blocking.length - 1)} ${calmSentence(result)}`;
    }
    case "pass":
      return `Under ${plural(faultCount(result), "fault")}, ${plural(settled, "comparison")} exclude a change that matters. ${calmSentence(result)}`;
    case "inconclusive":
      return `No regression was seen, but ${formatCount(primary.length - settled)} of ${plural(primary.length, "comparison")} that a pass needs could not rule one out. ${calmSentence(result)}`;
    case "invalid":
      return `This says nothing about the change: the measurement failed, not the service.${worst === undefined ? "" : ` ${sentence(worst.title)}${alsoCounted(blocking.length - 1)}`}`;
    case "no-baseline":
      return `${plural(faultCount(result), "fault")} measured. Expectations written in the suite are checked; changes are not.`;
  }
};

const shortCommit = (commit: string): string =>
  /^[0-9a-f]{12,}$/.test(commit) ? commit.slice(0, 7) : commit;

/** "main@919ad74", or the day where no commit is known. */
export const provenanceLabel = ({ branch, commit, startedAt }: Provenance): string => {
  const at = commit === undefined ? undefined : shortCommit(commit);
  if (branch !== undefined && at !== undefined) return `${branch}@${at}`;
  return at ?? branch ?? startedAt.slice(0, 10);
};

/** Metrics whose visible change tells most, in the order in which they are named. */
const TELLING: readonly Metric[] = ["error-rate", "hit50", "p50", "p95"];

const isPartial = ({ shape }: Scenario): boolean => shape === "attributed" || shape === "ambient";

const hasPartial = ({ scenarios }: Result): boolean => scenarios.some(isPartial);

/**
 * "errors +1.2 points, median latency +9 ms": under the fault where this run saw least. Empty where nothing was judged.
 * Kills and outages allow so much that they would stand for all; they count only where there is nothing else.
 */
export const smallestVisible = (result: Result): string => {
  const judged = result.verdict.comparisons.filter(
    (comparison) =>
      comparison.smallestVisible !== null &&
      Number.isFinite(comparison.smallestVisible) &&
      comparison.label !== "refused" &&
      result.scenarios.some(
        (scenario) =>
          scenario.name === comparison.scenario &&
          (hasPartial(result) ? isPartial(scenario) : scenario.shape !== "control"),
      ),
  );
  const parts = TELLING.flatMap((metric) => {
    const values = judged.filter((comparison) => comparison.metric === metric);
    const least = values.map((comparison) => comparison.smallestVisible ?? 0);
    const unit = values[0]?.unit;
    return unit === undefined ? [] : [`${METRIC_WORDS[metric]} ${formatChange(Math.max(...least), unit)}`];
  });
  return parts.slice(0, 3).join(", ");
};

/** Third line: what was compared with what, and what it could have seen. */
export const trust = (result: Result): string => {
  const head = provenanceLabel(result.head.provenance);
  const size = `${plural(result.head.observations, "request")} in ${formatMs(result.head.measuringMs)}`;
  if (result.baseline === null) return `${head}: ${size}; no baseline to compare with.`;
  const base = `${provenanceLabel(result.baseline.newest)} (${plural(result.baseline.runs, "run")})`;
  const visible = smallestVisible(result);
  const could =
    visible === "" || result.verdict.word === "invalid"
      ? ""
      : ` Smallest change it could have seen under ${hasPartial(result) ? "partial faults" : "every fault"}: ${visible}.`;
  return `Base ${base} against ${head}; ${size}.${could}`;
};

/** How the figures were compared, in a sentence. */
export const methodSentence = (method: Result["method"]): string => {
  switch (method) {
    case "twin":
      return "Base and head replayed the same seeded schedule; each request is compared with its twin.";
    case "stored":
      return "The schedules differ, so distributions are compared; calm traffic is not judged across machines.";
    case "none":
      return "Nothing was compared.";
  }
};
