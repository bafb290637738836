/**
 * What kind of harm a finding tells of, how much of it a user meets, and which is told first.
 *
 *   finding -> class (by kind and metric) -> impact (by its comparison or expectation) -> rank
 *
 * None of it decides a verdict: severities stand as they are, and the order within what blocks is all that changes.
 */
import type { Scenario } from "../profile.ts";
import type { HypothesisMetric } from "../suite.ts";
import type { Comparison, Finding, FindingClass, HypothesisResult, Metric } from "../verdict.ts";
import { ALL_SCENARIOS } from "./checks/errors.ts";
import {
  CLASS_ORDER,
  FINDING_CLASS_OF_KIND,
  METRIC_OF_EXPECTATION,
  METRIC_PRIORITIES,
} from "./finding-classes.ts";

/** What findings are made of. */
export interface PriorityFacts {
  readonly scenarios: readonly Scenario[];
  readonly comparisons: readonly Comparison[];
  readonly hypotheses: readonly HypothesisResult[];
}

/** From the process's death until it is started again no request is answered. */
const DEATH_IMPACT = 1;
/** An answer that never came is so many times slower, and a service that never recovered takes so long, at most. */
const MOST_TIMES = { slowdown: 10, times: 1e6 } as const;
export const MOST_SECONDS = 600;

const within = (value: number, most: number): number =>
  Number.isNaN(value) ? 0 : Math.min(most, Math.max(0, value));

/** Of a scenario's requests the part that its faults strike. */
const struckPart = (facts: PriorityFacts, name: string): number => {
  const faults = facts.scenarios.find((scenario) => scenario.name === name)?.faults ?? [];
  return faults.length === 0 ? 1 : Math.max(...faults.map(({ fraction }) => fraction));
};

/** @param worse by how much it is worse, in the comparison's unit */
const impactBy = (
  facts: PriorityFacts,
  { scenario, metric, base }: Pick<Comparison, "scenario" | "metric" | "base">,
  worse: number,
): number | null => {
  const priority = METRIC_PRIORITIES[metric];
  const part = priority.ofStruck === true ? struckPart(facts, scenario) : 1;
  switch (priority.form) {
    case "share":
      return within(worse, 1) * part;
    case "seconds":
      return within(worse / 1000, MOST_SECONDS);
    case "slowdown":
    case "times":
      return base === null || !(base > 0)
        ? null
        : within(worse / base, MOST_TIMES[priority.form]) * priority.part * part;
    case "none":
      return null;
  }
};

/** By how much it is worse: as estimated, and at the least (the near end of the interval). */
const worsening = ({ change, interval, moreIsBetter, metric }: Comparison): readonly [number, number] => {
  const sign = moreIsBetter === true || metric === "goodput" ? -1 : 1;
  const estimate = sign * (change ?? 0);
  const least = interval === null ? estimate : Math.min(...interval.map((end) => sign * end));
  return [estimate, least];
};

interface Impact {
  readonly class: FindingClass;
  /** As estimated; null: not in the unit of its class, or nobody is harmed. */
  readonly impact: number | null;
  /** What it is at the least, with 95 % confidence. */
  readonly least: number;
}

const impactOfComparison = (facts: PriorityFacts, comparison: Comparison): Impact => {
  const [estimate, least] = worsening(comparison);
  return {
    class: METRIC_PRIORITIES[comparison.metric].class,
    impact: impactBy(facts, comparison, estimate),
    least: impactBy(facts, comparison, least) ?? 0,
  };
};

/** Of an expectation what was seen is the impact, where that is a share or a recovery: how far it should go is a text alone. */
const impactOfExpectation = (result: HypothesisResult): Impact => {
  const figure = /^\w+/.exec(result.text)?.[0] ?? "";
  const metric: Metric | undefined = Object.hasOwn(METRIC_OF_EXPECTATION, figure)
    ? METRIC_OF_EXPECTATION[figure as HypothesisMetric]
    : undefined;
  if (metric === undefined) return { class: "availability", impact: null, least: 0 };
  const { class: kind, form } = METRIC_PRIORITIES[metric];
  const harm = (value: number): number =>
    form === "seconds"
      ? within(value / 1000, MOST_SECONDS)
      : within(metric === "goodput" ? 1 - value : value, 1);
  if ((form !== "share" && form !== "seconds") || result.observed === null)
    return { class: kind, impact: null, least: 0 };
  const seen = harm(result.observed);
  const ends = result.interval?.map(harm) ?? [seen];
  return { class: kind, impact: seen, least: Math.min(...ends) };
};

/** Comparisons that a finding tells of: its scenario's regressed ones. */
const toldBy = (facts: PriorityFacts, { scenario }: Finding): readonly Comparison[] =>
  facts.comparisons.filter(
    (comparison) => comparison.scenario === (scenario ?? ALL_SCENARIOS) && comparison.label === "regressed",
  );

/** The comparison in a finding's title. */
const titleComparison = (facts: PriorityFacts, finding: Finding): Comparison | undefined => {
  const candidates = toldBy(facts, finding).filter(({ metric }) => metric === finding.metric);
  return candidates.find(({ edge }) => edge === finding.edge) ?? candidates[0];
};

/** By kind, and where that leaves it open by metric. */
const classOf = ({ kind, metric }: Pick<Finding, "kind" | "metric">): FindingClass => {
  const byKind = FINDING_CLASS_OF_KIND[kind];
  if (byKind !== "by-metric") return byKind;
  return metric === null ? "availability" : METRIC_PRIORITIES[metric].class;
};

const expectationOf = (facts: PriorityFacts, { scenario, title }: Finding): HypothesisResult | undefined =>
  facts.hypotheses.find(
    (result) => result.scenario === scenario && title.includes(`expected ${result.text}, `),
  );

const impactOf = (facts: PriorityFacts, finding: Finding): Impact => {
  const plain = { class: classOf(finding), impact: null, least: 0 };
  if (finding.kind === "death") return { ...plain, impact: DEATH_IMPACT, least: DEATH_IMPACT };
  if (finding.kind === "hypothesis") {
    const result = expectationOf(facts, finding);
    return result === undefined ? plain : impactOfExpectation(result);
  }
  // Better, or not settled: nobody is known to be harmed.
  if (finding.kind !== "regression") return plain;
  const comparison = titleComparison(facts, finding);
  return comparison === undefined ? plain : impactOfComparison(facts, comparison);
};

const placeOf = (kind: FindingClass): number => CLASS_ORDER.indexOf(kind);

/** The worst that a finding tells of, title or not: calls that grew explain why answers are late, and the lateness is what a user meets. */
const leadOf = (facts: PriorityFacts, finding: Finding): Impact => {
  const own = impactOf(facts, finding);
  if (finding.kind !== "regression") return own;
  return toldBy(facts, finding)
    .map((comparison) => impactOfComparison(facts, comparison))
    .reduce(
      (lead, each) =>
        placeOf(each.class) < placeOf(lead.class) || (each.class === lead.class && each.least > lead.least)
          ? each
          : lead,
      own,
    );
};

/** Class and impact beside a finding. Pure; what it has already is computed again. */
export const withPriority = (facts: PriorityFacts, finding: Finding): Finding => {
  const { class: kind, impact } = impactOf(facts, finding);
  return { ...finding, class: kind, ...(impact === null ? {} : { impact }) };
};

/** What the change made worse goes before what the suite expects, which may never have held. */
const isExpectation = ({ kind }: Finding): number => (kind === "hypothesis" ? 1 : 0);

/** All faults together, and calm traffic, name no fault: within a class one that does goes first. */
const isUnspecific = (facts: PriorityFacts, { scenario }: Finding): number =>
  scenario === null || facts.scenarios.find(({ name }) => name === scenario)?.shape === "control" ? 1 : 0;

/**
 * Findings about the service, most harm to a user first: class, then what names a fault, then the impact that is sure. Findings that
 * are alike in all of it stay as they stand.
 */
export const byPriority = (facts: PriorityFacts, findings: readonly Finding[]): readonly Finding[] =>
  findings
    .map((finding) => ({ finding, lead: leadOf(facts, finding) }))
    .sort(
      (a, b) =>
        isExpectation(a.finding) - isExpectation(b.finding) ||
        placeOf(a.lead.class) - placeOf(b.lead.class) ||
        isUnspecific(facts, a.finding) - isUnspecific(facts, b.finding) ||
        b.lead.least - a.lead.least,
    )
    .map(({ finding }) => finding);
