/** What a person should read: one finding a scenario, its most telling metric first, numbers with units. */
import type { Scenario } from "../profile.ts";
import { formatAllowed, formatChangeWithInterval, formatInterval, formatValue } from "../report/format.ts";
import { metricWord, REFUSAL_WORDS, TELLING_ORDER } from "../report/words.ts";
import type { Comparison, Finding, HypothesisResult } from "../verdict.ts";
import { ALL_SCENARIOS } from "./checks/errors.ts";
import { frontiersOf } from "./checks/frontier.ts";
import { machineDifferences } from "./comparable.ts";
import type { JudgeContext } from "./context.ts";
import { headRun, inBaseline, isJob } from "./context.ts";

const rank = (comparison: Comparison): number => {
  const index = TELLING_ORDER.indexOf(comparison.metric);
  return index < 0 ? TELLING_ORDER.length : index;
};

/** How many times its allowance a change is; for order only. */
const excess = ({ change, margin }: Comparison): number =>
  change === null ? 0 : Math.abs(change) / Math.max(margin ?? 0, 1e-9);

const describe = (context: JudgeContext, name: string): string => {
  if (name === ALL_SCENARIOS) return "All faults together";
  const named = [...context.scenarios, ...frontiersOf(context)];
  return named.find((each) => each.name === name)?.description ?? name;
};

const edgeOf = (context: JudgeContext, comparison: Comparison): string | null =>
  comparison.edge ??
  context.scenarios.find((scenario) => scenario.name === comparison.scenario)?.faults[0]?.on ??
  frontiersOf(context).find(({ name }) => name === comparison.scenario)?.fault.on ??
  null;

/** "errors 0.4 % -> 6.1 % (+5.7 points, 95 % CI +3.9..+7.6; allowed +1 point)". */
export const changeSentence = (comparison: Comparison): string => {
  const { base, head, change, interval, margin, unit } = comparison;
  const allowed = margin === null ? "" : `; allowed ${formatAllowed(comparison)}`;
  if ((comparison.details["censored"] ?? 0) > 0 && comparison.interval?.[0] === comparison.interval?.[1]) {
    const what =
      comparison.metric === "recovery"
        ? "most kills not recovered within"
        : "half or more had no good answer within";
    return `${metricWord(comparison)} ${formatValue(base, unit)} -> ${what} ${formatValue(head, unit)}`;
  }
  const levels = `${formatValue(base, unit)} -> ${formatValue(head, unit)}`;
  return `${metricWord(comparison)} ${levels} (${formatChangeWithInterval(change, interval, unit)}${allowed})`;
};

const byScenario = (comparisons: readonly Comparison[]): readonly (readonly Comparison[])[] => {
  const groups = new Map<string, Comparison[]>();
  for (const comparison of comparisons) {
    const group = groups.get(comparison.scenario);
    if (group === undefined) groups.set(comparison.scenario, [comparison]);
    else group.push(comparison);
  }
  return [...groups.values()].map((group) =>
    group.sort((a, b) => rank(a) - rank(b) || excess(b) - excess(a)),
  );
};

const METRICS_IN_DETAIL = 5;

/** Regressions, worst first. What is seen in one scenario is not told again as "all faults together". */
export const regressionFindings = (
  context: JudgeContext,
  comparisons: readonly Comparison[],
  severity: Finding["severity"],
): readonly Finding[] => {
  const regressed = comparisons.filter((comparison) => comparison.label === "regressed");
  const single = regressed.filter((comparison) => comparison.scenario !== ALL_SCENARIOS);
  const groups = byScenario(single.length > 0 ? single : regressed);
  const worstFirst = [...groups].sort((a, b) => {
    const [one, other] = [a[0], b[0]];
    return one === undefined || other === undefined
      ? 0
      : rank(one) - rank(other) || excess(other) - excess(one);
  });
  return worstFirst.flatMap(([worst, ...others]) => {
    if (worst === undefined) return [];
    const scenario = worst.scenario === ALL_SCENARIOS ? null : worst.scenario;
    return [
      {
        kind: "regression" as const,
        severity,
        scenario,
        metric: worst.metric,
        edge: edgeOf(context, worst),
        title: `${describe(context, worst.scenario)}: ${changeSentence(worst)}`,
        detail: others.slice(0, METRICS_IN_DETAIL).map((other) => `Also ${changeSentence(other)}.`),
      },
    ];
  });
};

export const hypothesisFindings = (
  context: JudgeContext,
  results: readonly HypothesisResult[],
  severity: Finding["severity"],
): readonly Finding[] =>
  results
    .filter((result) => result.holds !== "yes")
    .map((result) => {
      const seen =
        result.observed === null
          ? "nothing was measured"
          : `measured ${formatValue(result.observed, result.unit)}${
              result.interval === null || result.interval[0] === result.interval[1]
                ? ""
                : ` (95 % CI ${result.interval.map((bound) => formatValue(bound, result.unit)).join("..")})`
            }`;
      const violated = result.holds === "no";
      const scenario = context.scenarios.find((each) => each.name === result.scenario);
      return {
        kind: "hypothesis" as const,
        severity: violated ? severity : ("note" as const),
        scenario: result.scenario,
        metric: null,
        edge: scenario?.faults[0]?.on ?? null,
        title: `${describe(context, result.scenario)}: expected ${result.text}, ${seen}${violated ? "" : ": not settled"}`,
        detail: violated ? [] : ["Measure longer to settle it."],
      };
    });

export const improvementFindings = (
  context: JudgeContext,
  comparisons: readonly Comparison[],
): readonly Finding[] =>
  byScenario(comparisons.filter((comparison) => comparison.label === "improved")).flatMap(([best]) =>
    best === undefined
      ? []
      : [
          {
            kind: "improvement" as const,
            severity: "note" as const,
            scenario: best.scenario,
            metric: best.metric,
            edge: edgeOf(context, best),
            title: `${describe(context, best.scenario)}: better, ${changeSentence(best)}`,
            detail: [],
          },
        ],
  );

/** What stands in the way of a pass, and what would settle it. */
export const widestSentence = (context: JudgeContext, widest: Comparison): string => {
  const where = describe(context, widest.scenario);
  if (widest.refused !== undefined)
    return `${where}: ${metricWord(widest)} not judged, ${REFUSAL_WORDS[widest.refused]}`;
  const interval = widest.interval === null ? "unknown" : formatInterval(widest.interval, widest.unit);
  return `${where}: ${metricWord(widest)} may have changed by ${interval} (allowed ${formatAllowed(widest)})`;
};

export const widestFinding = (context: JudgeContext, widest: Comparison): Finding => ({
  kind: "widest",
  severity: "warn",
  scenario: widest.scenario,
  metric: widest.metric,
  edge: edgeOf(context, widest),
  title: widestSentence(context, widest),
  detail: [
    isJob(context)
      ? "Make more runs of each experiment (`workload.job.repeats`), or measure the default branch again: both give more samples."
      : "Measure longer (raise `gate.budget`) or at a higher rate; both give more samples.",
  ],
});

const named = (
  kind: "new-scenario" | "missing-scenario",
  severity: Finding["severity"],
  scenario: Scenario,
  text: string,
): Finding => ({
  kind,
  severity,
  scenario: scenario.name,
  metric: null,
  edge: scenario.faults[0]?.on ?? null,
  title: `${scenario.description}: ${text}`,
  detail: [],
});

const whyNew = ({ changed }: JudgeContext, { name }: Scenario): string =>
  changed.has(name)
    ? "changed since the baseline was measured: not compared"
    : "new, not in the baseline yet";

const outlierFindings = ({ outliers }: JudgeContext): readonly Finding[] =>
  outliers.map(({ profile, reason }) => {
    const { commit, startedAt } = profile.provenance;
    const which = commit === undefined ? startedAt : commit.slice(0, 7);
    return {
      kind: "outlier-run",
      severity: "note",
      scenario: null,
      metric: null,
      edge: null,
      title: `A baseline run is unlike the others and was left out (${which}): ${reason}`,
      detail: [],
    };
  });

/** Scenarios that only one side has, runs that are odd, and machines that differ. */
export const comparabilityFindings = (context: JudgeContext): readonly Finding[] => {
  const { baseline } = context;
  if (baseline === null) return [];
  const head = headRun(context).profile;
  const there = new Map(
    baseline.runs.flatMap((run) => run.profile.scenarios).map((each) => [each.name, each]),
  );
  const findings = context.scenarios
    .filter((scenario) => !inBaseline(context, scenario.name))
    .map((scenario) => named("new-scenario", "note", scenario, whyNew(context, scenario)));
  // A run of the same schedule was planned with all of them, and told to replay a part.
  const asked = (name: string): boolean =>
    !context.notAsked.has(name) &&
    baseline.runs.some(
      ({ profile }) =>
        profile.scheduleHash !== head.scheduleHash && profile.scenarios.some((each) => each.name === name),
    );
  for (const scenario of there.values()) {
    if (context.scenarios.every((each) => each.name !== scenario.name) && asked(scenario.name))
      findings.push(
        named("missing-scenario", "warn", scenario, "in the baseline, but not measured in this run"),
      );
  }
  const newest = baseline.runs.at(-1)?.profile;
  const differences = newest === undefined ? [] : machineDifferences(head, newest);
  if (differences.length > 0) {
    findings.push({
      kind: "machine",
      severity: "note",
      scenario: null,
      metric: null,
      edge: null,
      title: `The baseline was measured on another machine: ${differences.join(", ")}`,
      detail: [
        isJob(context)
          ? "Each run is held against calm runs on its own machine; what does not scale with the machine, such as a back-off, is allowed for."
          : "Each run is compared with its own calm traffic; calm traffic itself is not judged across machines.",
      ],
    });
  }
  return [...findings, ...outlierFindings(context)];
};
