/** What to do now, by verdict; and how a regression that is meant can be accepted. */
import { acceptLine, EVERY_FINDING } from "../gate/accept-lines.ts";
import { findingId } from "../gate/finding-id.ts";
import type { Acceptance, AcceptanceScope } from "../gate/gate-record.ts";
import type { Result } from "../verdict.ts";
import { codeBlock, escapeMarkdown } from "./escape-markdown.ts";
import { plainText } from "./plain-text.ts";
import { isOfJob } from "./summary.ts";
import { shortCommit } from "./trust.ts";

export interface AdviceOptions {
  /** Label by which a regression is accepted; absent: only the description is told of. */
  readonly acceptLabel?: string;
  /** What the base's suite says of acceptance; absent: unknown here, so the words leave it open. */
  readonly acceptance?: AcceptanceScope | "never";
}

/**
 * Ids of findings that someone could still accept, so that the merge may go on: those that block or, where none does and the
 * gate fails all the same, the weakened ones. Empty where nothing is to be accepted, or nothing can be.
 */
export const stillToAccept = ({ verdict, gate }: Result): readonly string[] => {
  if (gate?.conclusion.outcome !== "failure" || verdict.word === "invalid") return [];
  const accepted = new Set(gate.acceptance?.findings);
  const open = verdict.findings.filter((finding) => !accepted.has(findingId(finding)));
  const blocking = open.filter(({ severity }) => severity === "block");
  const chosen = blocking.length > 0 ? blocking : open.filter(({ kind }) => kind === "weakened-gate");
  return [...new Set(chosen.map(findingId))];
};

const LONGEST_LINE = 1000;

/** The line to paste; it stands for everything where the ids would not fit, or would not survive being shown. */
const lineFor = (headSha: string, ids: readonly string[]): string => {
  const line = acceptLine(headSha, ids);
  return line.length <= LONGEST_LINE && plainText(line, LONGEST_LINE) === line
    ? line
    : acceptLine(headSha, [EVERY_FINDING]);
};

const ends = (scope: AcceptanceScope | undefined): string => {
  switch (scope) {
    case "commit":
      return "It ends with the next commit.";
    case "pull-request":
      return "It holds for later commits of this pull request too.";
    case undefined:
      return "It ends with the next commit, unless `gate.acceptance` in the base's suite says otherwise.";
  }
};

const TAKEN_AS_NORMAL =
  "Once merged, the next baseline measured on the default branch takes the new behaviour as normal.";

const howToAccept = (result: Result, ids: readonly string[], options: AdviceOptions): string[] => {
  const change = result.gate?.change;
  const { acceptLabel, acceptance } = options;
  if (change === undefined || change.pullRequest === null)
    return [`**If this is meant:** ${TAKEN_AS_NORMAL.charAt(0).toLowerCase()}${TAKEN_AS_NORMAL.slice(1)}`];
  if (acceptance === "never")
    return [
      "**If this is meant:** it cannot be accepted here, because the base's suite says `gate.acceptance: never`. Change the limits there first.",
    ];
  const label =
    acceptLabel === undefined
      ? ""
      : ` Or, now that this is reported, someone with write access puts the label **${escapeMarkdown(acceptLabel, 100)}** on.`;
  return [
    "**If this is meant:** put this line into the pull request's description. It counts where the pull request's author has write access.",
    codeBlock(lineFor(change.headSha, ids), LONGEST_LINE, "text"),
    `Then run this check again.${label} ${ends(acceptance)} ${TAKEN_AS_NORMAL}`,
  ];
};

const whoAccepted = ({ by, how, findings, headSha, until }: Acceptance): string => {
  const way = how === "label" ? "by the label" : "in the pull request's description";
  const listed = findings.slice(0, 10).map((id) => escapeMarkdown(id, 120));
  const more = findings.length > 10 ? ` and ${findings.length - 10} more` : "";
  return `**Accepted** by ${escapeMarkdown(`@${by}`, 60)} ${way}, for ${escapeMarkdown(shortCommit(headSha), 64)}: ${listed.join(", ")}${more}. ${ends(until)} ${TAKEN_AS_NORMAL}`;
};

const seeIt = (result: Result): string[] => ["**See it on your machine:**", codeBlock(result.reproduce)];

const afterRegression = (result: Result, options: AdviceOptions): string[] => {
  const { gate } = result;
  const ids = stillToAccept(result);
  if (gate === undefined)
    return [
      ...seeIt(result),
      "**If this is meant:** merge it by whatever exception your repository allows; the next baseline measured on the default branch takes the new behaviour as normal.",
    ];
  return [
    ...seeIt(result),
    ...(gate.acceptance === null ? [] : [whoAccepted(gate.acceptance)]),
    ...(ids.length === 0 ? [] : howToAccept(result, ids, options)),
  ];
};

const measureAgain = ({ gate }: Result): string => {
  if (gate === undefined) return "measure the default branch again (`squall baseline`), then run this again.";
  const branch = escapeMarkdown(gate.change.defaultBranch, 100);
  return `run the workflow that measures ${branch} (\`mode: baseline\`, or \`squall baseline\`), then run this check again.`;
};

const afterInconclusive = (result: Result): string[] => {
  if (result.verdict.widest === null && result.verdict.findings.some(({ kind }) => kind === "stale-baseline"))
    return [`**To settle it,** ${measureAgain(result)}`];
  return [
    isOfJob(result)
      ? "**To settle it,** make more runs of each experiment (`workload.job.repeats` in the suite). To look at the widest one here:"
      : "**To settle it,** measure longer (`gate.budget` in the suite) or at a higher rate. To look at the widest one here:",
    codeBlock(result.reproduce),
  ];
};

/** What to do now. */
export const whatToDo = (result: Result, options: AdviceOptions): string[] => {
  const { word } = result.verdict;
  // A weakened gate may fail what is no regression.
  const weakened = (): string[] => {
    const ids = stillToAccept(result);
    return ids.length === 0 ? [] : howToAccept(result, ids, options);
  };
  switch (word) {
    case "regressed":
      return afterRegression(result, options);
    case "inconclusive":
      return [...afterInconclusive(result), ...weakened()];
    case "invalid":
      return [
        "**Run it again.** If it stays so, the findings above say what disturbed the measurement. Here:",
        codeBlock(result.reproduce),
      ];
    case "no-baseline":
      return [
        ...(result.gate === undefined
          ? ["**Next:** measure the default branch once:", codeBlock("squall baseline")]
          : [`**Next:** ${measureAgain(result)}`]),
        ...weakened(),
      ];
    case "pass":
      return weakened();
  }
};
