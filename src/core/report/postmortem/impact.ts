/** What the failure meant to a user, by experiment. */
import { MOST_SECONDS } from "../../judge/priorities.ts";
import type { Finding, MeasuredScenario, Result } from "../../verdict.ts";
import { formatCount, formatCounted, formatMs, formatRatio, formatShare } from "../format.ts";
import { isOfJob } from "../summary.ts";
import type { FailedExperiment, FailedFinding } from "./failed.ts";
import { jobImpactWords, jobStatements } from "./job-impact.ts";
import { at, ended, line, type Section, type Statement } from "./statement.ts";

/** A finding's impact in words; null: its title says it already. */
export const impactWords = ({ class: kind, impact, metric, ...finding }: Finding): string | null => {
  if (kind === undefined || impact === undefined || finding.kind !== "regression") return null;
  const share = formatShare(impact);
  switch (kind) {
    case "availability":
      return `Another ${share} of a user's requests under it are not answered well.`;
    case "correctness":
      return `Another ${share} of a user's requests under it are answered wrongly, in part or by a fallback.`;
    case "latency":
      return metric === "late-rate" || metric === "slow-share"
        ? `Another ${share} of a user's requests under it are slow or late.`
        : `The slowdown (counted up to ten times) times the share of requests that are slower is ${formatRatio(impact)}.`;
    case "recovery":
      return `It takes ${impact >= MOST_SECONDS ? "at least " : ""}${formatMs(impact * 1000)} longer until it answers well again.`;
    case "amplification":
      return metric === "work-after-abort"
        ? null
        : `Calls for each request grow by ${share}, weighted by the share of requests that make more.`;
    case "observability":
      return `Another ${share} of the looks at its path were told that it can work.`;
    case "gate":
      return null;
  }
};

const measuredStatements = (measured: MeasuredScenario, place: string): readonly Statement[] => {
  const { requests, errorRate, degradedRate, driftRate, p50Ms, p95Ms, recovery } = measured;
  const parts = [
    ...(errorRate === null ? [] : [`${formatShare(errorRate)} failed`]),
    ...(degradedRate === null ? [] : [`${formatShare(degradedRate)} were answered by a fallback`]),
    ...(driftRate === null ? [] : [`${formatShare(driftRate)} differed from the calm answer`]),
    ...(p50Ms === null
      ? []
      : [Number.isFinite(p50Ms) ? `half took ${formatMs(p50Ms)} or more` : "half had no good answer"]),
    ...(p95Ms === null
      ? []
      : [
          Number.isFinite(p95Ms)
            ? `one in twenty took ${formatMs(p95Ms)} or more`
            : "one in twenty had no good answer",
        ]),
  ];
  return [
    line(
      `Of ${formatCounted(requests, "scored request")} under it: ${parts.length === 0 ? "nothing was measured" : parts.join(", ")}.`,
      place,
    ),
    ...(recovery === null
      ? []
      : [
          line(
            Number.isFinite(recovery.medianMs)
              ? `After ${formatCounted(recovery.kills, "kill")} it answered well again after ${formatMs(recovery.medianMs)} at the median.`
              : `After most of ${formatCounted(recovery.kills, "kill")} it did not answer well again while it was watched.`,
            `${place}/recovery`,
          ),
        ]),
  ];
};

/** Without the description that stands above it. */
const ownTitle = (title: string, description: string): string =>
  title.startsWith(`${description}: `) ? title.slice(description.length + 2) : title;

const findingStatements = (
  { finding, place }: FailedFinding,
  description: string,
  ofJob: boolean,
): readonly Statement[] => {
  const words = ofJob ? jobImpactWords(finding) : impactWords(finding);
  return [
    line(
      `${finding.class === undefined ? "" : `${finding.class}: `}${ended(ownTitle(finding.title, description))}`,
      `${place}/title`,
      ...(finding.class === undefined ? [] : [`${place}/class`]),
    ),
    ...(words === null ? [] : [line(words, `${place}/impact`)]),
    ...finding.detail.map((text, index) => line(ended(text), `${place}/detail/${index}`)),
  ];
};

const affected = (result: Result, experiment: FailedExperiment): readonly Statement[] => {
  const index = result.measured.findIndex(({ scenario }) => scenario === experiment.name);
  const measured = result.measured[index];
  return [
    experiment.head,
    ...experiment.findings.flatMap((each) =>
      findingStatements(each, experiment.description, isOfJob(result)),
    ),
    ...(measured === undefined ? [] : measuredStatements(measured, at("measured", index))),
    ...(result.jobs ?? []).flatMap((job, place) =>
      job.scenario === experiment.name ? jobStatements(job, at("jobs", place)) : [],
    ),
  ];
};

export const impactSection = (result: Result, failed: readonly FailedExperiment[]): Section => ({
  title: "Impact",
  statements: [
    ...failed.flatMap((experiment) => affected(result, experiment)),
    ...(isOfJob(result)
      ? []
      : [
          line(
            `The run sent ${formatCount(result.head.observations)} requests in all.`,
            at("head", "observations"),
          ),
        ]),
  ],
});
