/** Who may take a regression upon themselves, how, and for how long. */
import type { Policy } from "../suite.ts";
import type { Finding, Verdict } from "../verdict.ts";
import { type AcceptLine, acceptLine, EVERY_FINDING } from "./accept-lines.ts";
import { acceptableIds } from "./acceptable.ts";
import { findingId } from "./finding-id.ts";
import type { Acceptance, AcceptanceScope } from "./gate-record.ts";

export { type AcceptLine, acceptLine, acceptLines } from "./accept-lines.ts";

export interface AcceptanceInput {
  readonly headSha: string;
  readonly verdict: Verdict;
  readonly scope: Policy["acceptance"];
  /** Lines of the description. Whoever may edit it has write access where its author has. */
  readonly lines: readonly (AcceptLine & {
    readonly author: { readonly login: string; readonly canWrite: boolean };
  })[];
  /** The label, where the pull request has it: who put it on last, and when (epoch ms). */
  readonly label: { readonly by: string; readonly canWrite: boolean; readonly atMs: number } | null;
  /** What our earlier comment says of itself; null: there is none. */
  readonly reported: {
    readonly headSha: string;
    readonly firstReportedAtMs: number;
    /** Ids of blocking findings. */
    readonly findings: readonly string[];
  } | null;
}

export interface AcceptanceDecision {
  readonly acceptance: Acceptance | null;
  /** Why something that was meant to accept does not, and what to do: for a person. */
  readonly notes: readonly string[];
}

/** What can be accepted: `required` must be, for a merge to go on. */
interface Open {
  readonly required: readonly string[];
  readonly acceptable: readonly string[];
}

const idsOf = (findings: readonly Finding[]): string[] => [...new Set(findings.map(findingId))];

const openFindings = (verdict: Verdict): Open => {
  const { findings } = verdict;
  const blocking = idsOf(findings.filter(({ severity }) => severity === "block"));
  const weakened = idsOf(findings.filter(({ kind }) => kind === "weakened-gate"));
  return {
    required: blocking.length > 0 ? blocking : weakened,
    acceptable: acceptableIds(verdict),
  };
};

const short = (sha: string): string => sha.slice(0, 12);

/** Ids as they stand in a sentence: not more than a person reads, and no longer either. */
const listed = (ids: readonly string[]): string => {
  const shown = ids.slice(0, 10).map((id) => (id.length > 120 ? `${id.slice(0, 119)}…` : id));
  return `${shown.join(", ")}${ids.length > 10 ? ` and ${ids.length - 10} more` : ""}`;
};

const covers = (accepted: readonly string[], id: string): boolean =>
  accepted.includes(EVERY_FINDING) || accepted.includes(id);

interface Attempt {
  readonly accepted: { readonly by: string; readonly findings: readonly string[] } | null;
  readonly notes: readonly string[];
}

const fromDescription = (
  { headSha, lines }: AcceptanceInput,
  scope: AcceptanceScope,
  { required, acceptable }: Open,
): Attempt => {
  const first = lines[0];
  if (first === undefined) return { accepted: null, notes: [] };
  const { login, canWrite } = first.author;
  const notes: string[] = [];
  if (!canWrite) {
    notes.push(
      `The description's "squall: accept" does not count: ${login} has no write access to this repository. Someone who has it can put the label on instead.`,
    );
    return { accepted: null, notes };
  }
  const counting = lines.filter(
    ({ sha, author }) =>
      author.login === login && (scope === "pull-request" || headSha.toLowerCase().startsWith(sha)),
  );
  if (counting.length === 0) {
    notes.push(
      `The description accepts what ${short(first.sha)} did, and the head is ${short(headSha)} now. Where this is still meant, write: ${acceptLine(headSha, required)}`,
    );
    return { accepted: null, notes };
  }
  const named = counting.flatMap(({ findings }) => findings);
  const unknown = named.filter((id) => id !== EVERY_FINDING && !acceptable.includes(id));
  const uncovered = required.filter((id) => !covers(named, id));
  if (uncovered.length === 0)
    return { accepted: { by: login, findings: acceptable.filter((id) => covers(named, id)) }, notes };
  if (unknown.length > 0) notes.push(`The description accepts what was not found: ${listed(unknown)}.`);
  notes.push(
    `${login} has not accepted ${listed(uncovered)}. To accept everything, write: ${acceptLine(headSha, required)}`,
  );
  return { accepted: null, notes };
};

const AGAIN = "remove it and put it on again";

/** Why a label does not count; null: it does. */
const labelRefused = (
  { headSha, label, reported }: AcceptanceInput,
  scope: AcceptanceScope,
  { required }: Open,
): string | null => {
  if (label === null) return null;
  const { by, canWrite, atMs } = label;
  if (!canWrite)
    return `${by}'s label does not count: ${by} has no write access to this repository. Someone who has it can put it on.`;
  const isForOther = reported !== null && scope === "commit" && reported.headSha !== headSha;
  if (reported === null || isForOther || atMs < reported.firstReportedAtMs)
    return `${by}'s label is from before this commit was measured; ${AGAIN}.`;
  const unseen = required.filter((id) => !reported.findings.includes(id));
  return unseen.length === 0
    ? null
    : `${by}'s label is from before ${listed(unseen)} was reported; where that is meant too, ${AGAIN}.`;
};

const fromLabel = (input: AcceptanceInput, scope: AcceptanceScope, open: Open): Attempt => {
  const { label, reported } = input;
  if (label === null) return { accepted: null, notes: [] };
  const refused = labelRefused(input, scope, open);
  if (refused !== null) return { accepted: null, notes: [refused] };
  const seen = reported?.findings ?? [];
  return {
    accepted: { by: label.by, findings: open.acceptable.filter((id) => seen.includes(id)) },
    notes: [],
  };
};

/**
 * Whether someone with write access has accepted every finding that blocks: by lines in the description that name the head
 * and the findings, or by a label put on after exactly these findings were reported.
 */
export const decideAcceptance = (input: AcceptanceInput): AcceptanceDecision => {
  const { scope, verdict, headSha } = input;
  const open = openFindings(verdict);
  const isAsked = input.lines.length > 0 || input.label !== null;
  if (open.acceptable.length === 0 || !isAsked) return { acceptance: null, notes: [] };
  if (scope === "never")
    return {
      acceptance: null,
      notes: ["Nothing can be accepted here: the suite says gate.acceptance: never."],
    };
  if (verdict.word === "invalid")
    return { acceptance: null, notes: ["What was not measured cannot be accepted: run it again."] };
  const described = fromDescription(input, scope, open);
  const how = described.accepted === null ? "label" : "description";
  const labelled = described.accepted === null ? fromLabel(input, scope, open) : described;
  const { accepted } = labelled;
  if (accepted === null) return { acceptance: null, notes: [...described.notes, ...labelled.notes] };
  return {
    acceptance: { by: accepted.by, how, findings: accepted.findings, headSha, until: scope },
    notes: [],
  };
};
