/** Processor and memory of the service and its dependencies, over the same seconds as the charts above. */
import * as Plot from "@observablehq/plot";
import type { Profile } from "../../../profile.ts";
import { formatBytes, formatCores, formatCount } from "../../format.ts";
import { COLOURS, chart, markText } from "../chart.ts";
import { type Html, html } from "../html.ts";
import { thinned } from "../series/thin.ts";
import { type Usage, type UsageLine, type UsagePoint, usageOf } from "../series/usage.ts";
import { overTime } from "./lane-marks.ts";

const FRAME = 110;
const MOST_POINTS = 1000;

/** Told apart by dashes too, and named at their ends. */
const STYLES = [
  { stroke: COLOURS.head, dashes: "none", words: "solid" },
  { stroke: COLOURS.base, dashes: "6 3", words: "long dashes" },
  { stroke: COLOURS.good, dashes: "2 2", words: "short dashes" },
  { stroke: COLOURS.warn, dashes: "8 3 2 3", words: "dashes and dots" },
  { stroke: COLOURS.muted, dashes: "1 3", words: "dots" },
] as const;

interface Unit {
  readonly title: string;
  readonly label: string;
  readonly of: (point: UsagePoint) => number;
  readonly peak: (line: UsageLine) => number;
  readonly peakText: (line: UsageLine) => string;
}

const MEBI = 1024 ** 2;

const CORES: Unit = {
  title: "Processor in use",
  label: "cores",
  of: ({ cores }) => cores,
  peak: ({ peakCores }) => peakCores,
  peakText: ({ peakCores }) => formatCores(peakCores),
};

const MEMORY: Unit = {
  title: "Memory in use",
  label: "MiB",
  of: ({ memoryBytes }) => memoryBytes / MEBI,
  peak: ({ peakBytes }) => peakBytes / MEBI,
  peakText: ({ peakBytes }) => formatBytes(peakBytes),
};

/** Where names may stand beside the ends of their lines without touching, in parts of the frame from its bottom, 0..1. */
const spreadOut = (ends: readonly number[], apart: number): readonly number[] => {
  const order = ends.map((end, line) => ({ end, line })).sort((a, b) => a.end - b.end);
  const places: number[] = [];
  let least = 0;
  for (const [rank, { end, line }] of order.entries()) {
    const room = 1 - (order.length - 1 - rank) * apart;
    const place = Math.max(least, Math.min(end, room));
    places[line] = place;
    least = place + apart;
  }
  return places;
};

const usageChart = ({ lines, leftOut }: Usage, domain: readonly [number, number], unit: Unit): Html => {
  const most = lines.reduce((largest, line) => Math.max(largest, 1.05 * unit.peak(line)), 0) || 1;
  const ends = spreadOut(
    lines.map(({ points }) => {
      const last = points.at(-1);
      return last === undefined ? 0 : unit.of(last) / most;
    }),
    12 / FRAME,
  );
  const perLine = Math.floor(MOST_POINTS / lines.length);
  return chart({
    title: unit.title,
    description: `${lines
      .map(
        (line, place) =>
          `${markText(line.name, 40)} (${STYLES[place]?.words ?? "line"}): at most ${unit.peakText(line)}`,
      )
      .join("; ")}.${leftOut > 0 ? ` And ${formatCount(leftOut)} that used less.` : ""}`,
    plot: {
      ...overTime(FRAME, 10, domain),
      y: {
        domain: [0, most],
        label: unit.label,
        labelAnchor: "center",
        labelOffset: 46,
        grid: true,
        ticks: 4,
      },
      marks: lines.flatMap((line, place) => {
        const style = STYLES[place] ?? STYLES[0];
        return [
          Plot.line(thinned(line.points, perLine, unit.of), {
            x: "atS",
            y: unit.of,
            z: "segment",
            stroke: style.stroke,
            strokeDasharray: style.dashes,
            clip: true,
          }),
          Plot.text([markText(line.name, 18)], {
            frameAnchor: "bottom-right",
            textAnchor: "start",
            lineAnchor: "middle",
            dx: 6,
            dy: -(ends[place] ?? 0) * FRAME,
            fill: style.stroke,
          }),
        ];
      }),
    },
  });
};

/** Null: nothing was sampled. */
export const usageCharts = (head: Profile, domain: readonly [number, number]): Html | null => {
  const usage = usageOf(head);
  return usage.lines.length === 0
    ? null
    : html`${usageChart(usage, domain, CORES)}${usageChart(usage, domain, MEMORY)}`;
};
