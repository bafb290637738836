/** What the run cannot say: not judged, not scored, not looked at. */
import { FINDING_CLASS_OF_KIND } from "../../judge/finding-classes.ts";
import type { Comparison, Result } from "../../verdict.ts";
import { formatChange, formatCounted } from "../format.ts";
import { isOfJob, scenarioLabel } from "../summary.ts";
import { metricWord, REFUSAL_WORDS } from "../words.ts";
import type { FailedExperiment } from "./failed.ts";
import { at, ended, line, missing, type Section, type Statement } from "./statement.ts";

/** As a change: a loss is worse of what is better more. */
const worseBy = ({ smallestVisible, moreIsBetter }: Comparison): number | null =>
  smallestVisible === null || moreIsBetter !== true ? smallestVisible : -smallestVisible;

const unjudged = (comparison: Comparison, place: string, ofJob: boolean): readonly Statement[] => {
  const where = `${metricWord(comparison)} under ${scenarioLabel(comparison.scenario, ofJob)}`;
  const sources = [`${place}/scenario`, `${place}/metric`, `${place}/n`];
  if (comparison.edge !== undefined) sources.push(`${place}/edge`);
  if (comparison.refused !== undefined)
    return [
      line(
        `Not judged: ${where}, ${REFUSAL_WORDS[comparison.refused]} (${formatCounted(comparison.n, "sample")}).`,
        ...sources,
        `${place}/refused`,
      ),
    ];
  if (comparison.label === "unbounded" && comparison.primary)
    return [
      line(`Not settled: ${where} (${formatCounted(comparison.n, "sample")}).`, ...sources, `${place}/label`),
    ];
  if (comparison.label === "ok" && comparison.primary && Number.isFinite(comparison.smallestVisible))
    return [
      line(
        `No change was seen of ${where}; one smaller than ${formatChange(worseBy(comparison), comparison.unit)} could be there all the same.`,
        ...sources,
        `${place}/smallestVisible`,
      ),
    ];
  return [];
};

const OF_FAILED = 15;

const comparisonStatements = (result: Result, failed: readonly FailedExperiment[]): readonly Statement[] =>
  result.verdict.comparisons
    .flatMap((comparison, index) =>
      failed.some(({ name }) => name === comparison.scenario)
        ? unjudged(comparison, at("verdict", "comparisons", index), isOfJob(result))
        : [],
    )
    .slice(0, OF_FAILED);

const unscored = ({ timeline }: Result): readonly Statement[] =>
  (timeline?.entries ?? []).flatMap((entry, index) =>
    entry.event === "fault" && entry.invalid !== undefined
      ? [
          line(
            `Not scored: round ${entry.round} of ${scenarioLabel(entry.scenario)}: ${ended(entry.invalid)}`,
            at("timeline", "entries", index),
          ),
        ]
      : [],
  );

/** Findings of the measurement and of what could not be compared. */
const ofMeasurement = ({ verdict }: Result): readonly Statement[] =>
  verdict.findings.flatMap(({ kind, title }, index) =>
    FINDING_CLASS_OF_KIND[kind] === "gate"
      ? [line(ended(title), at("verdict", "findings", index, "title"))]
      : [],
  );

/** Parts of a result that explain a failure, where the run looked. */
const PARTS = [
  { key: "timeline", what: "when what happened" },
  { key: "detection", what: "what detectors saw" },
  { key: "signals", what: "whether the service's own signals showed it" },
  { key: "localisation", what: "which edge or process deviated first" },
  { key: "diagnoses", what: "what would restore the steady state" },
  { key: "recoveryPolicies", what: "recovery policies" },
] as const satisfies readonly { readonly key: keyof Result; readonly what: string }[];

const notLooked = (result: Result): readonly Statement[] => {
  // What explains traffic is not looked at for a job, which has none.
  if (isOfJob(result)) return [];
  const absent = PARTS.filter(({ key }) => result[key] === undefined);
  if (absent.length === 0) return [];
  return [
    missing(
      `Not measured in this run: ${absent.map(({ what }) => what).join("; ")}.`,
      ...absent.map(({ key }) => at(key)),
    ),
  ];
};

export const limitsSection = (result: Result, failed: readonly FailedExperiment[]): Section => ({
  title: "Limits",
  statements: [
    ...notLooked(result),
    ...comparisonStatements(result, failed),
    ...unscored(result),
    ...ofMeasurement(result),
    ...result.notes.map((note, index) => line(ended(note), at("notes", index))),
  ],
});
