/** What is posted where a run stopped before it had a verdict: nobody should go on reading an earlier one. */
import * as core from "@actions/core";
import { publishComment } from "../../../adapters/github/comment.ts";
import type { SquallError } from "../../../core/errors.ts";
import { suiteMark, writeMarker } from "../../../core/report/marker.ts";
import { renderNotMeasured } from "../../../core/report/not-measured.ts";
import type { Session } from "../session.ts";
import { postNotMeasured } from "./check.ts";
import { commentedPullRequest } from "./comment.ts";
import { reportOptions } from "./report-options.ts";

/** Only an earlier comment is brought up to date: what stopped us is in the job's own log. */
const comment = async (session: Session, suite: string, report: string): Promise<void> => {
  const { change, forge } = session;
  const pullRequest = commentedPullRequest(session);
  if (typeof pullRequest !== "number") return;
  const marker = writeMarker({
    suite: suiteMark(suite),
    head: change.headSha,
    seed: 0,
    run: change.run.id,
    attempt: change.run.attempt,
    reportedAt: Math.floor(Date.now() / 1000),
    findings: [],
  });
  await publishComment(forge, { pullRequest, body: `${report}\n\n${marker}`, create: false });
};

/** @param suite null: the suite itself could not be read, so no comment or check bears its name */
export const publishNotMeasured = async (
  session: Session,
  suite: string | null,
  error: SquallError,
): Promise<void> => {
  const { notices, inputs } = session;
  const report = renderNotMeasured(error, reportOptions(session, {}).links);
  if (suite !== null) {
    await notices.attempt("The comment was not brought up to date", async () =>
      comment(session, suite, report),
    );
    await notices.attempt("The check was not posted", async () => postNotMeasured(session, suite, error));
  }
  if (!inputs.summary) return;
  await notices.attempt("The job summary was not written", async () =>
    core.summary.addRaw(`${report}\n`).write(),
  );
};
