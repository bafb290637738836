/** Which experiments logs speak for, and where. */
import type { EdgeContext } from "./candidate.ts";
import { EDGE_ROWS } from "./edge-rows.ts";
import { logPattern } from "./log-patterns.ts";
import type { LogFinding, Observed } from "./observed.ts";
import { exposureOf } from "./protection.ts";
import type { EdgeQuestion, ServiceQuestion } from "./question.ts";
import { SERVICE_ROWS } from "./service-rows.ts";

export interface Evidence {
  readonly lines: number;
  /** "14 lines of service's log look like connection resets". */
  readonly words: string;
}

/** Evidence by edge and question; the service's own stands under null. */
export class LogEvidence {
  readonly #found = new Map<string, Evidence[]>();

  add(edge: string | null, question: EdgeQuestion | ServiceQuestion, evidence: Evidence): void {
    const key = JSON.stringify([edge, question]);
    this.#found.set(key, [...(this.#found.get(key) ?? []), evidence]);
  }

  of(edge: string | null, question: EdgeQuestion | ServiceQuestion): readonly Evidence[] {
    return this.#found.get(JSON.stringify([edge, question])) ?? [];
  }
}

const isEdgeQuestion = (question: string): question is EdgeQuestion => Object.hasOwn(EDGE_ROWS, question);
const isServiceQuestion = (question: string): question is ServiceQuestion =>
  Object.hasOwn(SERVICE_ROWS, question);

const evidenceOf = ({ log }: LogFinding, words: string, lines: number, naming: string): Evidence => ({
  lines,
  words: `${lines} ${lines === 1 ? "line" : "lines"} of ${log}'s log ${lines === 1 ? "looks" : "look"} like ${words}${naming}`,
});

/** Edges that a finding is about: the log's own, those that its lines name, else null: it does not say. */
const edgesNamed = (
  { log, naming, lines }: LogFinding,
  known: ReadonlySet<string>,
): ReadonlyMap<string, { readonly lines: number; readonly words: string }> | null => {
  if (known.has(log)) return new Map([[log, { lines, words: "" }]]);
  const named = Object.entries(naming).filter(([name, count]) => known.has(name) && count > 0);
  if (named.length === 0) return null;
  return new Map(named.map(([name, count]) => [name, { lines: count, words: ` and name ${name}` }]));
};

/** Lines that name no dependency are held against the most exposed edge on which their question can be asked. */
export const logEvidence = (observed: Observed, contexts: readonly EdgeContext[]): LogEvidence => {
  const evidence = new LogEvidence();
  const known = new Set(contexts.map(({ edge }) => edge.edge));
  const byExposure = contexts.toSorted((a, b) => exposureOf(b.edge) - exposureOf(a.edge));
  for (const finding of observed.logs) {
    const pattern = logPattern(finding.pattern);
    if (pattern === undefined) continue;
    const named = edgesNamed(finding, known);
    for (const question of pattern.suggests) {
      if (isServiceQuestion(question) && !known.has(finding.log))
        evidence.add(null, question, evidenceOf(finding, pattern.words, finding.lines, ""));
      if (!isEdgeQuestion(question)) continue;
      if (named !== null) {
        for (const [edge, { lines, words }] of named)
          evidence.add(edge, question, evidenceOf(finding, pattern.words, lines, words));
        continue;
      }
      const likely = byExposure.find((context) => EDGE_ROWS[question].applies(context));
      if (likely !== undefined)
        evidence.add(likely.edge.edge, question, evidenceOf(finding, pattern.words, finding.lines, ""));
    }
  }
  return evidence;
};
