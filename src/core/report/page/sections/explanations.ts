/** What explains the verdict: would anybody have noticed, where it broke, what detectors and recovery policies did. */
import { detectionLines } from "../../detection.ts";
import { localisationLines } from "../../localisation.ts";
import { POLICY_COLUMNS, policyRows } from "../../recovery-policies.ts";
import { NOTICED_TITLE, noticedNotes, noticedRows } from "../../signals.ts";
import { html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { table } from "../table.ts";

const ROWS = 60;

export const explanationsSection: SectionOf = ({ result }) => {
  const [columns, ...noticed] = noticedRows(result);
  const policies = policyRows(result);
  const lines = [...localisationLines(result), ...detectionLines(result)];
  if (columns === undefined && policies.length === 0 && lines.length === 0) return null;
  return {
    id: "explanations",
    title: "Where it broke, and who saw it",
    body: html`${
      columns === undefined
        ? null
        : html`<h3>${NOTICED_TITLE}</h3>${table({ caption: "Which faults the service's own signals showed", columns, rows: noticed.slice(0, ROWS) })}${noticedNotes(result).map((note) => html`<p class="note">${note}</p>`)}`
    }${lines.length === 0 ? null : html`<ul>${lines.slice(0, ROWS).map((line) => html`<li>${line}</li>`)}</ul>`}${
      policies.length === 0
        ? null
        : html`<h3>Recovery policies</h3>${table({ caption: "Recovery policies, beside doing nothing", columns: POLICY_COLUMNS, rows: policies.slice(0, ROWS) })}`
    }`,
  };
};
