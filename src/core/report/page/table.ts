/** Tables that scroll sideways by themselves on a narrow screen, and can be reached by keyboard to do so. */
import { type Html, type HtmlValue, html } from "./html.ts";

export interface TableOptions {
  /** Said to screen readers, and seen where `showCaption`. */
  readonly caption: string;
  readonly showCaption?: true;
  readonly columns: readonly HtmlValue[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly HtmlValue[])[];
}

const row = ([heading, ...cells]: readonly HtmlValue[]): Html =>
  html`<tr><th scope="row">${heading}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`;

/** What is wider than the page: it scrolls in itself, by keyboard too. */
export const scrolling = (label: string, body: Html): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${body}</div>`;

export const table = ({ caption, showCaption, columns, rows }: TableOptions): Html =>
  scrolling(
    caption,
    html`<table><caption${showCaption === true ? "" : html` class="unseen"`}>${caption}</caption><thead><tr>${columns.map(
      (column) => html`<th scope="col">${column}</th>`,
    )}</tr></thead><tbody>${rows.map(row)}</tbody></table>`,
  );

/** Unfolded by the reader. */
export const unfold = (summary: HtmlValue, body: Html, isOpen = false): Html =>
  html`<details${isOpen ? html` open` : ""}><summary>${summary}</summary>${body}</details>`;
