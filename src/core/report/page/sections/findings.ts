/** What a person should read first: findings, what would fix it, how it is repeated. */
import type { Finding, Result } from "../../../verdict.ts";
import { coverageSentences } from "../../coverage.ts";
import { DIAGNOSIS_COLUMNS, diagnosisRows } from "../../diagnosis.ts";
import { findingsInOrder } from "../../summary.ts";
import { classNote, FINDING_WORDS, SEVERITY_WORDS } from "../../words.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { table } from "../table.ts";

const FINDINGS = 60;
const REMEDIES = 60;

const item = (finding: Finding): Html => {
  const { icon, word } = SEVERITY_WORDS[finding.severity];
  return html`<li><strong>${icon} ${word}${classNote(finding)}</strong>, ${FINDING_WORDS[finding.kind]}: ${finding.title}${finding.detail.map(
    (line) => html`<br><span class="note">${line}</span>`,
  )}</li>`;
};

const more = (count: number): Html | null =>
  count > 0 ? html`<p class="note">And ${count} more in <code>result.json</code>.</p>` : null;

const remedies = (result: Result): Html | null => {
  const rows = diagnosisRows(result);
  if (rows.length === 0) return null;
  return html`<h3>What would fix it</h3><p class="note">Each was put between the service and its fault for a few seconds of this run, without a change of code.</p>${table(
    { caption: "Remedies that were tried", columns: DIAGNOSIS_COLUMNS, rows: rows.slice(0, REMEDIES) },
  )}${more(rows.length - REMEDIES)}`;
};

export const findingsSection: SectionOf = ({ result }) => {
  const findings = findingsInOrder(result);
  const coverage = coverageSentences(result);
  return {
    id: "findings",
    title: "What to know",
    body: html`${
      findings.length === 0
        ? html`<p>Nothing to report.</p>`
        : html`<ul class="findings">${findings.slice(0, FINDINGS).map(item)}</ul>${more(findings.length - FINDINGS)}`
    }${coverage.map((line) => html`<p>${line}</p>`)}${remedies(result)}<h3>Repeat it here</h3><pre><code>${result.reproduce}</code></pre>`,
  };
};
