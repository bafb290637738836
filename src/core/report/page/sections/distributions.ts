/** How long clients wait under each fault, and how many are never answered: the whole distribution, base against head. */
import * as Plot from "@observablehq/plot";
import { byteLength } from "../../byte-length.ts";
import { formatCount, formatCounted, formatMs, formatShare } from "../../format.ts";
import { plainText } from "../../plain-text.ts";
import { scenarioLabel } from "../../summary.ts";
import { COLOURS, chart } from "../chart.ts";
import { type Html, type HtmlValue, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { comparedRuns } from "../series/compared-runs.ts";
import { type Distribution, distributionOf, scenarioLatencies } from "../series/distributions.ts";
import type { Ecdf } from "../series/ecdf.ts";
import { type LatencyAxis, latencyAxis, latencyTick, onAxis } from "../series/latency-axis.ts";
import { table, unfold } from "../table.ts";

const SCENARIOS = 24;
const OPEN = 3;
/** Points of a curve: of those that are open, and of the others. */
const POINTS = 200;
const FOLDED_POINTS = 36;
/** Bytes of all charts; what would not fit is left out, and said. */
const MOST_BYTES = 132_000;

/** Read on a phone too, where the chart is a little smaller. */
const TEXT = { fontSize: "12px" };

/** How the two sides are told apart without colour. */
const SIDES = {
  base: { stroke: COLOURS.base, dash: "5 4", sample: "- - base", offset: 10 },
  head: { stroke: COLOURS.head, dash: "", sample: "— head", offset: 20 },
} as const;
type SideName = keyof typeof SIDES;

const failedShare = ({ failed, n }: Ecdf): number => failed / n;

const curve = (name: SideName, { points, n, failed }: Ecdf, axis: LatencyAxis): Plot.Markish[] => {
  const { stroke, dash, offset } = SIDES[name];
  const [low, high] = axis.domain;
  const end = (n - failed) / n;
  const steps = [
    { latencyMs: low, share: 0 },
    ...points.map(({ latencyMs, share }) => ({ latencyMs: onAxis(latencyMs, axis), share })),
    { latencyMs: high, share: end },
  ];
  const line = Plot.line(steps, {
    x: "latencyMs",
    y: "share",
    curve: "step-after",
    stroke,
    strokeWidth: 2,
    ...(dash === "" ? {} : { strokeDasharray: dash }),
  });
  if (failed === 0) return [line];
  // What is missing from the curve's end to 100 %, beside the plot.
  const missing = Plot.ruleX([high], {
    x: high,
    y1: end,
    y2: 1,
    dx: offset,
    stroke,
    strokeWidth: 7,
    ...(dash === "" ? {} : { strokeDasharray: "3 2" }),
  });
  return [line, missing];
};

const label = (name: SideName, ecdf: Ecdf | null, place: number): Plot.Markish[] => {
  const { stroke, sample } = SIDES[name];
  const text = ecdf === null ? "not measured" : `${formatShare(failedShare(ecdf))} failed`;
  return [
    Plot.text([`${sample}: ${text}`], {
      frameAnchor: "top-right",
      textAnchor: "start",
      dx: 30,
      dy: 4 + 18 * place,
      fill: stroke,
      fontWeight: 600,
    }),
  ];
};

const slo = (sloMs: number, axis: LatencyAxis): Plot.Markish[] =>
  sloMs > 0 && Number.isFinite(sloMs)
    ? [
        Plot.ruleX([onAxis(sloMs, axis)], { stroke: COLOURS.muted, strokeDasharray: "1 3", strokeWidth: 2 }),
        Plot.text([onAxis(sloMs, axis)], {
          x: (each: number) => each,
          text: () => `SLO ${formatMs(sloMs)}`,
          frameAnchor: "top",
          dy: -15,
          fill: COLOURS.muted,
        }),
      ]
    : [];

const changeOf = ({ base, head }: Distribution, tell: (ecdf: Ecdf) => string): string =>
  [base, head].flatMap((side) => (side === null ? [] : [tell(side)])).join(" -> ");

const countOf = (ecdf: Ecdf | null, side: string): string =>
  ecdf === null ? `none of ${side}` : `${formatCounted(ecdf.n, "request")} of ${side}`;

const quantile = (ms: number): string => (Number.isFinite(ms) ? formatMs(ms) : "not answered");

const figuresInWords = (distribution: Distribution): string =>
  `median ${changeOf(distribution, ({ p50Ms }) => quantile(p50Ms))}, p95 ${changeOf(distribution, ({ p95Ms }) => quantile(p95Ms))}, failed ${changeOf(distribution, (each) => formatShare(failedShare(each)))}`;

const sentence = (distribution: Distribution, baseRuns: number): string => {
  const base = baseRuns === 0 ? [] : [countOf(distribution.base, `base (${formatCounted(baseRuns, "run")})`)];
  return `${baseRuns === 0 ? "Head" : "Base -> head"}: ${figuresInWords(distribution)}; ${[...base, countOf(distribution.head, "head")].join(", ")}.`;
};

const name = ({ scenario }: Distribution): string => plainText(scenarioLabel(scenario.name), 80);

interface Shown {
  readonly sloMs: number;
  readonly baseRuns: number;
}

const plotOf = (distribution: Distribution, { sloMs, baseRuns }: Shown): Html => {
  const { base, head, scenario } = distribution;
  const ends = [base, head].flatMap((side) => [side?.points[0], side?.points.at(-1)]);
  const axis = latencyAxis([sloMs, ...ends.flatMap((end) => (end === undefined ? [] : [end.latencyMs]))]);
  const shares = [0, 0.25, 0.5, 0.75, 1];
  return chart({
    title: `${name(distribution)}${scenario.shape === "control" ? "" : `: ${plainText(scenario.description, 140)}`}`,
    description: sentence(distribution, baseRuns),
    plot: {
      height: 250,
      style: TEXT,
      marginTop: 26,
      marginRight: 190,
      marginBottom: 38,
      x: { type: "log", domain: [...axis.domain], label: null },
      y: { domain: [0, 1], label: null },
      marks: [
        Plot.gridY(shares, { stroke: COLOURS.faint, strokeOpacity: 1 }),
        Plot.axisY(shares, { tickFormat: (share: number) => `${100 * share} %`, tickSize: 0 }),
        Plot.axisX([...axis.ticks], {
          text: latencyTick,
          label: "answered well within",
          labelAnchor: "center",
          labelArrow: "none",
        }),
        ...slo(sloMs, axis),
        // Dashes above: where both are the same, both are seen.
        ...(head === null ? [] : curve("head", head, axis)),
        ...(base === null ? [] : curve("base", base, axis)),
        ...(baseRuns === 0 ? [] : label("base", base, 0)),
        ...label("head", head, baseRuns === 0 ? 0 : 1),
      ],
    },
  });
};

const row = (distribution: Distribution, sides: readonly SideName[]): readonly HtmlValue[] => [
  name(distribution),
  ...sides.flatMap((side) => {
    const ecdf = distribution[side];
    return ecdf === null
      ? ["n/a", "n/a", "n/a", "n/a", "n/a"]
      : [
          formatCount(ecdf.n),
          formatShare(failedShare(ecdf)),
          ...[ecdf.p50Ms, ecdf.p95Ms, ecdf.p99Ms].map(quantile),
        ];
  }),
];

const figures = (all: readonly Distribution[], sides: readonly SideName[]): Html =>
  unfold(
    "Figures of these charts",
    table({
      caption: "Requests, failed share and quantiles of latency under each fault",
      columns: [
        "Fault",
        ...sides.flatMap((side) => ["n", "failed", "p50", "p95", "p99"].map((what) => `${side} ${what}`)),
      ],
      rows: all.map((each) => row(each, sides)),
    }),
  );

const NOTE =
  "How many of all requests were answered well within a time. Failed ones never are: a curve ends below 100 % by their share, drawn as a bar at its right. Solid is head, dashed is base.";

export const distributionsSection: SectionOf = (input) => {
  const all = scenarioLatencies(input);
  const runs = comparedRuns(input);
  if (runs === null || all.length === 0) return null;
  const shown: Shown = { sloMs: runs.head.profile.sloMs, baseRuns: runs.base?.runs.length ?? 0 };
  const drawn: Distribution[] = [];
  const charts: Html[] = [];
  let room = MOST_BYTES;
  for (const [place, each] of all.slice(0, SCENARIOS).entries()) {
    const isOpen = place < OPEN;
    const distribution = distributionOf(each, isOpen ? POINTS : FOLDED_POINTS);
    const plot = plotOf(distribution, shown);
    const made = isOpen ? plot : unfold(`${name(distribution)}: ${figuresInWords(distribution)}`, plot);
    room -= byteLength(made.text);
    if (room < 0) break;
    drawn.push(distribution);
    charts.push(made);
  }
  const more = all.length - drawn.length;
  const own =
    shown.baseRuns === 0
      ? null
      : input.result.confirmation === undefined
        ? "These are times as clients saw them; the verdict compares them request by request, or each with its own run's calm traffic."
        : "This is the run against the stored baseline; the verdict is of the measurement side by side.";
  return {
    id: "distributions",
    title: "Latency, base against head",
    body: html`<p class="note">${NOTE} ${own}</p>${charts}${
      more > 0 ? html`<p class="note">${formatCounted(more, "more scenario")} not drawn.</p>` : null
    }${figures(drawn, shown.baseRuns === 0 ? ["head"] : ["base", "head"])}`,
  };
};
