/** The worst requests one by one: their calls on every edge as a waterfall, and what was logged meanwhile. */
import * as Plot from "@observablehq/plot";
import type { Observation } from "../../../observation.ts";
import type { Outcome } from "../../../outcome.ts";
import type { Profile } from "../../../profile.ts";
import { byteLength } from "../../byte-length.ts";
import { formatCounted, formatMs } from "../../format.ts";
import { plainText } from "../../plain-text.ts";
import { scenarioLabel } from "../../summary.ts";
import { COLOURS, chart, markText } from "../chart.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { type CallKind, type WaterfallRow, waterfallRows, within } from "../series/waterfall.ts";
import { type WorstRequest, worstRequests } from "../series/worst-requests.ts";
import { unfold } from "../table.ts";

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  ok: "good answer",
  degraded: "degraded answer",
  "wrong-answer": "wrong answer",
  incomplete: "answer cut short",
  "error-event": "error inside the answer",
  status: "failed status",
  refused: "connection refused",
  reset: "connection reset",
  malformed: "not valid HTTP",
  "timeout-connect": "no connection in time",
  "timeout-headers": "no answer in time",
  "timeout-first-content": "no content in time",
  "timeout-silence": "fell silent",
  "timeout-total": "not finished in time",
  "client-abort": "the client hung up",
  unsent: "not sent",
};

const KIND_COLOURS: Readonly<Record<CallKind, string>> = {
  client: COLOURS.muted,
  good: COLOURS.good,
  failed: COLOURS.bad,
  struck: COLOURS.warn,
};

const MOST_BYTES = 148_000;
/** What each request may show: less of each where all of it does not fit. */
const SIZES = [
  { calls: 40, lines: 12, requests: 10 },
  { calls: 24, lines: 12, requests: 10 },
  { calls: 13, lines: 12, requests: 10 },
  { calls: 8, lines: 6, requests: 10 },
  { calls: 6, lines: 3, requests: 5 },
  { calls: 4, lines: 1, requests: 2 },
] as const;
type Size = (typeof SIZES)[number];
/** Of a call with the shortest words, in the chart and in its table: what cannot fit is not drawn at all. */
const LEAST_BYTES_OF_A_CALL = 800;

const ROW_PX = 34;
const LONGEST_LABEL = 120;

const labelOf = ({ call, ending, struck }: WaterfallRow): string => {
  const after = `: ${ending}${struck === "" ? "" : `, ${struck}`}`;
  return `${markText(call, Math.max(40, LONGEST_LABEL - after.length))}${markText(after, LONGEST_LABEL)}`;
};

/** Words above each bar: on a narrow screen there is no room beside it. */
const marksOf = (rows: readonly WaterfallRow[], endMs: number): Plot.Markish[] => {
  const placed = rows.map((row, place) => ({ ...row, place, colour: KIND_COLOURS[row.kind] }));
  const arrived = placed.flatMap((row) =>
    row.firstByteMs === null ? [] : [{ ...row, firstByteMs: row.firstByteMs }],
  );
  const colour = "colour";
  return [
    Plot.ruleX([0, endMs], { stroke: COLOURS.muted, strokeDasharray: "4 3" }),
    Plot.text(placed, {
      y: ({ place }: { place: number }) => place + 0.28,
      text: labelOf,
      frameAnchor: "left",
      dx: 2,
      fill: COLOURS.text,
      stroke: "var(--ground)",
      strokeWidth: 4,
      fontSize: 11,
    }),
    Plot.rect(placed, {
      x1: "startMs",
      x2: "endMs",
      y1: ({ place }: { place: number }) => place + 0.66,
      y2: ({ place }: { place: number }) => place + 0.78,
      fill: colour,
    }),
    Plot.rect(arrived, {
      x1: "firstByteMs",
      x2: "endMs",
      y1: ({ place }: { place: number }) => place + 0.52,
      y2: ({ place }: { place: number }) => place + 0.92,
      fill: colour,
    }),
    // A call that was over at once, and the first byte of each.
    Plot.ruleX(arrived, {
      x: "firstByteMs",
      y1: ({ place }: { place: number }) => place + 0.52,
      y2: ({ place }: { place: number }) => place + 0.92,
      stroke: colour,
      strokeWidth: 2,
    }),
    Plot.dot(
      placed.filter(({ kind }) => kind === "struck"),
      {
        x: "startMs",
        y: ({ place }: { place: number }) => place + 0.72,
        symbol: "diamond",
        r: 6,
        fill: COLOURS.warn,
        stroke: "var(--ground)",
      },
    ),
  ];
};

/** The longest call but the request itself, in words. */
const told = (rows: readonly WaterfallRow[], latencyMs: number): string => {
  const calls = rows.filter(({ call }) => !call.startsWith("the request "));
  const struck = calls.filter(({ struck: by }) => by !== "").length;
  const lengthMs = ({ startMs, endMs }: WaterfallRow): number => endMs - startMs;
  const [longest] = calls.toSorted((a, b) => lengthMs(b) - lengthMs(a));
  const lead = `It ended for its client after ${formatMs(latencyMs)}, with ${formatCounted(calls.length, "call")} at dependencies${struck === 0 ? "" : `, ${struck} of them struck by a fault`}.`;
  return longest === undefined
    ? lead
    : `${lead} The longest took ${formatMs(lengthMs(longest))}: ${plainText(longest.call, 100)} (${longest.ending}).`;
};

const waterfall = (rows: readonly WaterfallRow[], { latencyMs }: Observation): Html =>
  chart({
    title: "Calls on every edge, by start",
    description: told(rows, latencyMs),
    plot: {
      height: 40 + ROW_PX * rows.length,
      marginLeft: 8,
      marginRight: 16,
      marginTop: 34,
      marginBottom: 4,
      x: { axis: "top", label: "ms from the instant at which it was due", nice: true },
      y: { axis: null, domain: [0, rows.length], reverse: true },
      marks: marksOf(rows, within(latencyMs)),
    },
    figures: {
      caption: "Calls of this request",
      columns: ["Call", "Start", "First byte", "End", "How it ended", "Fault"],
      rows: rows.map(({ call, ending, struck, startMs, firstByteMs, endMs }) => [
        call,
        formatMs(startMs),
        firstByteMs === null ? "none" : formatMs(firstByteMs),
        formatMs(endMs),
        ending,
        struck,
      ]),
    },
  });

/** "at 12:00:41 UTC, 41.2 s into the run" */
const when = ({ window, observation }: WorstRequest, { provenance }: Profile): string => {
  const atMs = window.startMs + observation.scheduledMs;
  const clock = new Date(Date.parse(provenance.startedAt) + atMs);
  const time = Number.isNaN(clock.getTime()) ? "" : `at ${clock.toISOString().slice(11, 19)} UTC, `;
  return `${time}${formatMs(atMs)} into the run`;
};

const firstContent = ({ ttftMs }: Observation): string =>
  ttftMs === null ? "no content came" : `first content after ${formatMs(ttftMs)}`;

const facts = (worst: WorstRequest, head: Profile): Html => {
  const { observation, window } = worst;
  const { status, lagMs, hit } = observation;
  const sentences = [
    `Round ${window.round + 1}, ${when(worst, head)}.`,
    `${status === 0 ? "No status" : `Status ${status}`}, ${firstContent(observation)}.`,
    hit ? "Chosen to be struck." : "",
    lagMs >= 10 ? `Sent ${formatMs(lagMs)} late: the generator's doing, not the service's.` : "",
    window.invalid === undefined ? "" : `Its window did not count: ${plainText(window.invalid)}.`,
  ];
  return html`<p>${sentences.filter((sentence) => sentence !== "").join(" ")}</p>`;
};

const NEW_LINE = html`
`;

/** Milliseconds stay apart, as in a log: lines lie close together. */
const lineOf = ({ process, atMs, line }: WorstRequest["exhibit"]["log"][number]): Html =>
  html`+${Math.round(within(atMs))} ms ${plainText(process, 60)}: ${plainText(line, 300)}`;

const logOf = ({ exhibit }: WorstRequest, { lines }: Size): Html | null => {
  const log = exhibit.log.slice(-lines);
  if (log.length === 0) return html`<p class="note">Nothing was logged while it was under way.</p>`;
  return html`<p class="note">Logged while it was under way, perhaps for others:</p><pre>${log.map(
    (line, place) => html`${place === 0 ? "" : NEW_LINE}${lineOf(line)}`,
  )}</pre>`;
};

const item = (worst: WorstRequest, head: Profile, size: Size, isFirst: boolean): Html => {
  const { observation, window, exhibit } = worst;
  const rows = waterfallRows(exhibit.calls.slice(0, size.calls));
  const leftOut = exhibit.leftOut + exhibit.calls.length - rows.length;
  return unfold(
    html`<strong>${plainText(scenarioLabel(window.scenario), 80)}</strong>: <code>${plainText(observation.requestId, 80)}</code>, ${OUTCOME_WORDS[observation.outcome]} after ${formatMs(observation.latencyMs)}`,
    html`${facts(worst, head)}${
      rows.length === 0
        ? html`<p class="note">No call could be told to be of this request.</p>`
        : waterfall(rows, observation)
    }${leftOut > 0 ? html`<p class="note">${formatCounted(leftOut, "further call")} left out.</p>` : null}${logOf(worst, size)}`,
    isFirst,
  );
};

const NOTE = html`<p class="note">The worst of each scenario, as the sidecar saw their calls. A thin bar waits for the first byte, a thick one is the answer arriving; a diamond marks a call that a fault struck. Dashed lines: when the request was due, and when it had ended for its client.</p>`;

export const requestsSection: SectionOf = ({ head, result }) => {
  if (head === null) return null;
  const worst = worstRequests(head, result);
  if (worst.length === 0) return null;
  const bodyOf = (size: Size): Html =>
    html`${NOTE}${worst.slice(0, size.requests).map((each, place) => item(each, head, size, place === 0))}`;
  for (const size of SIZES) {
    const calls = worst
      .slice(0, size.requests)
      .map(({ exhibit }) => Math.min(size.calls, exhibit.calls.length));
    if (calls.reduce((sum, count) => sum + count, 0) * LEAST_BYTES_OF_A_CALL > MOST_BYTES) continue;
    const body = bodyOf(size);
    if (byteLength(body.text) <= MOST_BYTES) return { id: "requests", title: "The worst requests", body };
  }
  return null;
};
