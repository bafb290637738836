/** The commit status or check run, where the job's own conclusion is not enough: in `workflow_run` it belongs to another commit. */
import { postCheckRun } from "../../../adapters/github/check-run.ts";
import { postCommitStatus } from "../../../adapters/github/commit-status.ts";
import type { SquallError } from "../../../core/errors.ts";
import { checkTexts } from "../../../core/report/check.ts";
import {
  notMeasuredDescription,
  notMeasuredHeadline,
  renderNotMeasured,
} from "../../../core/report/not-measured.ts";
import { statusDescription } from "../../../core/report/status.ts";
import type { Result } from "../../../core/verdict.ts";
import type { Session } from "../session.ts";
import { readAnnotations } from "./annotations.ts";
import { type ReportOptions, reportOptions } from "./report-options.ts";

/** What a required status check is named by: the same for every run of a suite. */
const checkName = (reportName: string, suite: string): string =>
  reportName.toLowerCase() === suite.toLowerCase() ? reportName : `${reportName} (${suite})`;

const GITHUB_MOST_ANNOTATIONS = { failures: 50, warnings: 50 } as const;

type CheckKind = "status" | "check-run" | "none";

const checkKindOf = ({ inputs, change }: Session): CheckKind => {
  if (inputs.check !== "auto") return inputs.check;
  return change.event === "workflow_run" ? "status" : "none";
};

/** What a check says: a status has room for a line, a check run for all of it. */
interface CheckContent {
  readonly state: "success" | "failure" | "error";
  readonly description: string;
  readonly run: () => Promise<
    Pick<Parameters<typeof postCheckRun>[1], "title" | "summary" | "text" | "annotations">
  >;
}

/** @throws SquallError `api-refused`, `api-failed` */
const post = async (session: Session, suite: string, content: CheckContent): Promise<void> => {
  const { forge, change, inputs, runUrl } = session;
  const name = checkName(inputs.reportName, suite);
  const { headSha: sha } = change;
  switch (checkKindOf(session)) {
    case "none":
      return;
    case "status": {
      const { state, description } = content;
      return postCommitStatus(forge, { sha, context: name, state, description, targetUrl: runUrl });
    }
    case "check-run":
      return postCheckRun(forge, {
        sha,
        name,
        conclusion: content.state === "success" ? "success" : "failure",
        ...(await content.run()),
        detailsUrl: runUrl,
        externalId: `${change.run.id}.${change.run.attempt}`,
      });
  }
};

export const postCheck = async (session: Session, result: Result, options: ReportOptions): Promise<void> =>
  post(session, result.suite, {
    state: result.gate?.conclusion.outcome === "success" ? "success" : "failure",
    description: statusDescription(result),
    run: async () => ({
      ...checkTexts(result, options),
      annotations: await readAnnotations(session, result, GITHUB_MOST_ANNOTATIONS),
    }),
  });

/** Of a run that stopped before it had a verdict. */
export const postNotMeasured = async (session: Session, suite: string, error: SquallError): Promise<void> =>
  post(session, suite, {
    state: "error",
    description: notMeasuredDescription(error),
    run: async () => ({
      title: notMeasuredHeadline(error),
      summary: renderNotMeasured(error, reportOptions(session, {}).links),
      text: "",
      annotations: [],
    }),
  });
