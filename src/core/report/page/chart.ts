/** Charts drawn by Observable Plot into an SVG that needs no script: colours are the page's variables, so dark and light follow. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { plainText } from "../plain-text.ts";
import { Html, html } from "./html.ts";
import { scrolling, type TableOptions, table, unfold } from "./table.ts";

/** The page's colours (style.ts), as marks name them. */
export const COLOURS = {
  base: "var(--base)",
  head: "var(--head)",
  bad: "var(--bad)",
  good: "var(--good)",
  warn: "var(--warn)",
  muted: "var(--muted)",
  faint: "var(--faint)",
  text: "var(--text)",
} as const;

export interface ChartOptions {
  /** Above the chart. */
  readonly title: string;
  /** What is to be seen, in a sentence with its figures: for those who do not see it, and below the chart for all. */
  readonly description: string;
  /** Plot's own options but for the document and labels. Text in marks goes through `markText`. */
  readonly plot: Omit<
    Plot.PlotOptions,
    "document" | "ariaLabel" | "ariaDescription" | "title" | "caption" | "figure"
  >;
  /** The figures that were drawn, unfolded by the reader. */
  readonly figures?: TableOptions;
}

/** A name as a mark may show it: one line, no control characters, not longer than there is room for. */
export const markText = (text: string, most = 60): string => plainText(text, most);

/** As much of a DOM as is needed here; the project's types know of no browser. */
interface Drawn {
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selector: string): Iterable<Drawn>;
  remove(): void;
}

const ROUNDED: ReadonlySet<string> = new Set(
  "x y x1 x2 y1 y2 cx cy r width height transform d stroke-width".split(" "),
);

/** Lines along an axis without the coordinate that stays: stairs are half as long. Of absolute moves and lines; others are left. */
export const shortPath = (path: string): string => {
  if (!/^[ML\d.,e-]+$/.test(path)) return path;
  let [lastX, lastY]: (string | undefined)[] = [];
  return path.replace(/([ML])([^ML,]+),([^ML,]+)/g, (whole: string, to: string, x: string, y: string) => {
    const written = to === "L" && x === lastX ? `V${y}` : to === "L" && y === lastY ? `H${x}` : whole;
    [lastX, lastY] = [x, y];
    return written;
  });
};

/** A hundredth of a pixel is not seen; sixteen digits of it are half of a file. */
const compact = (root: Drawn): void => {
  for (const element of root.querySelectorAll("*")) {
    // The chart is one image with a name of its own: "line" and "y-axis tick" within it are heard by nobody, and a g may not have them.
    element.removeAttribute("aria-label");
    element.removeAttribute("aria-hidden");
    for (const { name, value } of element.attributes) {
      if (!ROUNDED.has(name)) continue;
      const rounded = value.replace(/-?\d+\.\d{3,}/g, (number: string) =>
        String(Number(Number(number).toFixed(2))),
      );
      element.setAttribute(name, name === "d" ? shortPath(rounded) : rounded);
    }
  }
  // The same in every chart: style.ts has it once.
  for (const style of root.querySelectorAll("style")) style.remove();
};

/** @returns a figure: the chart (wider than a phone, it scrolls in itself), what it shows in words, its figures folded */
export const chart = ({ title, description, plot, figures }: ChartOptions): Html => {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg: Drawn = Plot.plot({
    width: 760,
    marginLeft: 60,
    ...plot,
    document,
    ariaLabel: plainText(title),
    ariaDescription: plainText(description, 1000),
  });
  svg.setAttribute("role", "img");
  compact(svg);
  return html`<figure><figcaption>${title}</figcaption>${scrolling(title, new Html(svg.outerHTML))}<p class="told">${description}</p>${
    figures === undefined ? "" : unfold("Figures of this chart", table(figures))
  }</figure>`;
};
