/** The comment on the pull request: one a suite, created only when there is something to say, then always updated. */
import { type CommentOutcome, findComment, publishComment } from "../../../adapters/github/comment.ts";
import { isFork } from "../../../core/change.ts";
import { acceptableIds } from "../../../core/gate/acceptable.ts";
import { renderMarkdown } from "../../../core/report/markdown.ts";
import type { Result } from "../../../core/verdict.ts";
import type { Session } from "../session.ts";
import type { ReportOptions } from "./report-options.ts";

/** A pass, or a first run without anything wrong, says nothing that a reviewer has to read. */
const hasSomethingToSay = ({ verdict }: Result): boolean =>
  (verdict.word !== "pass" && verdict.word !== "no-baseline") ||
  verdict.findings.some(({ severity, kind }) => severity !== "note" && kind !== "machine");

/**
 * The pull request that is commented on; null: none is, and nobody would expect it; "fork": its token may not, the workflow on
 * `workflow_run` does.
 */
export const commentedPullRequest = ({ change, inputs }: Session): number | "fork" | null => {
  const { pullRequest, event } = change;
  if (pullRequest === null || inputs.comment === "never" || event === "merge_group") return null;
  return event === "pull_request" && isFork(change) ? "fork" : pullRequest;
};

/**
 * Seconds since the epoch at which these findings of this head were first reported: a label put on before that was put on by
 * somebody who had not seen them.
 */
const firstReported = async (
  { forge, change }: Session,
  pullRequest: number,
  { suite, verdict }: Result,
): Promise<number> => {
  const now = Math.floor(Date.now() / 1000);
  const earlier = (await findComment(forge, pullRequest, suite))?.marker;
  if (earlier?.head !== change.headSha) return now;
  const known = acceptableIds(verdict).every((id) => earlier.findings.includes(id));
  return known ? Math.min(earlier.reportedAt, now) : now;
};

const post = async (
  session: Session,
  pullRequest: number,
  result: Result,
  options: ReportOptions,
): Promise<CommentOutcome> => {
  const reportedAt = await firstReported(session, pullRequest, result);
  return publishComment(session.forge, {
    pullRequest,
    body: renderMarkdown(result, { ...options, marker: { reportedAt } }),
    create: session.inputs.comment === "always" || hasSomethingToSay(result),
  });
};

/** @returns the comment's address; null where there is none */
export const commentOn = async (
  session: Session,
  result: Result,
  options: ReportOptions,
): Promise<string | null> => {
  const { notices } = session;
  const pullRequest = commentedPullRequest(session);
  if (pullRequest === null) return null;
  if (pullRequest === "fork") {
    notices.add(
      "A fork's token may not comment: the workflow on workflow_run (mode: report) does. See docs/action.md.",
    );
    return null;
  }
  const outcome = await notices.attempt("The pull request was not commented on", async () =>
    post(session, pullRequest, result, options),
  );
  if (outcome === null) return null;
  if (outcome.kind === "newer-exists")
    notices.add("A newer run has reported on this pull request already: its comment was left as it is.");
  return outcome.url;
};
