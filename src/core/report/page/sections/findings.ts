/** What a person should read first: what changed and by how much, what to do, further findings, what would fix it. */
import type { Result } from "../../../verdict.ts";
import { type Advice, type AdvicePiece, adviceOf } from "../../advice.ts";
import { coverageSentences } from "../../coverage.ts";
import { DIAGNOSIS_COLUMNS, diagnosisRows } from "../../diagnosis.ts";
import { formatCounted } from "../../format.ts";
import { plainText } from "../../plain-text.ts";
import { changedCells, type FurtherFinding, furtherDetail, furtherFindings, isOfJob } from "../../summary.ts";
import { classNote, FINDING_WORDS, SEVERITY_WORDS } from "../../words.ts";
import { type Html, html } from "../html.ts";
import type { SectionOf } from "../input.ts";
import { mark, marked } from "../mark.ts";
import { andMore, table, unfold } from "../table.ts";
import { COMPARISON_COLUMNS, comparisonRow } from "./comparison-row.ts";

/** Seen at once; the rest is unfolded. */
const ROWS = 6;
const FINDINGS = 5;
const MOST_FINDINGS = 60;
const REMEDIES = 60;

const changed = (result: Result): Html | null => {
  const cells = changedCells(result);
  if (cells.length === 0) return null;
  return html`${table({
    caption: "What changed, worst first",
    columns: COMPARISON_COLUMNS,
    stacks: true,
    rows: cells.slice(0, ROWS).map((each) => comparisonRow(each, isOfJob(result))),
  })}${cells.length > ROWS ? html`<p class="note">And ${formatCounted(cells.length - ROWS, "more change")} under <a href="#matrix">Faults and metrics</a>.</p>` : null}`;
};

const item = ({ finding, told }: FurtherFinding): Html => {
  const { icon, word } = SEVERITY_WORDS[finding.severity];
  const title = told
    ? html`${FINDING_WORDS[finding.kind]}, told above`
    : html`${FINDING_WORDS[finding.kind]}: ${finding.title}`;
  return html`<li>${mark(icon)} <strong>${word}${classNote(finding)}</strong>, ${title}${furtherDetail(
    finding,
  ).map((line) => html`<br><span class="note">${line}</span>`)}</li>`;
};

const list = (findings: readonly FurtherFinding[]): Html =>
  html`<ul class="findings">${findings.map(item)}</ul>`;

const further = (result: Result): Html | null => {
  const findings = furtherFindings(result);
  if (findings.length === 0) return null;
  const more = findings.length - FINDINGS;
  const beyond = findings.length - MOST_FINDINGS;
  return html`<h3>Findings</h3>${list(findings.slice(0, FINDINGS))}${
    more <= 0
      ? null
      : unfold(
          formatCounted(more, "more finding"),
          html`${list(findings.slice(FINDINGS, MOST_FINDINGS))}${andMore(beyond)}`,
        )
  }`;
};

const remedies = (result: Result): Html | null => {
  const rows = diagnosisRows(result);
  if (rows.length === 0) return null;
  const more = rows.length - REMEDIES;
  return html`<h3>What would fix it</h3><p class="note">Each was put between the service and its fault for a few seconds of this run, without a change of code.</p>${table(
    {
      caption: "Remedies that were tried",
      columns: DIAGNOSIS_COLUMNS,
      stacks: true,
      rows: rows
        .slice(0, REMEDIES)
        .map((cells) => cells.map((cell, place) => (place === cells.length - 1 ? marked(cell) : cell))),
    },
  )}${andMore(more)}`;
};

const inWords = (piece: AdvicePiece): Html => {
  if (typeof piece === "string") return html`${piece}`;
  if ("code" in piece) return html`<code>${piece.code}</code>`;
  if (!("name" in piece)) return html`<strong>${piece.strong}</strong>`;
  const name = plainText(piece.name, piece.most);
  return piece.strong === true ? html`<strong>${name}</strong>` : html`${name}`;
};

const toPaste = (text: string): Html =>
  html`<pre tabindex="0" aria-label="To copy"><code>${text}</code></pre>`;

const paragraph = (advice: Advice): Html =>
  advice.type === "block" ? toPaste(advice.text) : html`<p>${advice.pieces.map(inWords)}</p>`;

/** The comment's advice; and, where that names no command, how this very run is repeated. */
const whatToDo = (result: Result): Html => {
  const advice = adviceOf(result, {});
  const isShown = advice.some((each) => each.type === "block" && each.text === result.reproduce);
  return html`${advice.length === 0 ? null : html`<h3>What to do</h3>${advice.map(paragraph)}`}${
    isShown ? null : html`<h3>Repeat it here</h3>${toPaste(result.reproduce)}`
  }`;
};

const title = ({ verdict }: Result): string =>
  verdict.word === "regressed" ? "What broke, and what to do" : "What to know, and what to do";

export const findingsSection: SectionOf = ({ result }) => ({
  id: "findings",
  title: title(result),
  body: html`${changed(result)}${whatToDo(result)}${remedies(result)}${further(result)}${coverageSentences(
    result,
  ).map((line) => html`<p>${line}</p>`)}`,
});
