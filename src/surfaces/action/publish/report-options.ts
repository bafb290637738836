/** What every rendered report of a run says beside the result: where to look, how to accept, what could not be posted. */
import type { MarkdownOptions } from "../../../core/report/markdown.ts";
import type { Session } from "../session.ts";

export type ReportOptions = Pick<MarkdownOptions, "acceptLabel" | "links" | "notices">;

export const reportOptions = (
  { inputs, notices, runUrl }: Session,
  artifactUrl: string | undefined,
): ReportOptions => ({
  acceptLabel: inputs.acceptLabel,
  links: {
    ...(runUrl === undefined ? {} : { run: runUrl }),
    ...(artifactUrl === undefined ? {} : { artifact: artifactUrl }),
  },
  notices: notices.lines,
});
