/** Lanes above a chart: which fault was in force when, with kills and deaths, in the room over Plot's frame. */
import * as Plot from "@observablehq/plot";
import { scenarioLabel } from "../../summary.ts";
import { COLOURS, markText } from "../chart.ts";
import type { Lane, Span } from "../series/lanes.ts";

/** Room beside charts that stand over one another, so that their times do too: names of lanes, names of lines. */
const LEFT = 150;
const RIGHT = 90;

/** Below the frame: ticks and their label. */
const BOTTOM = 34;

/**
 * Margins, height and time axis of charts that stand over one another.
 *
 * @param frame pixels of the drawing itself
 * @param top pixels above it
 * @param domain seconds of the run
 */
export const overTime = (frame: number, top: number, domain: readonly [number, number]) => ({
  height: top + frame + BOTTOM,
  marginTop: top,
  marginBottom: BOTTOM,
  marginLeft: LEFT,
  marginRight: RIGHT,
  x: { domain, label: "seconds of the run", labelAnchor: "center" as const },
});

/** A kill of ours, a death that was not, the first good answer after a kill; a detector's alarm under a fault, or in calm. */
export interface Happening {
  readonly what: "killed" | "died" | "recovered" | "alarm" | "false-alarm";
  /** Seconds from the run's start. */
  readonly atS: number;
}

/** Happenings in a row of their own. */
export interface MarkRow {
  readonly name: string;
  /** Which detector's alarms they are. */
  readonly detector?: string;
  readonly happenings: readonly Happening[];
}

/** Of one lane, pixels. */
const LANE = 15;
const BAR = 9;
const GAP = 8;

const laneText = ({ scenario, what, faults }: Lane): string => {
  switch (what) {
    case "calm":
    case "fault":
      return scenarioLabel(scenario ?? "");
    case "other-faults":
      return `${faults} more faults`;
    case "trials":
      return "remedies tried";
    case "policies":
      return "recovery policies";
  }
};

/** Pixels that `lanesAndMarks` takes above the frame. */
export const roomFor = (lanes: readonly Lane[], marks: readonly MarkRow[]): number =>
  (lanes.length + marks.length) * LANE + GAP + 12;

const SYMBOLS = {
  killed: "triangle2",
  died: "times",
  recovered: "circle",
  alarm: "diamond2",
  "false-alarm": "square2",
} as const satisfies Readonly<Record<Happening["what"], string>>;
const STROKES: Readonly<Record<Happening["what"], string>> = {
  killed: COLOURS.text,
  died: COLOURS.bad,
  recovered: COLOURS.good,
  alarm: COLOURS.text,
  "false-alarm": COLOURS.bad,
};
/** What ended a process is seen through the chart below. */
const isEnd = ({ what }: Happening): boolean => what === "killed" || what === "died";

const label = (text: string, dy: number): Plot.Markish =>
  Plot.text([markText(text, 24)], {
    frameAnchor: "top-left",
    textAnchor: "end",
    lineAnchor: "middle",
    dx: -6,
    dy,
    fill: "currentColor",
  });

const bars = (spans: readonly Span[], top: number, plotHeight: number, what: Lane["what"]): Plot.Markish => {
  const isFault = what === "fault" || what === "other-faults";
  return Plot.rectX(spans, {
    x1: "fromS",
    x2: "toS",
    insetTop: -top,
    insetBottom: plotHeight + top - BAR,
    // Of a thousand windows each is less than a pixel wide.
    insetLeft: -0.2,
    insetRight: -0.2,
    fill: (span: Span) => (span.isScored ? (isFault ? COLOURS.warn : COLOURS.muted) : "none"),
    fillOpacity: (span: Span) => (span.isOnAndOff === true ? 0.3 : isFault ? 1 : 0.6),
    stroke: (span: Span) => (span.isScored ? "none" : COLOURS.bad),
    strokeDasharray: "2 1",
  });
};

/**
 * @param frameHeight of Plot's frame, without its margins, pixels: the lanes stand above it
 */
export const lanesAndMarks = (
  lanes: readonly Lane[],
  marks: readonly MarkRow[],
  frameHeight: number,
): readonly Plot.Markish[] => {
  const rows = lanes.length + marks.length;
  const topOf = (row: number): number => (rows - row) * LANE + GAP;
  const middle = (row: number): number => -(topOf(row) - BAR / 2);
  return [
    ...lanes.flatMap((lane, row) => [
      label(laneText(lane), middle(row)),
      bars(lane.spans, topOf(row), frameHeight, lane.what),
    ]),
    ...marks.flatMap(({ name, happenings }, place) => [
      label(name, middle(lanes.length + place)),
      Plot.ruleX(happenings.filter(isEnd), {
        x: "atS",
        stroke: ({ what }: Happening) => STROKES[what],
        strokeOpacity: 0.6,
        strokeDasharray: "1 3",
      }),
      Plot.dot(happenings, {
        x: "atS",
        frameAnchor: "top",
        dy: middle(lanes.length + place),
        symbol: ({ what }: Happening) => SYMBOLS[what],
        stroke: ({ what }: Happening) => STROKES[what],
        fill: "none",
        strokeWidth: 1.5,
        rotate: 180,
        r: 3.5,
      }),
    ]),
  ];
};
