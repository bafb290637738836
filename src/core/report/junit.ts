/** JUnit XML, as CI servers other than GitHub show it: a suite per fault, a case per metric that a pass needs. */
import type { Comparison, Finding, HypothesisResult, Result } from "../verdict.ts";
import { formatAllowed, formatChangeWithInterval, formatValue } from "./format.ts";
import { plainText } from "./plain-text.ts";
import { headlineOf } from "./summary.ts";
import { labelWord, metricWord } from "./words.ts";

const MOST = 2000;

/** Text or attribute value for XML 1.0, on one line: a CI shows it on a page of its own. */
export const escapeXml = (text: string): string =>
  plainText(text, MOST)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");

type Outcome =
  | { readonly type: "passed" }
  | { readonly type: "failure" | "error" | "skipped"; readonly message: string; readonly body: string };

interface TestCase {
  readonly suite: string;
  readonly name: string;
  readonly outcome: Outcome;
}

const figures = (comparison: Comparison): string => {
  const { base, head, change, interval, unit } = comparison;
  return `${formatValue(base, unit)} -> ${formatValue(head, unit)} (${formatChangeWithInterval(change, interval, unit)}; allowed ${formatAllowed(comparison)})`;
};

const comparisonOutcome = (comparison: Comparison): Outcome => {
  const { word } = labelWord(comparison);
  const body = figures(comparison);
  switch (comparison.label) {
    case "ok":
    case "improved":
      return { type: "passed" };
    case "regressed":
      return { type: "failure", message: `${word}: ${body}`, body };
    case "unbounded":
    case "refused":
    case "advisory":
      return { type: "skipped", message: word, body };
  }
};

const hypothesisOutcome = ({ holds, observed, unit, text }: HypothesisResult): Outcome => {
  const message = `expected ${text}, measured ${formatValue(observed, unit)}`;
  switch (holds) {
    case "yes":
      return { type: "passed" };
    case "no":
      return { type: "failure", message, body: message };
    case "unclear":
      return { type: "skipped", message: `not settled: ${message}`, body: message };
  }
};

/** Findings that no comparison or expectation stands for: lost windows, deaths, a lying health path. */
const findingOutcome = (result: Result, finding: Finding): Outcome => ({
  type: result.verdict.word === "invalid" ? "error" : "failure",
  message: finding.title,
  body: [finding.title, ...finding.detail].join(" "),
});

/** The metrics a pass needs, and any other that got worse. */
const cases = (result: Result): TestCase[] => [
  ...result.verdict.comparisons
    .filter((comparison) => comparison.primary || comparison.label === "regressed")
    .map((comparison) => ({
      suite: comparison.scenario,
      name: metricWord(comparison),
      outcome: comparisonOutcome(comparison),
    })),
  ...result.verdict.hypotheses.map((hypothesis) => ({
    suite: hypothesis.scenario,
    name: `expects ${hypothesis.text}`,
    outcome: hypothesisOutcome(hypothesis),
  })),
  ...result.verdict.findings
    .filter(({ severity, kind }) => severity === "block" && kind !== "regression" && kind !== "hypothesis")
    .map((finding) => ({
      suite: finding.scenario ?? "measurement",
      name: finding.kind,
      outcome: findingOutcome(result, finding),
    })),
];

/** A run that decided nothing must not look like a green one without cases. */
const verdictCase = (result: Result): TestCase => {
  const { word } = result.verdict;
  const headline = headlineOf(result);
  const outcome = (): Outcome => {
    switch (word) {
      case "pass":
        return { type: "passed" };
      case "regressed":
        // Accepted, or let pass by the workflow: no failure, and not a case that looks green either.
        return {
          type: result.gate?.conclusion.outcome === "success" ? "skipped" : "failure",
          message: headline,
          body: result.reproduce,
        };
      case "invalid":
        return { type: "error", message: headline, body: result.reproduce };
      case "inconclusive":
      case "no-baseline":
        return { type: "skipped", message: headline, body: result.reproduce };
    }
  };
  return { suite: "verdict", name: "verdict", outcome: outcome() };
};

const caseXml = (suite: string, { suite: group, name, outcome }: TestCase): string => {
  const open = `    <testcase classname="${escapeXml(`${suite}.${group}`)}" name="${escapeXml(name)}" time="0"`;
  if (outcome.type === "passed") return `${open}/>`;
  const { type, message, body } = outcome;
  return `${open}>\n      <${type} message="${escapeXml(message)}">${escapeXml(body)}</${type}>\n    </testcase>`;
};

const counts = (list: readonly TestCase[]): string => {
  const of = (type: Outcome["type"]): number => list.filter(({ outcome }) => outcome.type === type).length;
  return `tests="${list.length}" failures="${of("failure")}" errors="${of("error")}" skipped="${of("skipped")}"`;
};

const suiteXml = (result: Result, group: string, list: readonly TestCase[]): string => {
  const scenario = result.scenarios.find(({ name }) => name === group);
  return [
    `  <testsuite name="${escapeXml(group)}" ${counts(list)} timestamp="${escapeXml(result.head.provenance.startedAt)}" time="0">`,
    "    <properties>",
    ...(scenario === undefined
      ? []
      : [`      <property name="fault" value="${escapeXml(scenario.description)}"/>`]),
    `      <property name="seed" value="${result.seed}"/>`,
    "    </properties>",
    ...list.map((each) => caseXml(result.suite, each)),
    "  </testsuite>",
  ].join("\n");
};

/** Well-formed XML 1.0 for any result. Ends without a line break. */
export const renderJunit = (result: Result): string => {
  const all = [verdictCase(result), ...cases(result)];
  const seconds = (result.head.measuringMs / 1000).toFixed(3);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(`squall ${result.suite}`)}" ${counts(all)} time="${seconds}">`,
    ...[...Map.groupBy(all, ({ suite }) => suite)].map(([group, list]) => suiteXml(result, group, list)),
    "</testsuites>",
  ].join("\n");
};
