/** The report that people look at: one file that needs no network, no script and nothing beside it. */
import { byteLength } from "../byte-length.ts";
import { headlineIcon, headlineOf, leadOf, whatBroke } from "../summary.ts";
import { trust } from "../trust.ts";
import { Html, html } from "./html.ts";
import type { PageInput, Section } from "./input.ts";
import { MARKS, mark } from "./mark.ts";
import { type Place, SECTIONS } from "./sections.ts";
import { STYLE } from "./style.ts";

export type { PageInput } from "./input.ts";

/** Nothing is loaded and nothing runs, whatever stands in the text. */
const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const MOST_BYTES = 1_000_000;

const opening = (input: PageInput): Html => {
  const { result } = input;
  const lead = leadOf(result);
  return html`<header><div class="verdict ${result.verdict.word}"><h1>${mark(headlineIcon(result))} ${headlineOf(result)}</h1><p><strong>${lead}</strong>${whatBroke(result).slice(lead.length)}</p></div><p class="told">${trust(result)}</p></header>`;
};

const contents = (sections: readonly Section[]): Html =>
  html`<nav aria-label="Parts of this report"><ul>${sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>`;

const whole = (input: PageInput, sections: readonly Section[]): string => {
  const { result } = input;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY}"><meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark"><title>${headlineOf(result)} (${result.suite})</title><style>${new Html(STYLE)}</style></head>
<body>${MARKS}<a class="skip" href="#main">To the report</a>${opening(input)}${contents(sections)}<main id="main">${sections.map(
    ({ id, title, body }) => html`
<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`,
  )}</main><footer>${result.head.provenance.tool}. Everything here is in result.json and samples.json.gz beside this file.</footer></body></html>
`;
  return page.text;
};

const LEFT_OUT: Section = {
  id: "left-out",
  title: "Left out",
  body: html`<p>Some charts were left out so that this file stays small. <code>result.json</code> and <code>samples.json.gz</code> have all figures.</p>`,
};

/** A stranger's samples may hold what no chart foresaw: that costs its picture, never the verdict or the other reports. */
const madeOr = ({ make }: Place, input: PageInput, number: number): Section | null => {
  try {
    return make(input);
  } catch (error) {
    return {
      id: `not-drawn-${number}`,
      title: "A part that could not be drawn",
      body: html`<p>This is a defect of squall, please report it with <code>result.json</code>: ${String(error)}</p>`,
    };
  }
};

/**
 * Self-contained HTML, less than 1 MB: the sections that explain most are kept where all of them do not fit.
 *
 * @param places the parts, in the order in which they are read
 * @returns the same text for the same input
 */
export const renderPage = (input: PageInput, places: readonly Place[] = SECTIONS): string => {
  const made = places.flatMap((place, number) => {
    const section = madeOr(place, input, number);
    return section === null ? [] : [{ section, expendable: place.expendable }];
  });
  for (let least = 0; ; least++) {
    const kept = made.filter(({ expendable }) => expendable === 0 || expendable > least);
    const sections = kept.map(({ section }) => section);
    const text = whole(input, kept.length === made.length ? sections : [...sections, LEFT_OUT]);
    if (byteLength(text) <= MOST_BYTES || kept.every(({ expendable }) => expendable === 0)) return text;
  }
};
