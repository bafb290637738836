/** How main has been going, run by run, and where this run stands: information, never a gate. */
import * as Plot from "@observablehq/plot";
import type { TrendChange } from "../../../trend.ts";
import { formatCounted, formatValue } from "../../format.ts";
import { plainText } from "../../plain-text.ts";
import { scenarioLabel } from "../../summary.ts";
import { COLOURS, chart, markText } from "../chart.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import {
  type History,
  type HistoryLine,
  type HistoryPoint,
  historyOf,
  type ScenarioHistory,
} from "../series/history.ts";
import { latencyTick } from "../series/latency-axis.ts";
import { andMore, table, unfold } from "../table.ts";

/** Run labels under a chart: more run into each other. */
const LABELS = 8;
const CHANGES = 20;

const runLabel = ({ commit, day, isHead }: HistoryPoint): string =>
  [isHead ? "this run" : markText(commit, 9), markText(day, 10)].filter((line) => line !== "").join("\n");

const runName = ({ commit, day }: HistoryPoint): string => markText(commit === "" ? day : commit, 40);

const isMeasured = (point: HistoryPoint): point is HistoryPoint & { readonly value: number } =>
  point.value !== null;

/** Every so many, and the last. */
const labelled = (points: readonly HistoryPoint[]): readonly HistoryPoint[] => {
  const every = Math.ceil(points.length / LABELS);
  const last = points.length - 1;
  return points.filter((_, place) => (last - place) % every === 0);
};

/** Changes from one run on, told by their numbers in the table below. */
const changeMarks = (changes: readonly TrendChange[]): Plot.Markish[] => {
  const byRun = Map.groupBy(
    changes.slice(0, CHANGES).map(({ run }, place) => ({ run, number: place + 1 })),
    ({ run }) => run,
  );
  const marks = [...byRun].map(([run, of]) => ({
    at: run - 0.5,
    text: `${of
      .slice(0, 4)
      .map(({ number }) => number)
      .join(", ")}${of.length > 4 ? " ..." : ""}`,
  }));
  return [
    Plot.ruleX(marks, { x: "at", stroke: COLOURS.warn, strokeWidth: 2, strokeDasharray: "2 3" }),
    Plot.text(marks, {
      x: "at",
      text: "text",
      frameAnchor: "top",
      dy: -18,
      fill: COLOURS.warn,
      fontWeight: 600,
    }),
  ];
};

const told = ({ unit, points }: HistoryLine): string => {
  const values = points.filter(isMeasured);
  const main = values.filter(({ isHead }) => !isHead).map(({ value }) => value);
  const head = values.find(({ isHead }) => isHead);
  const [least, most] = [Math.min(...main), Math.max(...main)].map((value) => formatValue(value, unit));
  const range =
    main.length === 0
      ? "No run of main tells"
      : `${formatCounted(main.length, "run")} of main ${least === most ? least : `${least} .. ${most}`}`;
  return `${range}${head === undefined ? "" : `, this run ${formatValue(head.value, unit)}`}.`;
};

const lineChart = (title: string, line: HistoryLine, changes: readonly TrendChange[]): Html => {
  const { points, unit } = line;
  const measured = points.filter(isMeasured);
  const most = Math.max(unit === "share" ? 0.02 : 1e-3, ...measured.map(({ value }) => value));
  const top = unit === "share" ? Math.min(1, 1.1 * most) : 1.1 * most;
  const ofMain = points.filter(({ isHead }) => !isHead);
  const at = { x: "run", y: "value" } as const;
  return chart({
    title,
    description: told(line),
    plot: {
      height: changes.length > 0 ? 200 : 170,
      style: { fontSize: "12px" },
      marginTop: changes.length > 0 ? 30 : 12,
      marginRight: 50,
      marginBottom: 46,
      marginLeft: 64,
      x: { domain: [-0.5, points.length - 0.5], label: null },
      y: { domain: [0, top], label: null },
      marks: [
        Plot.gridY({ ticks: 3, stroke: COLOURS.faint, strokeOpacity: 1 }),
        Plot.axisY({
          ticks: 3,
          tickSize: 0,
          tickFormat: (value: number) => (unit === "ms" ? latencyTick(value) : formatValue(value, unit)),
        }),
        Plot.axisX(
          labelled(points).map(({ run }) => run),
          {
            text: (run: number) => {
              const point = points[run];
              return point === undefined ? "" : runLabel(point);
            },
          },
        ),
        ...changeMarks(changes),
        Plot.line(ofMain, { ...at, stroke: COLOURS.base, strokeWidth: 2 }),
        Plot.dot(ofMain.filter(isMeasured), { ...at, fill: COLOURS.base, r: 3.5 }),
        Plot.dot(
          measured.filter(({ isHead }) => isHead),
          { ...at, symbol: "diamond", fill: COLOURS.head, r: 7 },
        ),
      ],
    },
  });
};

const changesTable = ({ changes, calm: { points } }: History): Html | null => {
  if (changes.length === 0) return null;
  const more = changes.length - CHANGES;
  return html`${table({
    caption: "What changed for good",
    showCaption: true,
    columns: ["", "Fault", "Figure", "Before", "Since", "First run with it"],
    rows: changes.slice(0, CHANGES).map(({ run, scenario, figure, unit, from, to }, place) => {
      const point = points[run];
      return [
        place + 1,
        plainText(scenarioLabel(scenario), 80),
        plainText(figure, 80),
        formatValue(from, unit),
        formatValue(to, unit),
        point === undefined ? "" : runName(point),
      ];
    }),
  })}${andMore(more)}`;
};

const scenarioCharts = ({ scenario, lines }: ScenarioHistory): Html =>
  html`${lines.map((line) => lineChart(`${plainText(scenarioLabel(scenario.name), 80)}: ${line.name}`, line, []))}`;

const figuresOf = ({ calm, scenarios }: History): Html => {
  const columns = scenarios.flatMap(({ scenario, lines }) =>
    lines.map((line) => ({ name: `${plainText(scenarioLabel(scenario.name), 80)}: ${line.name}`, line })),
  );
  // Of scenarios every comparable run; of the calm line the trend's. They are the same runs, or the last of them.
  const cell = ({ points, unit }: HistoryLine, fromEnd: number): string =>
    formatValue(points.at(-1 - fromEnd)?.value ?? null, unit);
  return unfold(
    "Figures of these charts",
    table({
      caption: "Figures by run, newest first",
      columns: ["Run", "Day", calm.name, ...columns.map(({ name }) => name)],
      rows: calm.points
        .toReversed()
        .map((point, fromEnd) => [
          point.isHead ? `${runName(point)} (this run)` : runName(point),
          markText(point.day, 10),
          cell(calm, fromEnd),
          ...columns.map(({ line }) => cell(line, fromEnd)),
        ]),
    }),
  );
};

export const historySection: SectionOf = (input) => {
  const history = historyOf(input);
  if (history === null) return null;
  const { calm, changes, scenarios } = history;
  return {
    id: "history",
    title: "How main has been going",
    body: html`<p class="note">For information: what happened on main is merged already. Dots are runs of main, the diamond is this run. Calm latency is as much the machine's as the service's; under faults it is shown over the run's own calm median.</p>${lineChart(
      "Calm traffic: median latency",
      calm,
      changes,
    )}${changesTable(history)}${scenarios.map((each, place) =>
      place === 0
        ? scenarioCharts(each)
        : unfold(
            `${plainText(scenarioLabel(each.scenario.name), 80)}: ${each.lines.map((line) => `${line.name}: ${told(line)}`).join(" ")}`,
            scenarioCharts(each),
          ),
    )}${figuresOf(history)}`,
  };
};
