/** How it was measured, where, by what, and from which seed. */
import { formatCounted, formatMs, formatSeed } from "../../format.ts";
import { howDecided, provenanceTable } from "../../provenance.ts";
import { sizeOf } from "../../trust.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { table, unfold } from "../table.ts";

const NOTES = 60;
const FAULTS = 100;

export const provenanceSection: SectionOf = ({ result }) => {
  const faults = result.scenarios.filter(({ shape }) => shape !== "control");
  const list = (lines: readonly string[]): Html =>
    html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return {
    id: "provenance",
    title: "How this was measured",
    body: html`<p>${howDecided(result)}</p><p>Seed ${formatSeed(result.seed)}, suite ${result.suite} (${result.suiteHash.slice(0, 12)}), ${sizeOf(result)} in ${formatMs(result.head.measuringMs)} of measuring, machine probe ${formatMs(result.head.probeMs)}.</p>${table(
      {
        caption: "Where and when base and head were measured",
        ...provenanceTable(result),
      },
    )}${
      faults.length === 0
        ? null
        : unfold(
            formatCounted(faults.length, "fault"),
            list(faults.slice(0, FAULTS).map(({ name, description }) => `${name}: ${description}`)),
          )
    }${result.notes.length === 0 ? null : unfold(formatCounted(result.notes.length, "note"), list(result.notes.slice(0, NOTES)))}`,
  };
};
