/** What surfaces say where there is no verdict at all: the run stopped before it had one. */
import type { SquallError } from "../errors.ts";
import { cutAtWord } from "./cut-at-word.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { linksLine, type ReportLinks } from "./links.ts";
import { LONGEST_STATUS } from "./status.ts";

/** Same words on every surface. */
export const notMeasuredHeadline = ({ code, exitCode }: SquallError): string => {
  if (code === "interrupted") return "Not measured: the run was cancelled";
  return exitCode === 2
    ? "Not measured: the suite or the step's inputs are wrong"
    : "Not measured: squall stopped";
};

/** For a commit status. */
export const notMeasuredDescription = (error: SquallError): string =>
  cutAtWord(`${notMeasuredHeadline(error)}: ${error.message}`, LONGEST_STATUS);

const DETAIL_LINES = 15;

/** Markdown without a marker: a comment's text adds its own. */
export const renderNotMeasured = (error: SquallError, links: ReportLinks = {}): string => {
  const detail = error.detail.slice(0, DETAIL_LINES).map((line) => `- ${escapeMarkdown(line, 300)}`);
  return [
    `### ⛔ ${escapeMarkdown(notMeasuredHeadline(error))}`,
    `${escapeMarkdown(error.message, 1000)} (\`${error.code}\`)`,
    "This says nothing about the change.",
    ...(error.place === undefined ? [] : [`**Where:** ${escapeMarkdown(error.place, 300)}`]),
    ...(detail.length === 0 ? [] : [detail.join("\n")]),
    ...(error.remedy === undefined ? [] : [`**What to do:** ${escapeMarkdown(error.remedy, 500)}`]),
    ...linksLine(links),
  ].join("\n\n");
};
