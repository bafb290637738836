/** The run over time: faults, what clients saw, what processes used, in seconds of the run. */
import * as Plot from "@observablehq/plot";
import type { Profile } from "../../../profile.ts";
import type { TimelineEntry } from "../../../timeline/entry.ts";
import type { Result } from "../../../verdict.ts";
import { formatCount, formatCounted, formatMs, formatShare } from "../../format.ts";
import { happened } from "../../postmortem/course.ts";
import { COLOURS, chart } from "../chart.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { type ClientPoint, type ClientSeries, clientSeries } from "../series/clients.ts";
import { type Lanes, lanesOf } from "../series/lanes.ts";
import { unfold } from "../table.ts";
import { faultTable } from "./fault-table.ts";
import { type Happening, lanesAndMarks, type MarkRow, overTime, roomFor } from "./lane-marks.ts";
import { marksOf } from "./run-marks.ts";
import { usageCharts } from "./usage-charts.ts";

const ENTRIES = 100;
const FRAME = 170;
const ERROR_FRAME = 70;

/** One span for all charts, so that what stands above something happened at the same time. */
const domainOf = (client: ClientSeries, { lanes }: Lanes): readonly [number, number] => {
  const ends = lanes.flatMap(({ spans }) => spans.flatMap(({ fromS, toS }) => [fromS, toS]));
  const seen = client.points.map(({ atS }) => atS);
  const all = [...ends, ...seen];
  const from = all.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const to = all.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY);
  return to > from ? [from, to] : [Math.max(0, from - 1), from + 1];
};

/** Hours of quiet with a few slow seconds: on a plain scale only these would be seen. */
const LOG_FROM = 8;

/** 1, 2, 5, 10 ... where there is room for them, else powers of ten. */
const logTicks = (least: number, most: number): readonly number[] => {
  const powers = Array.from({ length: 13 }, (_, power) => 10 ** (power - 1));
  const inside = (ticks: readonly number[]): readonly number[] =>
    ticks.filter((tick) => tick >= least && tick <= most);
  const fine = inside(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  return fine.length <= 8 ? fine : inside(powers);
};

interface LatencyScale {
  readonly isLog: boolean;
  readonly least: number;
  readonly most: number;
}

const latencyScale = (points: readonly ClientPoint[]): LatencyScale => {
  const medians = points.flatMap(({ medianMs }) => medianMs ?? []).sort((a, b) => a - b);
  const most = points.reduce((largest, { p95Ms }) => Math.max(largest, p95Ms ?? 0), 1);
  const middle = medians[Math.floor(medians.length / 2)] ?? 1;
  const isLog = most > LOG_FROM * Math.max(1, middle);
  const least = isLog ? Math.min(most / 2, Math.max(0.1, (medians[0] ?? 1) / 1.5)) : 0;
  return { isLog, least, most: most * 1.05 };
};

/** Of what is drawn in words: quantiles of seconds, not of requests. */
const clientWords = ({ points, stepS, leftOut }: ClientSeries): string => {
  const requests = points.reduce((sum, each) => sum + each.requests, 0);
  const failed = points.reduce((sum, each) => sum + each.errorShare * each.requests, 0);
  const worst = points.reduce<ClientPoint | null>(
    (most, each) => ((each.p95Ms ?? -1) > (most?.p95Ms ?? -1) ? each : most),
    null,
  );
  return [
    `${formatCounted(requests, "request")} by the ${stepS === 1 ? "second" : `${formatCount(stepS)} seconds`} in which they were due, ${formatShare(requests === 0 ? 0 : failed / requests)} of them failed.`,
    worst === null || worst.p95Ms === null
      ? "None was answered."
      : `Slowest: p95 ${formatMs(worst.p95Ms)} at ${formatCount(Math.round(worst.atS))} s.`,
    leftOut > 0
      ? `${formatCounted(leftOut, "request")} with an impossible time ${leftOut === 1 ? "is" : "are"} not drawn.`
      : "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
};

const laneWords = ({ lanes, joinedS }: Lanes, marks: readonly MarkRow[]): string => {
  const happenings = marks.flatMap((row) => row.happenings);
  const detector = marks.find((row) => row.detector !== undefined)?.detector ?? "";
  const has = (what: Happening["what"]): boolean => happenings.some((each) => each.what === what);
  const symbols = [
    has("killed") ? "▽ killed by squall" : "",
    has("recovered") ? "○ first good answer after it" : "",
    has("died") ? "× died by itself" : "",
    has("alarm") ? `◇ an alarm (detector ${detector})` : "",
    has("false-alarm") ? "□ an alarm in calm" : "",
  ].filter((word) => word !== "");
  return [
    "Bars above: when each fault was in force.",
    joinedS > 0
      ? `Pale bars: on and off, less than ${formatMs(1000 * joinedS)} apart, which is too close to be drawn.`
      : "",
    lanes.some(({ spans }) => spans.some(({ isScored }) => !isScored)) ? "Dashed bars did not count." : "",
    symbols.length === 0 ? "" : `${symbols.join(", ")}.`,
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
};

const latencyChart = (
  client: ClientSeries,
  lanes: Lanes,
  marks: readonly MarkRow[],
  domain: readonly [number, number],
): Html => {
  const top = roomFor(lanes.lanes, marks);
  const { isLog, least, most } = latencyScale(client.points);
  const answered = client.points.filter(({ medianMs }) => medianMs !== null);
  const line = (of: "medianMs" | "p95Ms", stroke: string, dashes: string): Plot.Markish =>
    Plot.line(answered, {
      x: "atS",
      y: (point: ClientPoint) => Math.max(least, point[of] ?? 0),
      z: "segment",
      stroke,
      strokeDasharray: dashes,
    });
  return chart({
    title: `Latency of answered requests, median and 95th percentile of each ${client.stepS === 1 ? "second" : `${formatCount(client.stepS)} seconds`}`,
    description: `Solid: median; dashed: p95. ${clientWords(client)} ${laneWords(lanes, marks)}`,
    plot: {
      ...overTime(FRAME, top, domain),
      y: {
        type: isLog ? "log" : "linear",
        domain: [least, most],
        label: isLog ? "ms (logarithmic)" : "ms",
        labelAnchor: "center",
        labelOffset: 46,
        grid: true,
        ticks: isLog ? logTicks(least, most) : 4,
        tickFormat: ",",
      },
      marks: [
        ...lanesAndMarks(lanes.lanes, marks, FRAME),
        line("p95Ms", COLOURS.base, "4 3"),
        line("medianMs", COLOURS.head, "none"),
      ],
    },
  });
};

const errorChart = ({ points }: ClientSeries, domain: readonly [number, number]): Html => {
  const worst = points.reduce<ClientPoint | null>(
    (most, each) => (each.errorShare > (most?.errorShare ?? 0) ? each : most),
    null,
  );
  if (worst === null) return html`<p>No request failed.</p>`;
  const some = points.filter(({ errorShare }) => errorShare > 0).length;
  return chart({
    title: "Share of requests that failed",
    description: `Failures in ${formatCount(some)} of ${formatCounted(points.length, "point")}; at most ${formatShare(worst.errorShare)}, at ${formatCount(Math.round(worst.atS))} s.`,
    plot: {
      ...overTime(ERROR_FRAME, 10, domain),
      y: {
        domain: [0, 1],
        label: "failed",
        labelAnchor: "center",
        labelOffset: 46,
        grid: true,
        ticks: [0, 0.5, 1],
        tickFormat: "~%",
      },
      marks: [
        Plot.areaY(points, {
          x: "atS",
          y: "errorShare",
          z: "segment",
          curve: "step",
          fill: COLOURS.bad,
          fillOpacity: 0.25,
        }),
        Plot.line(points, { x: "atS", y: "errorShare", z: "segment", curve: "step", stroke: COLOURS.bad }),
      ],
    },
  });
};

const courseList = (entries: readonly TimelineEntry[], leftOut: number): Html => {
  const more = leftOut + Math.max(0, entries.length - ENTRIES);
  return html`<ul>${entries
    .slice(0, ENTRIES)
    .map((entry) => html`<li>+${formatMs(entry.atMs)} ${happened(entry)}</li>`)}</ul>${
    more > 0 ? html`<p class="note">And ${formatCount(more)} more.</p>` : null
  }`;
};

/** Faults that must be seen where there are too many of them. */
const tellingOf = ({ verdict }: Result): ReadonlySet<string> =>
  new Set(
    verdict.findings.flatMap(({ severity, scenario }) =>
      severity === "block" && scenario !== null ? [scenario] : [],
    ),
  );

const drawn = (head: Profile, result: Result): Html => {
  const client = clientSeries(head);
  const telling = tellingOf(result);
  const lanes = lanesOf(head, telling);
  const marks = marksOf(head, result);
  const domain = domainOf(client, lanes);
  return html`${latencyChart(client, lanes, marks, domain)}${errorChart(client, domain)}${usageCharts(head, domain)}${faultTable(head, result, telling)}`;
};

export const timelineSection: SectionOf = ({ result, head }) => {
  const entries = result.timeline?.entries ?? [];
  const isDrawn = head !== null && head.observations.length > 0;
  if (!isDrawn && entries.length === 0) return null;
  const course = entries.length === 0 ? null : courseList(entries, result.timeline?.leftOut ?? 0);
  return {
    id: "timeline",
    title: "The run over time",
    body: html`${isDrawn ? drawn(head, result) : null}${
      course === null ? null : isDrawn ? unfold("What happened when, in words", course) : course
    }`,
  };
};
