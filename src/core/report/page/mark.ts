/** The icons of words.ts as drawings of the page's own: a machine without a font of emoji shows none of them. */
import { Html, html } from "./html.ts";

interface Drawing {
  readonly id: string;
  /** In a square of 16, filled; what is cut out of it by `evenodd` is seen through. */
  readonly path: string;
}

const DISC = "M8 0a8 8 0 1 0 0 16A8 8 0 1 0 8 0z";
const TRIANGLE = "M8 1 16 15H0z";
const SQUARE = "M2 0h12l2 2v12l-2 2H2l-2-2V2z";

/** Shapes differ, not colours alone. */
const DRAWINGS: Readonly<Record<string, Drawing>> = {
  "✅": { id: "ok", path: `${DISC}M3.3 8.2 4.9 6.6l2 2 4.2-4.2L12.7 6 6.9 11.8z` },
  "☑️": { id: "accepted", path: `${SQUARE}M3.3 8.2 4.9 6.6l2 2 4.2-4.2L12.7 6 6.9 11.8z` },
  "❌": {
    id: "bad",
    path: "M2.7 0 8 5.3 13.3 0 16 2.7 10.7 8 16 13.3 13.3 16 8 10.7 2.7 16 0 13.3 5.3 8 0 2.7z",
  },
  "⚠️": { id: "warn", path: `${TRIANGLE}M7.1 5.8h1.8v4.7H7.1zM7.1 11.6h1.8v1.8H7.1z` },
  "⛔": { id: "stop", path: `${DISC}M3 6.7h10v2.6H3z` },
  "🆕": { id: "new", path: "M8 0 10 5.5 16 8 10 10.5 8 16 6 10.5 0 8 6 5.5z" },
  "⬆️": { id: "better", path: "M8 0 15 8h-4.5v8h-5V8H1z" },
  "➖": { id: "none", path: "M1 6.7h14v2.6H1z" },
  ℹ️: { id: "note", path: `${DISC}M7 6.6h2v6H7zM7 3.3h2v2H7z` },
  "⏭️": { id: "skipped", path: "M1 2 8 8 1 14zM8 2l7 6-7 6z" },
};

/** What `mark` draws of, once in a page. */
export const MARKS: Html = new Html(
  `<svg class="marks" width="0" height="0" aria-hidden="true">${Object.values(DRAWINGS)
    .map(
      ({ id, path }) =>
        `<symbol id="mark-${id}" viewBox="0 0 16 16"><path fill-rule="evenodd" d="${path}"/></symbol>`,
    )
    .join("")}</svg>`,
);

/** @param icon of words.ts; a word stands beside it. One that is not known stays a character. */
export const mark = (icon: string): Html => {
  const drawing = Object.hasOwn(DRAWINGS, icon) ? DRAWINGS[icon] : undefined;
  if (drawing === undefined) return html`<span aria-hidden="true">${icon}</span>`;
  return html`<svg class="mark mark-${drawing.id}" aria-hidden="true"><use href="#mark-${drawing.id}"/></svg>`;
};

/** "✅ restored it": what begins with an icon of words.ts and a space, drawn. */
export const marked = (text: string): Html => {
  const [icon = ""] = text.split(" ", 1);
  return Object.hasOwn(DRAWINGS, icon) ? html`${mark(icon)} ${text.slice(icon.length + 1)}` : html`${text}`;
};
