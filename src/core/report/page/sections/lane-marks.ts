/** Lanes above a chart: which fault was in force when, with kills and deaths, in the room over Plot's frame. */
import * as Plot from "@observablehq/plot";
import { scenarioLabel } from "../../summary.ts";
import { COLOURS, markText } from "../chart.ts";
import type { Lane, Span } from "../series/lanes.ts";

/** A kill of ours, a death that was not, or the first good answer after a kill. */
export interface Happening {
  readonly what: "killed" | "died" | "recovered";
  /** Seconds from the run's start. */
  readonly atS: number;
}

/** Of one lane, pixels. */
const LANE = 15;
const BAR = 9;
const GAP = 8;

/** Room beside charts that stand over one another, so that their times do too: names of lanes, names of lines. */
export const LEFT = 150;
export const RIGHT = 90;

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
export const roomFor = (lanes: readonly Lane[], happenings: readonly Happening[]): number =>
  (lanes.length + (happenings.length > 0 ? 1 : 0)) * LANE + GAP + 12;

const SYMBOLS = { killed: "triangle2", died: "times", recovered: "circle" } as const;
const STROKES = { killed: COLOURS.text, died: COLOURS.bad, recovered: COLOURS.good } as const;

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
  happenings: readonly Happening[],
  frameHeight: number,
): readonly Plot.Markish[] => {
  const rows = lanes.length + (happenings.length > 0 ? 1 : 0);
  const topOf = (row: number): number => (rows - row) * LANE + GAP;
  const middle = (row: number): number => -(topOf(row) - BAR / 2);
  return [
    ...lanes.flatMap((lane, row) => [
      label(laneText(lane), middle(row)),
      bars(lane.spans, topOf(row), frameHeight, lane.what),
    ]),
    ...(happenings.length === 0
      ? []
      : [
          label("kills and deaths", middle(lanes.length)),
          Plot.ruleX(
            happenings.filter(({ what }) => what !== "recovered"),
            {
              x: "atS",
              stroke: ({ what }: Happening) => STROKES[what],
              strokeOpacity: 0.6,
              strokeDasharray: "1 3",
            },
          ),
          Plot.dot(happenings, {
            x: "atS",
            frameAnchor: "top",
            dy: middle(lanes.length),
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
