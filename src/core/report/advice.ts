/** What to do now, by verdict, and how a regression that is meant can be accepted: words that every surface lays out in its own way. */
import { acceptLine, EVERY_FINDING } from "../gate/accept-lines.ts";
import { findingId } from "../gate/finding-id.ts";
import type { Acceptance, AcceptanceScope } from "../gate/gate-record.ts";
import type { Result } from "../verdict.ts";
import { plainText } from "./plain-text.ts";
import { isOfJob } from "./summary.ts";
import { shortCommit } from "./trust.ts";

/** A piece of a sentence: our own words as a string; a name comes from outside, and is cut to `most` characters. */
export type AdvicePiece =
  | string
  | { readonly strong: string }
  | { readonly code: string }
  | { readonly name: string; readonly most: number; readonly strong?: true };

/** One paragraph, or something to paste. */
export type Advice =
  | { readonly type: "words"; readonly pieces: readonly AdvicePiece[] }
  | { readonly type: "block"; readonly text: string; readonly language: "sh" | "text" };

const words = (...pieces: readonly AdvicePiece[]): Advice => ({ type: "words", pieces });
const command = (text: string): Advice => ({ type: "block", text, language: "sh" });

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

/** Of a line to paste. */
export const LONGEST_LINE = 1000;

/** The line to paste; it stands for everything where the ids would not fit, or would not survive being shown. */
const lineFor = (headSha: string, ids: readonly string[]): string => {
  const line = acceptLine(headSha, ids);
  return line.length <= LONGEST_LINE && plainText(line, LONGEST_LINE) === line
    ? line
    : acceptLine(headSha, [EVERY_FINDING]);
};

const ends = (scope: AcceptanceScope | undefined): readonly AdvicePiece[] => {
  switch (scope) {
    case "commit":
      return ["It ends with the next commit."];
    case "pull-request":
      return ["It holds for later commits of this pull request too."];
    case undefined:
      return [
        "It ends with the next commit, unless ",
        { code: "gate.acceptance" },
        " in the base's suite says otherwise.",
      ];
  }
};

const IF_MEANT = { strong: "If this is meant:" } as const;
const TAKEN_AS_NORMAL =
  "Once merged, the next baseline measured on the default branch takes the new behaviour as normal.";

const howToAccept = (result: Result, ids: readonly string[], options: AdviceOptions): readonly Advice[] => {
  const change = result.gate?.change;
  const { acceptLabel, acceptance } = options;
  if (change === undefined || change.pullRequest === null)
    return [words(IF_MEANT, ` ${TAKEN_AS_NORMAL.charAt(0).toLowerCase()}${TAKEN_AS_NORMAL.slice(1)}`)];
  if (acceptance === "never")
    return [
      words(
        IF_MEANT,
        " it cannot be accepted here, because the base's suite says ",
        { code: "gate.acceptance: never" },
        ". Change the limits there first.",
      ),
    ];
  const label: readonly AdvicePiece[] =
    acceptLabel === undefined
      ? []
      : [
          " Or, now that this is reported, someone with write access puts the label ",
          { name: acceptLabel, most: 100, strong: true },
          " on.",
        ];
  return [
    words(
      IF_MEANT,
      " put this line into the pull request's description. It counts where the pull request's author has write access.",
    ),
    { type: "block", text: lineFor(change.headSha, ids), language: "text" },
    words("Then run this check again.", ...label, " ", ...ends(acceptance), ` ${TAKEN_AS_NORMAL}`),
  ];
};

const MOST_ACCEPTED = 10;

const whoAccepted = ({ by, how, findings, headSha, until }: Acceptance): Advice => {
  const way = how === "label" ? "by the label" : "in the pull request's description";
  const more = findings.length - MOST_ACCEPTED;
  return words(
    { strong: "Accepted" },
    " by ",
    { name: `@${by}`, most: 60 },
    ` ${way}, for `,
    { name: shortCommit(headSha), most: 64 },
    ": ",
    ...findings
      .slice(0, MOST_ACCEPTED)
      .flatMap((id, place): readonly AdvicePiece[] => [
        ...(place === 0 ? [] : [", "]),
        { name: id, most: 120 },
      ]),
    `${more > 0 ? ` and ${more} more` : ""}. `,
    ...ends(until),
    ` ${TAKEN_AS_NORMAL}`,
  );
};

const seeIt = (result: Result): readonly Advice[] => [
  words({ strong: "See it on your machine:" }),
  command(result.reproduce),
];

const afterRegression = (result: Result, options: AdviceOptions): readonly Advice[] => {
  const { gate } = result;
  const ids = stillToAccept(result);
  if (gate === undefined)
    return [
      ...seeIt(result),
      words(
        IF_MEANT,
        " merge it by whatever exception your repository allows; the next baseline measured on the default branch takes the new behaviour as normal.",
      ),
    ];
  return [
    ...seeIt(result),
    ...(gate.acceptance === null ? [] : [whoAccepted(gate.acceptance)]),
    ...(ids.length === 0 ? [] : howToAccept(result, ids, options)),
  ];
};

const measureAgain = ({ gate }: Result): readonly AdvicePiece[] =>
  gate === undefined
    ? ["measure the default branch again (", { code: "squall baseline" }, "), then run this again."]
    : [
        "run the workflow that measures ",
        { name: gate.change.defaultBranch, most: 100 },
        " (",
        { code: "mode: baseline" },
        ", or ",
        { code: "squall baseline" },
        "), then run this check again.",
      ];

const afterInconclusive = (result: Result): readonly Advice[] => {
  const lead = { strong: "To settle it," };
  if (result.verdict.widest === null && result.verdict.findings.some(({ kind }) => kind === "stale-baseline"))
    return [words(lead, " ", ...measureAgain(result))];
  return [
    isOfJob(result)
      ? words(
          lead,
          " make more runs of each experiment (",
          { code: "workload.job.repeats" },
          " in the suite). To look at the widest one here:",
        )
      : words(
          lead,
          " measure longer (",
          { code: "gate.budget" },
          " in the suite) or at a higher rate. To look at the widest one here:",
        ),
    command(result.reproduce),
  ];
};

/** What to do now; nothing after a pass that weakened nothing. */
export const adviceOf = (result: Result, options: AdviceOptions): readonly Advice[] => {
  const { word } = result.verdict;
  // A weakened gate may fail what is no regression.
  const weakened = (): readonly Advice[] => {
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
        words(
          { strong: "Run it again." },
          " If it stays so, the findings say what disturbed the measurement. Here:",
        ),
        command(result.reproduce),
      ];
    case "no-baseline":
      return [
        ...(result.gate === undefined
          ? [words({ strong: "Next:" }, " measure the default branch once:"), command("squall baseline")]
          : [words({ strong: "Next:" }, " ", ...measureAgain(result))]),
        ...weakened(),
      ];
    case "pass":
      return weakened();
  }
};
