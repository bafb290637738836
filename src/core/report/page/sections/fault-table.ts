/** Each fault's figures of one run, and when detectors first flagged it. */
import { isFailure, isUnscored } from "../../../outcome.ts";
import type { Profile } from "../../../profile.ts";
import { quantileOf } from "../../../statistics/quantile.ts";
import type { Result } from "../../../verdict.ts";
import { DETECTOR_WORDS } from "../../detection.ts";
import { formatCount, formatMs, formatShare, NOT_MEASURED } from "../../format.ts";
import { scenarioLabel } from "../../summary.ts";
import { type Html, html } from "../html.ts";
import { isDrawable } from "../series/thin.ts";
import { table, unfold } from "../table.ts";

const ROWS = 60;
/** Windows of one fault that are told by their times. */
const TIMES = 6;

/** "after 2 s (mean and variance, 4 of 5 windows)" of the quickest detector that found it. */
const flagged = ({ detection = [] }: Result, scenario: string): string => {
  const found = detection
    .flatMap(({ detector, scenarios }) =>
      scenarios.flatMap(({ scenario: name, windows, found: count, medianDelayMs }) =>
        name === scenario && medianDelayMs !== null ? [{ detector, windows, count, medianDelayMs }] : [],
      ),
    )
    .sort((a, b) => a.medianDelayMs - b.medianDelayMs || b.count - a.count)[0];
  if (found !== undefined)
    return `after ${formatMs(found.medianDelayMs)} (${DETECTOR_WORDS[found.detector]}, ${found.count} of ${found.windows} windows)`;
  return detection.some(({ scenarios }) => scenarios.some(({ scenario: name }) => name === scenario))
    ? "never"
    : NOT_MEASURED;
};

const whenText = (startsMs: readonly number[]): string => {
  const told = startsMs.filter(isDrawable).map((atMs) => formatCount(Math.round(atMs / 1000)));
  if (told.length === 0) return NOT_MEASURED;
  const more = told.length - TIMES;
  return `${told.slice(0, TIMES).join(", ")}${more > 0 ? ` and ${formatCount(more)} more` : ""}`;
};

/** Folded; at most 60 faults, those of `first` before others. */
export const faultTable = (head: Profile, result: Result, first: ReadonlySet<string>): Html => {
  const loads = Map.groupBy(
    head.windows.filter(({ phase }) => phase === "load"),
    ({ scenario }) => scenario,
  );
  const names = [...loads.keys()];
  const shown = names.toSorted((a, b) => Number(first.has(b)) - Number(first.has(a))).slice(0, ROWS);
  const isShown = new Set(shown);
  const asked = Map.groupBy(
    head.observations.filter(
      ({ window, outcome }) => !isUnscored(outcome) && isShown.has(head.windows[window]?.scenario ?? ""),
    ),
    ({ window }) => head.windows[window]?.scenario ?? "",
  );
  const rows = shown.map((name) => {
    const own = asked.get(name) ?? [];
    const answered = own.filter(({ outcome }) => !isFailure(outcome)).map(({ latencyMs }) => latencyMs);
    const quantile = (q: number): string =>
      answered.length === 0 ? NOT_MEASURED : formatMs(quantileOf(answered, q));
    return [
      scenarioLabel(name),
      whenText((loads.get(name) ?? []).map(({ startMs }) => startMs)),
      own.length,
      own.length === 0 ? NOT_MEASURED : formatShare(1 - answered.length / own.length),
      quantile(0.5),
      quantile(0.95),
      name === "control" ? "" : flagged(result, name),
    ];
  });
  const more = names.length - ROWS;
  return unfold(
    "Each fault's windows, figures and first flag",
    html`${table({
      caption: "Faults of this run, when they were in force and what clients saw",
      columns: ["Fault", "From second", "Requests", "Failed", "Median", "p95", "First flagged by a detector"],
      rows,
    })}<p class="note">Latency is that of answered requests. Flagged: the quickest detector, median time from the fault's start to the end of the first flagged second; detectors never set the verdict.</p>${
      more > 0 ? html`<p class="note">And ${formatCount(more)} more faults.</p>` : null
    }`,
  );
};
