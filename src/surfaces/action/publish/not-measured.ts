/** What is posted where a run stopped before it had a verdict: nobody should go on reading an earlier one. */
import * as core from "@actions/core";
import { postCheckRun } from "../../../adapters/github/check-run.ts";
import { publishComment } from "../../../adapters/github/comment.ts";
import { postCommitStatus } from "../../../adapters/github/commit-status.ts";
import { isFork } from "../../../core/change.ts";
import type { SquallError } from "../../../core/errors.ts";
import { suiteMark, writeMarker } from "../../../core/report/marker.ts";
import {
  notMeasuredDescription,
  notMeasuredHeadline,
  renderNotMeasured,
} from "../../../core/report/not-measured.ts";
import type { Session } from "../session.ts";
import { checkKindOf, checkName } from "./check.ts";

const linksOf = ({ runUrl }: Session): { readonly run?: string } =>
  runUrl === undefined ? {} : { run: runUrl };

/** Only an earlier comment is brought up to date: what stopped us is in the job's own log. */
const comment = async (session: Session, suite: string, error: SquallError): Promise<void> => {
  const { change, inputs, forge } = session;
  const { pullRequest } = change;
  const mayNot = change.event === "pull_request" && isFork(change);
  if (pullRequest === null || inputs.comment === "never" || change.event === "merge_group" || mayNot) return;
  const marker = writeMarker({
    suite: suiteMark(suite),
    head: change.headSha,
    seed: 0,
    run: change.run.id,
    attempt: change.run.attempt,
    reportedAt: Math.floor(Date.now() / 1000),
    findings: [],
  });
  await publishComment(forge, {
    pullRequest,
    body: `${renderNotMeasured(error, linksOf(session))}\n\n${marker}`,
    create: false,
  });
};

const check = async (session: Session, suite: string, error: SquallError): Promise<void> => {
  const { forge, change, inputs, runUrl } = session;
  const name = checkName(inputs.reportName, suite);
  switch (checkKindOf(session)) {
    case "none":
      return;
    case "status":
      return postCommitStatus(forge, {
        sha: change.headSha,
        context: name,
        state: "error",
        description: notMeasuredDescription(error),
        targetUrl: runUrl,
      });
    case "check-run":
      return postCheckRun(forge, {
        sha: change.headSha,
        name,
        conclusion: "failure",
        title: notMeasuredHeadline(error),
        summary: renderNotMeasured(error, linksOf(session)),
        text: "",
        annotations: [],
        detailsUrl: runUrl,
        externalId: `${change.run.id}.${change.run.attempt}`,
      });
  }
};

/** @param suite null: the suite itself could not be read, so no comment or check bears its name */
export const publishNotMeasured = async (
  session: Session,
  suite: string | null,
  error: SquallError,
): Promise<void> => {
  const { notices, inputs } = session;
  if (suite !== null) {
    await notices.attempt("The comment was not brought up to date", async () =>
      comment(session, suite, error),
    );
    await notices.attempt("The check was not posted", async () => check(session, suite, error));
  }
  if (!inputs.summary) return;
  await notices.attempt("The job summary was not written", async () =>
    core.summary.addRaw(`${renderNotMeasured(error, linksOf(session))}\n`).write(),
  );
};
