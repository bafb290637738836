/** What the figures rest on: what was compared with what, by which method, and how small a change would have been seen. */
import { type Change, isFork } from "../change.ts";
import type { BaselineChoice } from "../gate/gate-record.ts";
import type { Provenance, Scenario } from "../profile.ts";
import type { Metric, Result } from "../verdict.ts";
import { formatAge, formatChange, formatCounted, formatMs } from "./format.ts";
import { METRIC_WORDS, VERDICT_WORDS } from "./words.ts";

/** Seven digits of a hash; anything else as it is. */
export const shortCommit = (commit: string): string =>
  /^[0-9a-f]{12,}$/.test(commit) ? commit.slice(0, 7) : commit;

/** "main@919ad74", or the day where no commit is known. */
export const provenanceLabel = ({ branch, commit, startedAt }: Provenance): string => {
  const at = commit === undefined ? undefined : shortCommit(commit);
  if (branch !== undefined && at !== undefined) return `${branch}@${at}`;
  return at ?? branch ?? startedAt.slice(0, 10);
};

/** Metrics whose visible change tells most, in the order in which they are named. */
const TELLING: readonly Metric[] = ["error-rate", "hit50", "p50", "p95"];
const TELLING_OF_JOBS: readonly Metric[] = ["resume", "lost-steps", "goodput"];

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
  const parts = (result.jobs === undefined ? TELLING : TELLING_OF_JOBS).flatMap((metric) => {
    const values = judged.filter((comparison) => comparison.metric === metric);
    const least = values.map((comparison) => comparison.smallestVisible ?? 0);
    const { unit, moreIsBetter } = values[0] ?? {};
    const change = (moreIsBetter === true ? -1 : 1) * Math.max(...least);
    return unit === undefined ? [] : [`${METRIC_WORDS[metric]} ${formatChange(change, unit)}`];
  });
  return parts.slice(0, 3).join(", ");
};

/** The commit that is reported on: a pull request's own head, and whose it is where that is a fork. */
const headLabel = ({ gate, head }: Result): string => {
  if (gate === undefined) return provenanceLabel(head.provenance);
  const { change } = gate;
  const commit = shortCommit(change.headSha);
  return isFork(change) ? `${commit} of the fork ${change.headRepository}` : commit;
};

/** "5 runs, 2 days old, 3 commits before the merge base". */
const choiceText = (choice: BaselineChoice, change: Change): string => {
  const base = change.pullRequest === null ? "base" : "merge base";
  const distance = (): string => {
    if (choice.ancestor === "unknown") return `unknown whether an ancestor of the ${base}`;
    if (choice.distance === null) return `an ancestor of the ${base}`;
    return choice.distance === 0
      ? `at the ${base}`
      : `${formatCounted(choice.distance, "commit")} before the ${base}`;
  };
  // Where the date says nothing, `stale` says so in words.
  const age = choice.stale !== null && choice.ageMs <= 0 ? "of unknown age" : formatAge(choice.ageMs);
  const tooOld = choice.stale === null ? "" : ", too old by the policy";
  return `${formatCounted(choice.runs, "run")}, ${age}${tooOld}, ${distance()}`;
};

/** " Measured again side by side: ...", or nothing. */
const confirmationSentence = ({ confirmation, baseline }: Result): string => {
  if (confirmation === undefined) return "";
  const { outcome, stored } = confirmation;
  const before = baseline === null ? "" : ` Against the stored baseline: ${VERDICT_WORDS[stored.word].word}.`;
  switch (outcome) {
    case "confirmed":
      return `${before} Measured again side by side with the reference, it is worse there too.`;
    case "cleared":
      return `${before} Measured again side by side with the reference, no change that matters is left.`;
    case "unsettled":
      return `${before} Measured again side by side with the reference, it was not settled.`;
  }
};

/** "2,840 requests"; "12 runs of the job". */
export const sizeOf = ({ head, jobs }: Pick<Result, "head" | "jobs">): string =>
  jobs === undefined
    ? formatCounted(head.observations, "request")
    : `${formatCounted(
        jobs.reduce((sum, { runs }) => sum + runs, 0),
        "run",
      )} of the job`;

/** Third line: what was compared with what, how old and how far away that is, and what it could have seen. */
export const trust = (result: Result): string => {
  const { gate, baseline } = result;
  const head = headLabel(result);
  const size = `${sizeOf(result)} in ${formatMs(result.head.measuringMs)}`;
  const whose =
    gate?.change.event === "workflow_run"
      ? " The samples are what the pull request's own run uploaded; they were judged here, by the base branch's suite."
      : "";
  if (baseline === null)
    return `${head}: ${size}; no baseline to compare with.${confirmationSentence(result)}${whose}`;
  const choice = gate?.choice ?? null;
  const from = choice?.commit ?? baseline.newest.commit;
  const label = provenanceLabel(from === undefined ? baseline.newest : { ...baseline.newest, commit: from });
  const about =
    gate === undefined || choice === null
      ? formatCounted(baseline.runs, "run")
      : choiceText(choice, gate.change);
  const visible = smallestVisible(result);
  const could =
    visible === "" || result.verdict.word === "invalid"
      ? ""
      : ` Smallest change it could have seen under ${hasPartial(result) ? "partial faults" : "every fault"}: ${visible}.`;
  return `Base ${label} (${about}) against ${head}; ${size}.${could}${confirmationSentence(result)}${whose}`;
};

/** How the figures were compared, in a sentence. */
export const methodSentence = ({ method, jobs }: Pick<Result, "method" | "jobs">): string => {
  if (jobs !== undefined && method !== "none")
    return "Base and head were struck at the same steps of whole runs; shares of runs and of restarts are compared, times on a log scale, losses step by step with calm runs.";
  switch (method) {
    case "paired":
      return "Base and head ran side by side on this machine, their windows in turn; each request is compared with its twin, calm traffic too.";
    case "twin":
      return "Base and head replayed the same seeded schedule; each request is compared with its twin.";
    case "stored":
      return "The schedules differ, so distributions are compared; calm traffic is not judged across machines.";
    case "none":
      return "Nothing was compared.";
  }
};
