/** What to do, derived from what was found and what restored it; who does it is for people to say. */
import type { FindingClass, Result } from "../../verdict.ts";
import { formatMs, formatValue } from "../format.ts";
import { isOfJob } from "../summary.ts";
import { METRIC_WORDS } from "../words.ts";
import type { FailedExperiment } from "./failed.ts";
import { at, type Section, type Statement, task } from "./statement.ts";

const BY_CLASS: Readonly<Record<FindingClass, string | null>> = {
  availability: "Find why requests are not answered well, and mend it or answer by a fallback",
  correctness: "Find why answers are wrong, cut short or a fallback's",
  latency: "Bound what a request waits for: a deadline, and what is answered when it passes",
  recovery: "Make it answer well again sooner",
  amplification: "Bound the calls that one request makes: fewer attempts, further apart",
  observability: "Make its paths and signals tell the truth",
  gate: null,
};

const OF_JOBS: Readonly<Record<FindingClass, string | null>> = {
  availability: "Find why runs do not complete, or make no progress, and mend it",
  correctness: "Find what of the training's state is not brought back, and save it",
  latency: null,
  recovery: "Make it go on sooner, and from where it was",
  amplification: null,
  observability: null,
  gate: null,
};

const ofClasses = (
  { findings, description, head }: FailedExperiment,
  byClass: Readonly<Record<FindingClass, string | null>>,
): readonly Statement[] => {
  const seen = new Set<FindingClass>();
  return findings.flatMap(({ finding, place }) => {
    const kind = finding.class;
    const text = kind === undefined ? null : byClass[kind];
    if (kind === undefined || text === null || seen.has(kind)) return [];
    seen.add(kind);
    return [task(`${text} (${kind}; ${description}).`, `${place}/class`, ...head.sources)];
  });
};

/** The cheapest remedy that restored it, else the one that helped most. */
const ofDiagnoses = (result: Result, name: string): readonly Statement[] =>
  (result.diagnoses ?? []).flatMap(({ scenario, best, metric, unit, without }, index) => {
    if (scenario !== name || best === null) return [];
    const did = best.outcome === "restored" ? "restored the steady state" : "helped most of what was tried";
    const place = at("diagnoses", index);
    return [
      task(
        `Decide on this in the service itself: ${best.description}. In this run it ${did}: ${METRIC_WORDS[metric]} ${formatValue(without, unit)} -> ${formatValue(best.value, unit)}.`,
        `${place}/best`,
        `${place}/without`,
        `${place}/metric`,
      ),
    ];
  });

const ofPolicies = (result: Result, name: string): readonly Statement[] =>
  (result.recoveryPolicies ?? []).flatMap(({ scenario, policy, recoveryMs, withoutMs }, index) => {
    const faster = recoveryMs !== null && (withoutMs === null || recoveryMs < withoutMs);
    if (scenario !== name || !faster) return [];
    const otherwise =
      withoutMs === null ? "it did not recover while watched" : `it took ${formatMs(withoutMs)}`;
    return [
      task(
        `Decide whether the recovery policy (${policy}) goes into operation: with it the service recovered after ${formatMs(recoveryMs)}, doing nothing ${otherwise}.`,
        at("recoveryPolicies", index),
      ),
    ];
  });

const ofSignals = (result: Result, { name, description, head }: FailedExperiment): readonly Statement[] => {
  const looked = (result.signals ?? []).flatMap(({ scenarios, untold }, index) =>
    scenarios.flatMap(({ scenario, shown }, place) =>
      scenario === name && untold === undefined
        ? [{ shown, place: at("signals", index, "scenarios", place) }]
        : [],
    ),
  );
  if (looked.length === 0 || looked.some(({ shown }) => shown > 0)) return [];
  return [
    task(
      `Add a signal that shows this (${description}): none of the service's own did.`,
      ...head.sources,
      ...looked.map(({ place }) => place),
    ),
  ];
};

export const actionsSection = (result: Result, failed: readonly FailedExperiment[]): Section => ({
  title: "Actions",
  statements: failed.flatMap((experiment) => [
    ...(experiment.name === null
      ? []
      : [...ofDiagnoses(result, experiment.name), ...ofPolicies(result, experiment.name)]),
    ...ofClasses(experiment, isOfJob(result) ? OF_JOBS : BY_CLASS),
    ...ofSignals(result, experiment),
  ]),
});
