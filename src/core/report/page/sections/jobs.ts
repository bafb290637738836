/** A training job's runs: how far each came and when, and whether its loss stayed where calm runs have it. */
import * as Plot from "@observablehq/plot";
import { lossTolerance } from "../../../job/loss.ts";
import type { Profile } from "../../../profile.ts";
import { formatCount, formatCounted, formatMs, formatShare } from "../../format.ts";
import { formatLoss } from "../../job-tables.ts";
import { COLOURS, chart, markText } from "../chart.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { type JobLosses, type JobStrip, jobLosses, jobStrips } from "../series/job-runs.ts";

const STRIP = 64;
const LOSS = 104;
const BOTTOM = 34;

const OUTCOMES: Readonly<Record<JobStrip["outcome"], string>> = {
  completed: "completed",
  "gave-up": "given up",
  "timed-out": "timed out",
};

const nameOf = ({ scenario, repeat, outcome, isScored }: JobStrip): string =>
  `${scenario === "control" ? "calm" : markText(scenario, 40)}, run ${formatCount(repeat + 1)}: ${OUTCOMES[outcome]}${isScored ? "" : ", did not count"}`;

/** A line for each strip as Plot wants it: one table for all. */
const rowsOf = <Row extends object>(
  strips: readonly JobStrip[],
  of: (strip: JobStrip) => readonly Row[],
): readonly (Row & { readonly strip: number })[] =>
  strips.flatMap((strip, place) => of(strip).map((row) => ({ ...row, strip: place })));

const stripMarks = (strips: readonly JobStrip[]): readonly Plot.Markish[] => {
  const at = (times: readonly number[]): readonly { readonly atS: number }[] => times.map((atS) => ({ atS }));
  const strikes = rowsOf(strips, ({ strikesS }) => at(strikesS));
  const restarts = rowsOf(strips, ({ restartsS }) => at(restartsS));
  const steps = { x: "atS", y: "step", fy: "strip" } as const;
  return [
    Plot.frame({ stroke: COLOURS.faint }),
    Plot.line(
      rowsOf(strips, ({ base }) => base ?? []),
      { ...steps, stroke: COLOURS.base, strokeDasharray: "4 3", strokeWidth: 1.2 },
    ),
    Plot.line(
      rowsOf(strips, (strip) => strip.steps),
      { ...steps, stroke: COLOURS.head, strokeWidth: 2 },
    ),
    Plot.ruleX(strikes, { x: "atS", fy: "strip", stroke: COLOURS.bad, strokeDasharray: "1 3" }),
    Plot.dot(strikes, {
      x: "atS",
      fy: "strip",
      frameAnchor: "top",
      dy: 5,
      symbol: "triangle2",
      rotate: 180,
      r: 3.5,
      stroke: COLOURS.bad,
      fill: COLOURS.bad,
    }),
    Plot.dot(restarts, {
      x: "atS",
      fy: "strip",
      frameAnchor: "bottom",
      dy: -5,
      symbol: "circle",
      r: 3,
      stroke: COLOURS.text,
      fill: "var(--ground)",
    }),
    Plot.text(
      strips.map((strip, place) => ({ strip: place, name: nameOf(strip) })),
      { text: "name", fy: "strip", frameAnchor: "top-left", dy: -12, fill: "currentColor" },
    ),
  ];
};

const hasBase = (strips: readonly JobStrip[]): boolean => strips.some(({ base }) => base !== null);

const stripWords = (strips: readonly JobStrip[]): string => {
  const struck = strips.reduce((sum, { strikesS }) => sum + strikesS.length, 0);
  const again = strips.reduce((sum, { restartsS }) => sum + restartsS.length, 0);
  const longest = strips.reduce((most, { steps }) => Math.max(most, steps.at(-1)?.atS ?? 0), 0);
  return [
    `Solid: step reached by this run${hasBase(strips) ? "; dashed: the same run of the newest baseline" : ""}.`,
    struck > 0 ? `▼ ${formatCounted(struck, "strike")} of a fault.` : "",
    again > 0
      ? `○ ${formatCounted(again, "restart")}: a fall of the line is steps that were done again.`
      : "",
    `Last step after ${formatMs(1000 * longest)} at the latest.`,
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
};

const stripChart = (title: string, strips: readonly JobStrip[]): Html | null =>
  strips.length === 0
    ? null
    : chart({
        title,
        description: stripWords(strips),
        plot: {
          height: strips.length * STRIP + BOTTOM + 20,
          marginTop: 20,
          marginBottom: BOTTOM,
          fy: { axis: null, padding: 0.3, round: false, domain: strips.map((_, place) => place) },
          x: { label: "seconds of the run", labelAnchor: "center", zero: true },
          y: { label: "step", labelAnchor: "center", ticks: 3, zero: true, inset: 2 },
          marks: [...stripMarks(strips)],
        },
      });

/** Far-off losses of a run that went wrong must not press all others into one line. */
const lossDomain = ({
  calm,
  struck,
}: JobLosses): { readonly domain: [number, number]; readonly isCut: boolean } => {
  const losses = struck.flatMap(({ runs }) => runs.flatMap(({ points }) => points.map(({ loss }) => loss)));
  const usual = calm.flatMap(({ least, most }) => [least, most]);
  const extent = (values: readonly number[]): [number, number] => [
    values.reduce((low, each) => Math.min(low, each), Number.POSITIVE_INFINITY),
    values.reduce((high, each) => Math.max(high, each), Number.NEGATIVE_INFINITY),
  ];
  const [low, high] = extent([...usual, ...losses]);
  if (usual.length === 0) return { domain: low < high ? [low, high] : [low - 1, low + 1], isCut: false };
  const [calmLow, calmHigh] = extent(usual);
  const room = Math.max(calmHigh - calmLow, Number.MIN_VALUE);
  const domain: [number, number] = [Math.max(low, calmLow - room), Math.min(high, calmHigh + room)];
  return domain[0] < domain[1]
    ? { domain, isCut: low < domain[0] || high > domain[1] }
    : { domain: [domain[0] - 1, domain[0] + 1], isCut: false };
};

const lossWords = (
  head: Profile,
  baselines: readonly Profile[],
  losses: JobLosses,
  isCut: boolean,
): string => {
  const tolerance = lossTolerance([head, ...baselines]);
  const last = losses.calm.at(-1);
  return [
    losses.calm.length === 0
      ? "No calm run with losses completed, so there is nothing to hold them against."
      : `Dashed: median of ${formatCounted(losses.calmRuns, "calm run")}${last === undefined ? "" : `, ${formatLoss(last.median)} at step ${formatCount(last.step)}`}; the band is their range. Solid: each struck run; where it resumed from a checkpoint as it should, it lies on the dashed line.`,
    tolerance === null
      ? ""
      : `A distance of more than ${formatShare(tolerance)} is more than calm runs differ by.`,
    isCut ? "Losses further off than the range of calm runs are cut at the edge." : "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
};

const lossChart = (head: Profile, baselines: readonly Profile[]): Html | null => {
  const losses = jobLosses(head);
  if (losses.struck.length === 0) return null;
  const { domain, isCut } = lossDomain(losses);
  const places = losses.struck.map((_, place) => place);
  const calm = places.flatMap((strip) => losses.calm.map((point) => ({ ...point, strip })));
  const struck = losses.struck.flatMap(({ runs }, strip) =>
    runs.flatMap(({ repeat, points }) =>
      points.map((point) => ({ ...point, strip, line: `${repeat} ${point.segment}` })),
    ),
  );
  return chart({
    title: "Loss by step, struck runs beside calm ones",
    description: lossWords(head, baselines, losses, isCut),
    plot: {
      height: places.length * LOSS + BOTTOM + 20,
      marginTop: 20,
      marginBottom: BOTTOM,
      fy: { axis: null, padding: 0.18, round: false, domain: places },
      x: { label: "step", labelAnchor: "center" },
      y: { label: "loss", labelAnchor: "center", ticks: 4, domain, clamp: true, grid: true, inset: 3 },
      marks: [
        Plot.frame({ stroke: COLOURS.faint }),
        Plot.areaY(calm, {
          x: "step",
          y1: "least",
          y2: "most",
          fy: "strip",
          fill: COLOURS.base,
          fillOpacity: 0.2,
        }),
        Plot.line(struck, {
          x: "step",
          y: "loss",
          z: "line",
          fy: "strip",
          stroke: COLOURS.head,
          strokeWidth: 1.8,
        }),
        Plot.line(calm, {
          x: "step",
          y: "median",
          fy: "strip",
          stroke: COLOURS.base,
          strokeDasharray: "5 4",
        }),
        Plot.text(
          losses.struck.map(({ scenario, runs }, strip) => ({
            strip,
            name: `${markText(scenario, 40)}: ${formatCounted(runs.length, "run")}`,
          })),
          { text: "name", fy: "strip", frameAnchor: "top-left", dy: -12, fill: "currentColor" },
        ),
      ],
    },
  });
};

export const jobsSection: SectionOf = ({ head, baselines }) => {
  if (head === null || head.jobRuns === undefined || head.jobRuns.length === 0) return null;
  const { struck, calm, leftOut } = jobStrips(head, baselines.at(-1));
  return {
    id: "jobs",
    title: "The job's runs",
    body: html`${stripChart("Steps over time, runs under faults", struck)}${stripChart("Steps over time, calm runs", calm)}${
      leftOut > 0 ? html`<p class="note">${formatCount(leftOut)} more runs are not drawn.</p>` : null
    }${lossChart(head, baselines)}`,
  };
};
