/** The commit status or check run, where the job's own conclusion is not enough: in `workflow_run` it belongs to another commit. */
import { postCheckRun } from "../../../adapters/github/check-run.ts";
import { postCommitStatus } from "../../../adapters/github/commit-status.ts";
import { checkTexts } from "../../../core/report/check.ts";
import { statusDescription } from "../../../core/report/status.ts";
import type { Result } from "../../../core/verdict.ts";
import type { Session } from "../session.ts";
import { readAnnotations } from "./annotations.ts";

/** What a required status check is named by: the same for every run of a suite. */
export const checkName = (reportName: string, suite: string): string =>
  reportName.toLowerCase() === suite.toLowerCase() ? reportName : `${reportName} (${suite})`;

const GITHUB_MOST_ANNOTATIONS = { failures: 50, warnings: 50 } as const;

export type CheckKind = "status" | "check-run" | "none";

export const checkKindOf = ({ inputs, change }: Session): CheckKind => {
  if (inputs.check !== "auto") return inputs.check;
  return change.event === "workflow_run" ? "status" : "none";
};

const failed = (result: Result): boolean => result.gate?.conclusion.outcome !== "success";

/** @throws SquallError `api-refused`, `api-failed` */
export const postCheck = async (session: Session, result: Result): Promise<void> => {
  const { forge, change, inputs, runUrl } = session;
  const name = checkName(inputs.reportName, result.suite);
  switch (checkKindOf(session)) {
    case "none":
      return;
    case "status":
      return postCommitStatus(forge, {
        sha: change.headSha,
        context: name,
        state: failed(result) ? "failure" : "success",
        description: statusDescription(result),
        targetUrl: runUrl,
      });
    case "check-run": {
      await postCheckRun(forge, {
        sha: change.headSha,
        name,
        conclusion: failed(result) ? "failure" : "success",
        ...checkTexts(result),
        annotations: await readAnnotations(session, result, GITHUB_MOST_ANNOTATIONS),
        detailsUrl: runUrl,
        externalId: `${change.run.id}.${change.run.attempt}`,
      });
    }
  }
};
