/** The figures of this run alone. */
import { measuredCount, measuredNote, measuredTables } from "../../measured-tables.ts";
import { html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { andMore, table } from "../table.ts";

const ROWS = 60;

export const measuredSection: SectionOf = ({ result }) => {
  const tables = measuredTables(result, ROWS);
  if (tables.length === 0) return null;
  const more = measuredCount(result) - ROWS;
  return {
    id: "measured",
    title: "What this run measured",
    body: html`<p class="note">${measuredNote(result)}</p>${tables.map(({ title, columns, rows }) =>
      table({ caption: title, showCaption: true, columns, rows }),
    )}${andMore(more)}`,
  };
};
