/** How much of a fault the service stands: the range that was searched, every window tried, and where it gives way. */
import * as Plot from "@observablehq/plot";
import type { Result } from "../../../verdict.ts";
import { byteLength } from "../../byte-length.ts";
import { formatChangeWithInterval, formatCounted, formatValue } from "../../format.ts";
import { FRONTIER_COLUMNS, frontierRows } from "../../frontiers.ts";
import { plainText } from "../../plain-text.ts";
import { labelWord } from "../../words.ts";
import { COLOURS, chart } from "../chart.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { type FrontierPlot, frontierPlots, type WindowOutcome } from "../series/frontiers.ts";
import { table, unfold } from "../table.ts";

const OPEN = 3;
const ROWS = 40;
/** Of all charts. */
const MOST_BYTES = 95_000;

const OUTCOMES: Readonly<
  Record<WindowOutcome, { symbol: Plot.SymbolType; stroke: string; fill: string; word: string }>
> = {
  held: { symbol: "circle", stroke: COLOURS.good, fill: COLOURS.good, word: "held" },
  "not-held": { symbol: "times", stroke: COLOURS.bad, fill: "none", word: "did not hold" },
  unscored: { symbol: "square", stroke: COLOURS.muted, fill: "none", word: "does not count" },
};

const HEAD = "head";
const BASE = "base";

/** A place on a row of the chart. */
interface Place {
  readonly row: string;
  readonly value: number;
  readonly text: string;
}
const AT = { x: "value", y: "row" } as const;

const estimates = ({ frontier, base, domain: [low, high] }: FrontierPlot): Plot.Markish[] => {
  const { head, unit } = frontier;
  const inside = (value: number): number => Math.min(high, Math.max(low, value));
  const place = (row: string, value: number): readonly Place[] => [
    { row, value: inside(value), text: formatValue(value, unit) },
  ];
  const beside = { ...AT, text: "text", dx: 9, dy: -8, textAnchor: "start", fontWeight: 600 } as const;
  const marks: Plot.Markish[] = [];
  if (base !== null) {
    const at = place(BASE, base);
    marks.push(
      Plot.ruleX(at, { x: "value", stroke: COLOURS.base, strokeDasharray: "5 4" }),
      Plot.dot(at, { ...AT, r: 6, symbol: "diamond", stroke: COLOURS.base, strokeWidth: 2, fill: "none" }),
      Plot.text(at, { ...beside, fill: COLOURS.base }),
    );
  }
  if (head.windows > 0) {
    const at = place(HEAD, head.tolerated);
    const [x1, x2] = head.interval.map(inside);
    marks.push(
      Plot.ruleY(at, {
        y: "row",
        x1: () => x1,
        x2: () => x2,
        stroke: COLOURS.head,
        strokeWidth: 6,
        strokeOpacity: 0.5,
      }),
      Plot.dot(at, { ...AT, r: 5, fill: COLOURS.head }),
      Plot.text(at, { ...beside, fill: COLOURS.head }),
    );
  }
  return marks;
};

const windowName = (window: number): string => `window ${window}`;

const marksOf = (plot: FrontierPlot): Plot.Markish[] =>
  (Object.keys(OUTCOMES) as WindowOutcome[]).flatMap((outcome) => {
    const { symbol, stroke, fill } = OUTCOMES[outcome];
    return [
      Plot.dot(
        plot.windows.filter((each) => each.outcome === outcome),
        {
          x: "value",
          y: ({ window }: { window: number }) => windowName(window),
          symbol,
          stroke,
          fill,
          strokeWidth: 2,
          r: 5,
        },
      ),
    ];
  });

const told = (result: Result, { frontier, windows }: FrontierPlot, row: readonly string[]): string => {
  const [, holds, tolerates, interval, base] = row;
  const comparison = result.verdict.comparisons.find(
    ({ metric, scenario }) => metric === "frontier" && scenario === frontier.name,
  );
  const tried = (outcome: WindowOutcome): number =>
    windows.filter((window) => window.outcome === outcome).length;
  const seen =
    windows.length === 0
      ? ""
      : ` ${formatCounted(windows.length, "window")}: ${tried("held")} held (●), ${tried("not-held")} did not (×)${tried("unscored") === 0 ? "" : `, ${tried("unscored")} do not count (□)`}.`;
  const change =
    comparison === undefined || comparison.base === null
      ? ""
      : ` Base (◇) ${base}${comparison.change === null ? "" : `, change ${formatChangeWithInterval(comparison.change, comparison.interval, frontier.unit)}`}: ${labelWord(comparison).word}.`;
  return `Tolerates ${tolerates} (95 % CI ${interval}) while ${plainText(holds ?? "", 200)}.${change}${seen}`;
};

const plotOf = (result: Result, plot: FrontierPlot, row: readonly string[]): Html => {
  const { frontier, windows, domain, scale, ticks, base } = plot;
  const rows = [HEAD, ...(base === null ? [] : [BASE]), ...windows.map(({ window }) => windowName(window))];
  const { unit, from, to } = frontier;
  const ends = from <= to ? domain : domain.toReversed();
  return chart({
    title: `${plainText(frontier.name, 80)}: ${plainText(frontier.description, 140)}`,
    description: told(result, plot, row),
    plot: {
      height: 70 + 20 * rows.length,
      style: { fontSize: "12px" },
      marginLeft: 90,
      marginRight: 90,
      marginTop: 24,
      marginBottom: 40,
      x: { type: scale, domain: [...ends], label: null },
      y: { type: "point", domain: rows, label: null, padding: 0.6 },
      marks: [
        Plot.gridY({ stroke: COLOURS.faint, strokeOpacity: 1 }),
        Plot.axisY({ tickSize: 0 }),
        Plot.axisX([...ticks], {
          text: (value: number) => formatValue(value, unit),
          label: `${plainText(frontier.parameter, 40)}, harder to the right`,
          labelAnchor: "center",
          labelArrow: "none",
        }),
        ...estimates(plot),
        ...marksOf(plot),
      ],
    },
  });
};

export const frontierPlotsSection: SectionOf = ({ result, head }) => {
  const frontiers = result.frontiers ?? [];
  if (frontiers.length === 0) return null;
  const rows = frontierRows(result);
  const charts: Html[] = [];
  let room = MOST_BYTES;
  for (const plot of frontierPlots({ result, head })) {
    const row = rows[frontiers.indexOf(plot.frontier)] ?? [];
    const figure = plotOf(result, plot, row);
    const made =
      charts.length < OPEN
        ? figure
        : unfold(`${plainText(plot.frontier.name, 80)}: tolerates ${row[2]}`, figure);
    room -= byteLength(made.text);
    if (room < 0) break;
    charts.push(made);
  }
  const more = frontiers.length - charts.length;
  return {
    id: "frontiers",
    title: "How much it stands",
    body: html`<p class="note">Each fault was made harder and milder in turn, window by window, to find the hardest under which the expectations still hold. A bar is the 95 % interval of where the service gives way.</p>${charts}${
      more > 0 ? html`<p class="note">${formatCounted(more, "more frontier")} not drawn.</p>` : null
    }${unfold(
      "Figures of these charts",
      table({
        caption: "How much of each fault is tolerated",
        columns: FRONTIER_COLUMNS,
        rows: rows.slice(0, ROWS).map((row) => row.map((cell) => plainText(cell, 80))),
      }),
    )}`,
  };
};
