/** When what happened: the failed experiments' windows, and every death. */
import type { TimelineEntry } from "../../timeline/entry.ts";
import type { Result } from "../../verdict.ts";
import { formatCount, formatCounted, formatMs } from "../format.ts";
import { scenarioLabel } from "../summary.ts";
import type { FailedExperiment } from "./failed.ts";
import { at, line, type Section, type Statement } from "./statement.ts";

const how = (exitCode: number | null, signal: string | null): string => {
  if (signal !== null) return ` (${signal})`;
  return exitCode === null ? "" : ` (exit code ${exitCode})`;
};

/** What an entry tells, without its time. */
export const happened = (entry: TimelineEntry): string => {
  switch (entry.event) {
    case "fault":
      return `${entry.scenario}, round ${entry.round}: traffic under the fault for ${formatMs(entry.durationMs)}${entry.invalid === undefined ? "" : `, not scored: ${entry.invalid}`}`;
    case "not-settled":
      return `${entry.scenario}, round ${entry.round}: did not come to rest in ${formatMs(entry.durationMs)}`;
    case "kill":
      return `${entry.scenario}, round ${entry.round}: killed by ${entry.signal}, ${
        entry.recoveryMs === null
          ? `no good answer in the ${formatMs(entry.watchedMs)} that it was watched`
          : `first good answer after ${formatMs(entry.recoveryMs)}`
      }`;
    case "death":
      return `${entry.process} died by itself${how(entry.exitCode, entry.signal)}${entry.scenario === null ? "" : `, under ${scenarioLabel(entry.scenario)}`}`;
    case "trials":
      return `${entry.scenario}: remedies were tried in ${formatCounted(entry.windows, "window")}, until ${formatMs(entry.durationMs)} later`;
    case "policy":
      return `${entry.scenario}: ${entry.policy === "none" ? "watched without a recovery policy" : `under the recovery policy (${entry.policy})`} for ${formatMs(entry.durationMs)}, ${formatCounted(entry.actions, "action")}`;
  }
};

const belongs = (entry: TimelineEntry, failed: readonly FailedExperiment[]): boolean =>
  entry.event === "death" || failed.some(({ name }) => name === null || name === entry.scenario);

export const timelineSection = (result: Result, failed: readonly FailedExperiment[]): Section => {
  const { provenance, measuringMs } = result.head;
  const course = (result.timeline?.entries ?? []).flatMap((entry, index): readonly Statement[] =>
    belongs(entry, failed)
      ? [line(`+${formatMs(entry.atMs)} ${happened(entry)}.`, at("timeline", "entries", index))]
      : [],
  );
  const leftOut = result.timeline?.leftOut ?? 0;
  return {
    title: "Timeline",
    statements: [
      line(
        `The run began at ${provenance.startedAt} and took ${formatMs(provenance.durationMs)}, ${formatMs(measuringMs)} of it measuring.`,
        at("head", "provenance", "startedAt"),
        at("head", "provenance", "durationMs"),
        at("head", "measuringMs"),
      ),
      ...course,
      ...(leftOut === 0
        ? []
        : [
            line(
              `Of the run's events ${formatCount(leftOut)} are not kept, windows of later rounds first.`,
              at("timeline", "leftOut"),
            ),
          ]),
    ],
  };
};
