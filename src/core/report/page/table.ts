/** Tables that scroll sideways by themselves on a narrow screen, and can be reached by keyboard to do so. */
import { type Html, type HtmlValue, html } from "./html.ts";

export interface TableOptions {
  /** Said to screen readers, and seen where `showCaption`. */
  readonly caption: string;
  readonly showCaption?: true;
  readonly columns: readonly HtmlValue[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly HtmlValue[])[];
  /** On a phone each row is a block of lines "column: cell". Some bytes more a cell; the roles keep it a table there. */
  readonly stacks?: true;
}

const row = ([heading, ...cells]: readonly HtmlValue[]): Html =>
  html`<tr><th scope="row">${heading}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`;

const stackedRow =
  (columns: readonly HtmlValue[]) =>
  ([heading, ...cells]: readonly HtmlValue[]): Html =>
    html`<tr role="row"><th role="rowheader" scope="row">${heading}</th>${cells.map(
      (cell, place) => html`<td role="cell" data-column="${columns[place + 1]}">${cell}</td>`,
    )}</tr>
`;

/** What is wider than the page: it scrolls in itself, by keyboard too. */
export const scrolling = (label: string, body: Html): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${body}</div>`;

/** A corner with nothing to say is no heading. */
const columnHeading = (column: HtmlValue, roles: Html | null): Html =>
  column === "" ? html`<td></td>` : html`<th${roles} scope="col">${column}</th>`;

const captioned = (caption: string, isShown: boolean): Html =>
  html`<caption${isShown ? "" : html` class="unseen"`}>${caption}</caption>`;

export const table = ({ caption, showCaption, columns, rows, stacks }: TableOptions): Html => {
  const title = captioned(caption, showCaption === true);
  const inside =
    stacks === true
      ? html`<table class="stacks" role="table">${title}<thead role="rowgroup"><tr role="row">${columns.map(
          (column) => columnHeading(column, html` role="columnheader"`),
        )}</tr></thead><tbody role="rowgroup">${rows.map(stackedRow(columns))}</tbody></table>`
      : html`<table>${title}<thead><tr>${columns.map((column) => columnHeading(column, null))}</tr></thead><tbody>${rows.map(row)}</tbody></table>`;
  return scrolling(caption, inside);
};

/** Rows for which there was no room. @param count none of 0 and less */
export const andMore = (count: number): Html | null =>
  count > 0 ? html`<p class="note">And ${count} more in <code>result.json</code>.</p>` : null;

/** Unfolded by the reader. */
export const unfold = (summary: HtmlValue, body: Html, isOpen = false): Html =>
  html`<details${isOpen ? html` open` : ""}><summary>${summary}</summary>${body}</details>`;
