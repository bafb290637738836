/** "rules: recovered after 6 s against never doing nothing": what recovery policies came to, in words that every surface shares. */

import { remedyText } from "../recovery-policy/remedy-text.ts";
import type { PolicyResult } from "../recovery-policy/result.ts";
import type { PolicyAction } from "../recovery-policy/rule.ts";
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { formatMs } from "./format.ts";
import { folded } from "./markdown-sections.ts";
import { table } from "./markdown-table.ts";

const recoveryText = (recoveryMs: number | null, watchedMs: number): string => {
  if (recoveryMs === null) return `not within ${formatMs(watchedMs)}`;
  return recoveryMs === 0 ? "no harm done" : `after ${formatMs(recoveryMs)}`;
};

const actionText = ({ atMs, remedy, because, undoneMs, failed }: PolicyAction): string =>
  [
    `${formatMs(atMs)}: ${remedyText(remedy)}`,
    ...(failed === undefined ? [] : [` could not be done: ${failed}`]),
    ` (${because})`,
    ...(undoneMs === undefined ? [] : [`, undone at ${formatMs(undoneMs)}`]),
  ].join("");

const actionsText = ({ actions }: PolicyResult): string =>
  actions.length === 0 ? "nothing" : actions.map(actionText).join("; ");

const POLICY_WORDS: Readonly<Record<PolicyResult["policy"], string>> = {
  rules: "rules",
  learned: "learned",
};

export const POLICY_COLUMNS = ["Experiment", "Policy", "Done", "Recovered", "Doing nothing"] as const;

/** One row an experiment and policy, plain text. */
export const policyRows = (result: Result): readonly (readonly string[])[] =>
  (result.recoveryPolicies ?? []).map((policy) => [
    policy.scenario,
    POLICY_WORDS[policy.policy],
    actionsText(policy),
    recoveryText(policy.recoveryMs, policy.watchedMs),
    recoveryText(policy.withoutMs, policy.watchedMs),
  ]);

/** "cpu-starved under rules: recovered after 6 s, doing nothing not within 15 s". */
const sentence = ({ scenario, policy, recoveryMs, withoutMs, watchedMs }: PolicyResult): string =>
  `${scenario} under ${policy === "rules" ? "the rules" : "the learned policy"}: recovered ${recoveryText(recoveryMs, watchedMs)}, doing nothing ${recoveryText(withoutMs, watchedMs)}`;

const ROWS = 40;
const LINES = 6;

/** Where the policy, or doing nothing, left harm to tell of. */
const tellsOfHarm = ({ recoveryMs, withoutMs }: PolicyResult): boolean => recoveryMs !== 0 || withoutMs !== 0;

/** Seen without unfolding. */
export const policyLines = (result: Result): string[] => {
  const told = (result.recoveryPolicies ?? []).filter(tellsOfHarm).map(sentence);
  if (told.length === 0) return [];
  const more = told.length - LINES;
  return [
    [
      ...told.slice(0, LINES).map((line) => `- ${escapeMarkdown(line, 400)}`),
      ...(more > 0 ? [`- and ${more} more below`] : []),
    ].join("\n"),
  ];
};

export const policiesSection = (result: Result): string[] => {
  const rows = policyRows(result);
  if (rows.length === 0) return [];
  const escaped = rows.slice(0, ROWS).map((cells) => cells.map((cell) => escapeMarkdown(cell, 600)));
  return [folded("Recovery policies, against doing nothing", table(POLICY_COLUMNS, escaped))];
};
