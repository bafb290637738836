/** Findings beside the lines of the suite file that ask for them. */
import type { Finding, Result } from "../verdict.ts";
import { cutAtWord } from "./cut-at-word.ts";
import { plainText } from "./plain-text.ts";
import { findingsInOrder, headlineOf, isOfJob, scenarioLabel } from "./summary.ts";
import { FINDING_WORDS } from "./words.ts";

export interface Annotation {
  readonly level: "failure" | "warning" | "notice";
  /** Plain text of at most 255 characters. */
  readonly title: string;
  /** Plain text of at most 64 KiB, a sentence a line. */
  readonly message: string;
  /** The suite file, from the repository's root. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

export interface AnnotationOptions {
  readonly path: string;
  /** Most of each level: 10 for a step, 50 for a request about a check. Notices are as many as warnings. */
  readonly failures: number;
  readonly warnings: number;
}

/** Where the suite file speaks of an experiment, by its name. */
export type Places = ReadonlyMap<string, { readonly line: number }>;

const LONGEST_TITLE = 255;
const SENTENCES = 20;
/** Of a sentence in characters, so that all together stay below 64 KiB whatever their alphabet. */
const LONGEST_SENTENCE = 700;

/** In a job that goes on nothing is marked as failed. */
const levelOf = ({ severity }: Finding, goesOn: boolean): Annotation["level"] => {
  switch (severity) {
    case "block":
      return goesOn ? "warning" : "failure";
    case "warn":
      return "warning";
    case "note":
      return "notice";
  }
};

/** Notes about no fault in particular (another machine, say) have no line to stand beside. */
const hasPlace = ({ severity, scenario }: Finding, places: Places): boolean =>
  severity !== "note" || (scenario !== null && places.has(scenario));

interface Around extends Pick<AnnotationOptions, "path"> {
  readonly goesOn: boolean;
  readonly ofJob: boolean;
}

const ofFinding = (finding: Finding, places: Places, { path, goesOn, ofJob }: Around): Annotation => ({
  level: levelOf(finding, goesOn),
  title: cutAtWord(
    `${finding.scenario === null ? "squall" : scenarioLabel(finding.scenario, ofJob)}: ${FINDING_WORDS[finding.kind]}`,
    LONGEST_TITLE,
  ),
  message: [finding.title, ...finding.detail]
    .slice(0, SENTENCES)
    .map((sentence) => plainText(sentence, LONGEST_SENTENCE))
    .join("\n"),
  path,
  line: places.get(finding.scenario ?? "")?.line ?? 1,
});

/** Worst first. A job that fails has at least one failure among them, also where no finding blocks by itself. */
export const annotationsOf = (
  result: Result,
  places: Places,
  { path, failures, warnings }: AnnotationOptions,
): readonly Annotation[] => {
  const outcome = result.gate?.conclusion.outcome;
  const told = findingsInOrder(result)
    .filter((finding) => hasPlace(finding, places))
    .map((finding) =>
      ofFinding(finding, places, { path, goesOn: outcome === "success", ofJob: isOfJob(result) }),
    );
  const of = (level: Annotation["level"], most: number): readonly Annotation[] =>
    told.filter((annotation) => annotation.level === level).slice(0, most);
  const failed = of("failure", failures);
  const whole: readonly Annotation[] =
    outcome === "failure" && failed.length === 0
      ? [
          {
            level: "failure",
            title: "squall: the gate failed",
            message: plainText(headlineOf(result), LONGEST_SENTENCE),
            path,
            line: 1,
          },
        ]
      : [];
  return [...whole, ...failed, ...of("warning", warnings), ...of("notice", warnings)];
};
