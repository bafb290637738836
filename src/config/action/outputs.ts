/** The step's outputs, in one place: action.yml and docs/action.md are made from it. */
import { findingId } from "../../core/gate/finding-id.ts";
import { byteLength } from "../../core/report/byte-length.ts";
import { headlineOf } from "../../core/report/summary.ts";
import type { Result } from "../../core/verdict.ts";

export const ACTION_OUTPUTS = {
  verdict: "`pass`, `regressed`, `inconclusive`, `invalid` or `no-baseline`.",
  headline: "The verdict in a sentence, in the same words as everywhere.",
  findings:
    "Findings as JSON: an array of `{id, kind, severity, scenario, metric, edge, title}`, those that block first.",
  conclusion: "`success` or `failure`: what the step ends with.",
  "exit-code":
    "0 go on, 1 regressed, 3 not measured, 4 inconclusive, no baseline or weakened, where these fail.",
  "result-path": "The run's `result.json`; in mode `baseline` the run's directory.",
  "report-path": "The report in Markdown.",
  "page-path": "The report to look at: one HTML file.",
  "comment-url": "Address of the comment; empty where there is none.",
  "artifact-url": "Address of the artifact; empty where nothing was uploaded.",
  "page-url": "Address at which the HTML report opens; empty where nothing was uploaded.",
  "baseline-commit":
    "Commit of the newest baseline run that was compared with; in mode `baseline` the commit that was measured.",
  seed: "Seed of the run.",
} as const;

export type OutputName = keyof typeof ACTION_OUTPUTS;

export interface OutputPlaces {
  readonly resultPath?: string | undefined;
  readonly reportPath?: string | undefined;
  readonly pagePath?: string | undefined;
  readonly commentUrl?: string | undefined;
  readonly artifactUrl?: string | undefined;
  readonly pageUrl?: string | undefined;
  readonly baselineCommit?: string | undefined;
  readonly seed?: number | undefined;
}

/** All outputs of a job together may take 1 MB. */
const MOST_FINDINGS_BYTES = 200_000;

const findingsJson = ({ verdict }: Result): string => {
  const all = verdict.findings.map(({ kind, severity, scenario, metric, edge, title }) => ({
    id: findingId({ kind, scenario }),
    kind,
    severity,
    scenario,
    metric,
    edge,
    title: title.slice(0, 1000),
  }));
  for (let count = all.length; ; count = Math.floor(count / 2)) {
    const json = JSON.stringify(all.slice(0, count));
    if (byteLength(json) <= MOST_FINDINGS_BYTES || count === 0) return json;
  }
};

/** Every output; "" where there is nothing to say. */
export const actionOutputs = (result: Result | null, places: OutputPlaces): Record<OutputName, string> => ({
  verdict: result?.verdict.word ?? "",
  headline: result === null ? "" : headlineOf(result),
  findings: result === null ? "[]" : findingsJson(result),
  conclusion: result?.gate?.conclusion.outcome ?? (result === null ? "success" : ""),
  "exit-code": String(result?.gate?.conclusion.exitCode ?? 0),
  "result-path": places.resultPath ?? "",
  "report-path": places.reportPath ?? "",
  "page-path": places.pagePath ?? "",
  "comment-url": places.commentUrl ?? "",
  "artifact-url": places.artifactUrl ?? "",
  "page-url": places.pageUrl ?? "",
  "baseline-commit":
    places.baselineCommit ?? result?.gate?.choice?.commit ?? result?.baseline?.newest.commit ?? "",
  seed: String(places.seed ?? result?.seed ?? ""),
});
