/** Base against head as horizontal bars, in Mermaid. */
import { formatValue } from "../format.ts";
import { METRIC_WORDS } from "../words.ts";
import { type BaseHead, drawnScale, isDrawable } from "./base-head.ts";
import type { FaultKeys } from "./fault-keys.ts";
import { BAR_COLOUR, diagramNumber, diagramWords, mermaidBlock } from "./fence.ts";

/** Heights of a diagram: what its title and axis take, and each bar. */
const FRAME_PX = 110;
const BAR_PX = 26;

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10] as const;

/** The next round number at or above, so that the longest bar does not touch the frame by chance. */
const roundAbove = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (STEPS.find((step) => step * power >= value) ?? 10);
};

interface Bar {
  readonly label: string;
  readonly value: number;
}

const barsOf = ({ rows }: BaseHead, keys: FaultKeys): readonly Bar[] =>
  rows.flatMap(({ scenario, base, head, unit }) =>
    [["base", base] as const, ["head", head] as const].flatMap(([side, value]): readonly Bar[] =>
      isDrawable(value)
        ? [{ label: diagramWords(`${keys(scenario)} ${side}: ${formatValue(value, unit)}`), value }]
        : [],
    ),
  );

export const barChart = (figures: BaseHead, keys: FaultKeys): string => {
  const bars = barsOf(figures, keys);
  const scale = drawnScale(figures.worst.unit, figures.largest);
  const title = `${METRIC_WORDS[figures.worst.metric]}${scale.unit === "" ? "" : ` (${scale.unit})`}`;
  return mermaidBlock([
    "---",
    "config:",
    "  xyChart:",
    "    width: 760",
    `    height: ${FRAME_PX + BAR_PX * bars.length}`,
    "  themeVariables:",
    "    xyChart:",
    '      backgroundColor: "transparent"',
    `      plotColorPalette: "${BAR_COLOUR}"`,
    "---",
    "xychart-beta horizontal",
    `  x-axis [${bars.map(({ label }) => `"${label}"`).join(", ")}]`,
    `  y-axis "${diagramWords(title)}" 0 --> ${diagramNumber(roundAbove(figures.largest * scale.factor))}`,
    `  bar [${bars.map(({ value }) => diagramNumber(value * scale.factor)).join(", ")}]`,
  ]);
};
