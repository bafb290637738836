/** What every rendered report of a run says beside the result: where to look, how to accept, what could not be posted. */
import type { MarkdownOptions } from "../../../core/report/markdown.ts";
import type { Session } from "../session.ts";

export type ReportOptions = Pick<MarkdownOptions, "acceptLabel" | "links" | "notices">;

export const reportOptions = (
  { inputs, notices, runUrl }: Session,
  uploaded: { readonly artifact?: string | undefined; readonly page?: string | undefined },
): ReportOptions => ({
  acceptLabel: inputs.acceptLabel,
  links: {
    ...(runUrl === undefined ? {} : { run: runUrl }),
    ...(uploaded.page === undefined ? {} : { page: uploaded.page }),
    ...(uploaded.artifact === undefined ? {} : { artifact: uploaded.artifact }),
  },
  notices: notices.lines,
});
