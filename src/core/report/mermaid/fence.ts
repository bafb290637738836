/**
 * What Mermaid is used for, and what is relied on.
 *
 * - GitHub renders a fence named `mermaid` in a job summary by a Mermaid of its own choice (11.3 in 2024, newer since; a fence that
 *   holds `info` shows it). `xychart-beta` is read by every version from 10.5 on; `xychart` without "-beta" by late ones of 11
 *   only, so the older word is written. `gantt` is as old as Mermaid.
 * - An xychart has no legend, lays several bars of one category over each other, and draws even a bar of 0 as a stub some pixels
 *   long, so that two colours by two series would mark each other's bars. So each bar is a category of its own, whose label says
 *   what it is and how much; all have one colour. The default one is all but white.
 * - A task of a gantt whose text does not fit stands beside it; that of an `active` one is black in the dark theme too.
 * - A diagram of more than 50,000 characters is refused (`maxTextSize`); of more than 5,000 by an older Gitea. Ours stay
 *   below 5,000, as their rows are counted and no name is in them.
 * - Mermaid reads much as syntax: `%%{init`, `click`, `end`, `;`, `#`, quotes, colons, line breaks; and a name may hold any of it. No
 *   name is ever written into a diagram: faults are F1, F2 and so on, and the table beside says which is which.
 * - A diagram is a picture in a frame: readers of mail, of a raw log and of screen readers see its source or nothing. So
 *   the same figures stand right beside it. The comment, which is sent as mail, has bars of text and no Mermaid.
 */

/** 3 to 1 and more from white and from GitHub's dark page. */
export const BAR_COLOUR = "#d9661f";

/** Words of ours, made sure of: nothing that Mermaid could read as more than a word. */
export const diagramWords = (text: string): string =>
  text
    .replace(/[^\w .,:%+()/-]/g, " ")
    .replace(/%(?=[%{])/g, " ")
    .slice(0, 60);

/** A number as every version reads it: no exponent, no more than six telling digits. Of 0..1e20, where digits do not end. */
export const diagramNumber = (value: number): string => {
  if (!(value >= 0 && value <= 1e20)) throw new RangeError(`${value} is no number for a diagram`);
  if (value === 0) return "0";
  const decimals = Math.min(20, Math.max(0, 5 - Math.floor(Math.log10(value))));
  const text = value.toFixed(decimals);
  return decimals === 0 ? text : text.replace(/\.?0+$/, "");
};

/** As a code block; its lines hold words and numbers of ours alone, so that none can end the fence. */
export const mermaidBlock = (lines: readonly string[]): string => ["```mermaid", ...lines, "```"].join("\n");
