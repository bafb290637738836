/** Summary, and how to see it again. */
import type { Provenance } from "../../profile.ts";
import type { Result } from "../../verdict.ts";
import { formatBytes, formatCounted, formatSeed } from "../format.ts";
import { headlineOf, isOfJob } from "../summary.ts";
import { shortCommit } from "../trust.ts";
import type { FailedExperiment } from "./failed.ts";
import { at, ended, line, type Section, type Statement } from "./statement.ts";

const named = ({ commit, branch }: Provenance): string => {
  const of = branch === undefined ? "" : ` of ${branch}`;
  return commit === undefined ? `an unnamed commit${of}` : `commit ${shortCommit(commit)}${of}`;
};

const comparedWith = ({ baseline }: Result): Statement => {
  if (baseline === null) return line("There was no baseline to compare with.", at("baseline"));
  return line(
    `It was compared with ${formatCounted(baseline.runs, "run")} of the baseline, the newest of ${named(baseline.newest)}.`,
    at("baseline", "runs"),
    at("baseline", "newest"),
  );
};

const confirmed = ({ confirmation }: Result): readonly Statement[] => {
  if (confirmation === undefined) return [];
  const words = {
    confirmed: "Measured again side by side with the reference, it was worse there too",
    cleared: "Measured again side by side with the reference, it was no worse there",
    unsettled: "Measured again side by side with the reference, it could not be told",
  } as const;
  return [line(`${words[confirmation.outcome]}: ${ended(confirmation.paired.headline)}`, at("confirmation"))];
};

/** The headline is the verdict's, and what the gate made of it. */
export const summarySection = (result: Result, failed: readonly FailedExperiment[]): Section => {
  const { head, gate } = result;
  const worst = failed[0]?.findings[0];
  return {
    title: "Summary",
    statements: [
      line(
        ended(headlineOf(result)),
        at("verdict", "headline"),
        ...(gate === undefined ? [] : [at("gate", "conclusion"), at("gate", "acceptance")]),
      ),
      ...(worst === undefined
        ? []
        : [
            line(
              `Worst${worst.finding.class === undefined ? "" : ` (${worst.finding.class})`}: ${ended(worst.finding.title)}`,
              `${worst.place}/title`,
              ...(worst.finding.class === undefined ? [] : [`${worst.place}/class`]),
            ),
          ]),
      line(
        `The run of ${named(head.provenance)} began at ${head.provenance.startedAt}, with seed ${formatSeed(result.seed)}.`,
        at("head", "provenance"),
        at("seed"),
      ),
      comparedWith(result),
      ...confirmed(result),
    ],
  };
};

export const reproductionSection = (result: Result): Section => {
  const { platform, arch, cpus, memoryBytes, runtime, node } = result.head.fingerprint;
  return {
    title: "Reproduction",
    statements: [
      { text: result.reproduce, sources: [at("reproduce")], as: "command" },
      line(
        `Suite ${result.suite}, seed ${formatSeed(result.seed)}: the same seed strikes the same ${isOfJob(result) ? "steps" : "requests"}.`,
        at("suite"),
        at("seed"),
      ),
      line(
        `Measured with runtime ${runtime} on ${platform} ${arch}, ${formatCounted(cpus, "processor")}, ${formatBytes(memoryBytes)}, Node ${node}.`,
        at("head", "fingerprint"),
      ),
    ],
  };
};
