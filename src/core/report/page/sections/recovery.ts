/** How fast the service came back after kills, and what it answered in outages: head beside the baseline. */
import * as Plot from "@observablehq/plot";
import type { Scenario } from "../../../profile.ts";
import { formatCount, formatCounted, formatMs, formatShare, NOT_MEASURED } from "../../format.ts";
import { COLOURS, chart } from "../chart.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import {
  type KillsRecovered,
  type RecoveryPoint,
  type RecoverySeries,
  type RecoverySide,
  recoverySeries,
} from "../series/recovery.ts";
import { isDrawable } from "../series/thin.ts";
import { table } from "../table.ts";

const CHARTS = 8;
const ROWS = 60;

/** "after 1.16 s", and what is known of kills that were not recovered from. */
const recoveredWords = ({ kills, censored, medianMs, watchedMs }: KillsRecovered): string => {
  if (censored === 0) return `after ${formatMs(medianMs)} (median of ${formatCounted(kills, "kill")})`;
  const watched = watchedMs === null ? "it was watched" : `${formatMs(watchedMs)} that it was watched`;
  const not = `${formatCount(censored)} of ${formatCounted(kills, "kill")} without a good answer in the ${watched}`;
  return Number.isFinite(medianMs) ? `after ${formatMs(medianMs)} (median); ${not}` : `not: ${not}`;
};

const lowest = ({ points }: RecoverySide): string => {
  const after = points.filter(({ sinceS }) => sinceS > 0);
  const least = after.reduce<RecoveryPoint | null>(
    (low, each) => (low === null || each.goodShare < low.goodShare ? each : low),
    null,
  );
  return least === null ? NOT_MEASURED : formatShare(least.goodShare);
};

const overall = ({ points }: RecoverySide): number => {
  const after = points.filter(({ sinceS }) => sinceS > 0);
  const requests = after.reduce((sum, each) => sum + each.requests, 0);
  return after.reduce((sum, each) => sum + each.goodShare * each.requests, 0) / requests;
};

const sideWords = (name: string, line: string, side: RecoverySide): string => {
  const recovered = side.kills === null ? "" : `; recovered ${recoveredWords(side.kills)}`;
  return `${name} (${line}, ${formatCounted(side.rounds, "round")}): ${formatShare(overall(side))} answered well since then, at the lowest ${lowest(side)}${recovered}.`;
};

interface Reached {
  readonly atS: number;
  readonly who: string;
}

const reached = (who: string, side: RecoverySide | null): readonly Reached[] =>
  side === null || side.kills === null || !isDrawable(side.kills.medianMs)
    ? []
    : [{ atS: side.kills.medianMs / 1000, who }];

const curve = (side: RecoverySide, style: Plot.LineOptions, symbol: "circle" | "square"): Plot.Markish[] => [
  Plot.line(side.points, { x: "sinceS", y: "goodShare", z: "segment", ...style }),
  ...(side.points.length > 80
    ? []
    : [
        Plot.dot(side.points, {
          x: "sinceS",
          y: "goodShare",
          r: 2.5,
          symbol,
          stroke: style.stroke ?? null,
          fill: symbol === "circle" ? (style.stroke ?? null) : "var(--ground)",
        }),
      ]),
];

/** A line with its word above the frame, on the side where there is room. */
const moment = (atS: number, word: string, row: number, side: "left" | "right", style: Plot.RuleXOptions) => [
  Plot.ruleX([atS], { strokeOpacity: 0.7, ...style }),
  Plot.text([atS], {
    x: (each: number) => each,
    frameAnchor: "top",
    dy: -24 + 12 * row,
    textAnchor: side === "left" ? "end" : "start",
    dx: side === "left" ? -3 : 3,
    text: () => word,
    fill: style.stroke ?? null,
  }),
];

const momentMarks = ({ shape, head, base }: RecoverySeries): readonly Plot.Markish[] => {
  const marks = [...reached("base", base), ...reached("head", head)];
  const lastS = [...head.points, ...(base?.points ?? [])]
    .map(({ sinceS }) => sinceS)
    .concat(marks.map(({ atS }) => atS))
    .reduce((most, each) => Math.max(most, each), 0);
  return [
    ...(shape === "kill" ? moment(0, "killed", 0, "left", { stroke: COLOURS.bad }) : []),
    ...marks.flatMap(({ atS, who }, row) =>
      moment(atS, `${who} recovered`, row, atS > 0.7 * lastS ? "left" : "right", {
        stroke: who === "head" ? COLOURS.head : COLOURS.base,
        strokeDasharray: who === "head" ? "none" : "4 3",
      }),
    ),
  ];
};

const recoveryChart = (series: RecoverySeries, described: Scenario | undefined): Html => {
  const { scenario, shape, stepS, head, base } = series;
  const since = shape === "kill" ? "kill" : "fault";
  return chart({
    title: `${scenario}: share of good answers since the ${since}`,
    description: `${described === undefined ? "" : `${described.description}. `}Each point: requests that were due within ${formatMs(1000 * stepS)}. ${sideWords("Head", "solid, filled circles", head)}${
      base === null ? "" : ` ${sideWords("Base", "dashed, hollow squares", base)}`
    }`,
    plot: {
      height: 210,
      marginTop: 34,
      marginBottom: 34,
      x: { label: `seconds since the ${since}`, labelAnchor: "center", inset: 6 },
      y: {
        domain: [0, 1],
        label: "answered well",
        labelAnchor: "center",
        tickFormat: "~%",
        ticks: 4,
        grid: true,
      },
      marks: [
        ...momentMarks(series),
        ...(base === null ? [] : curve(base, { stroke: COLOURS.base, strokeDasharray: "6 3" }, "square")),
        ...curve(head, { stroke: COLOURS.head, strokeWidth: 2 }, "circle"),
      ],
    },
  });
};

/** One line at one height says nothing that words do not. */
const isFlat = ({ shape, head, base }: RecoverySeries): boolean => {
  const first = head.points[0]?.goodShare;
  return (
    shape === "clock" &&
    [...head.points, ...(base?.points ?? [])].every(({ goodShare }) => goodShare === first)
  );
};

const flatWords = ({ scenario, head, base }: RecoverySeries): string =>
  `${scenario}: ${formatShare(overall(head))} answered well all the time${base === null ? "" : ", in the baseline too"}.`;

const killTable = (all: readonly RecoverySeries[]): Html | null => {
  const killed = all.filter(
    ({ head, base }) => head.kills !== null || (base !== null && base.kills !== null),
  );
  if (killed.length === 0) return null;
  const cell = (side: RecoverySide | null): string =>
    side === null || side.kills === null ? NOT_MEASURED : recoveredWords(side.kills);
  return html`${table({
    caption: "Kill to the first good answer",
    showCaption: true,
    columns: ["Fault", "Base", "Head"],
    rows: killed.slice(0, ROWS).map(({ scenario, head, base }) => [scenario, cell(base), cell(head)]),
  })}${killed.length > ROWS ? html`<p class="note">And ${killed.length - ROWS} more.</p>` : null}`;
};

export const recoverySection: SectionOf = ({ head, baselines }) => {
  if (head === null) return null;
  const all = recoverySeries(head, baselines);
  if (all.length === 0) return null;
  const scenarios = new Map(head.scenarios.map((scenario) => [scenario.name, scenario]));
  const changing = all.filter((series) => !isFlat(series));
  const flat = all.filter(isFlat);
  const more = Math.max(0, changing.length - CHARTS) + Math.max(0, flat.length - ROWS);
  return {
    id: "recovery",
    title: "Recovery after kills and outages",
    body: html`${killTable(all)}${changing
      .slice(0, CHARTS)
      .map((series) => recoveryChart(series, scenarios.get(series.scenario)))}${
      flat.length === 0
        ? null
        : html`<ul>${flat.slice(0, ROWS).map((series) => html`<li>${flatWords(series)}</li>`)}</ul>`
    }${more > 0 ? html`<p class="note">${formatCount(more)} more are not shown.</p>` : null}`,
  };
};
