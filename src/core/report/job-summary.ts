/** The job summary: what the comment says, with more room and nothing by which a comment is found. */
import type { Result } from "../verdict.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { fileLines, type ReportFiles } from "./files.ts";
import { type MarkdownOptions, renderMarkdown } from "./markdown.ts";

/** GitHub drops a step's summary beyond 1,024 KiB whole; other lines of the step count too. */
const MAX_BYTES = 1024 * 1024 - 16 * 1024;

export interface JobSummaryOptions extends Omit<MarkdownOptions, "marker" | "maxBytes" | "charts"> {
  /** Among those that are uploaded. */
  readonly files?: ReportFiles;
}

/** Ends in a line break: what a later line adds is no part of it. */
export const renderJobSummary = (
  result: Result,
  { files = {}, ...options }: JobSummaryOptions = {},
): string =>
  [
    renderMarkdown(result, { ...options, maxBytes: MAX_BYTES, charts: "mermaid" }),
    ...fileLines(files).map((line) => `\n${escapeMarkdown(line, 500)}`),
    "",
  ].join("\n");
