/** Posts what is on disk already, then gives the exit code: a surface that cannot be posted never changes the verdict. */
import path from "node:path";
import * as core from "@actions/core";
import { actionOutputs } from "../../../config/action/outputs.ts";
import { renderTerminal } from "../../../core/report/terminal.ts";
import type { Result } from "../../../core/verdict.ts";
import type { Session } from "../session.ts";
import { annotate } from "./annotations.ts";
import { uploadPage, uploadRun } from "./artifact.ts";
import { postCheck } from "./check.ts";
import { commentOn } from "./comment.ts";
import { setOutputs } from "./outputs.ts";
import { reportOptions } from "./report-options.ts";
import { writeSummary } from "./summary.ts";

const LOG_WIDTH = 120;

export interface Written {
  readonly runDirectory: string;
  readonly files: { readonly page: string; readonly postmortem?: string };
}

/** @returns the exit code */
export const publish = async (
  session: Session,
  result: Result,
  { runDirectory, files }: Written,
): Promise<number> => {
  const here = (file: string): string => path.relative(session.workspace, file);
  const told = {
    page: here(files.page),
    ...(files.postmortem === undefined ? {} : { postmortem: here(files.postmortem) }),
  };
  core.info(
    renderTerminal(result, {
      color: false,
      width: LOG_WIDTH,
      files: told,
    }),
  );
  const uploaded = await uploadRun(session, result.suite, runDirectory);
  const artifactUrl = uploaded?.url ?? undefined;
  // A server that does not take the one does not take the other: said once.
  const page = uploaded === null ? null : await uploadPage(session, result.suite, files.page);
  // Its notices are the session's own list, which grows: each surface tells those that there are by then.
  const options = reportOptions(session, { artifact: artifactUrl, page: page?.url ?? undefined });
  const commentUrl = await commentOn(session, result, options);
  // In `workflow_run` the status is what the pull request waits for: without it the step has failed.
  if (session.change.event === "workflow_run") await postCheck(session, result, options);
  else
    await session.notices.attempt("The check was not posted", async () =>
      postCheck(session, result, options),
    );
  await annotate(session, result);
  await writeSummary(session, result, { ...options, files: told });
  setOutputs(
    actionOutputs(result, {
      resultPath: path.join(runDirectory, "result.json"),
      pagePath: files.page,
      reportPath: path.join(runDirectory, "report.md"),
      commentUrl: commentUrl ?? undefined,
      artifactUrl,
      pageUrl: page?.url ?? undefined,
    }),
  );
  return result.gate?.conclusion.exitCode ?? 0;
};
