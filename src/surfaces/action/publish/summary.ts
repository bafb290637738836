import * as core from "@actions/core";
import { type JobSummaryOptions, renderJobSummary } from "../../../core/report/job-summary.ts";
import type { Result } from "../../../core/verdict.ts";
import type { Session } from "../session.ts";

export const writeSummary = async (
  { inputs, notices }: Session,
  result: Result,
  options: JobSummaryOptions,
): Promise<void> => {
  if (!inputs.summary) return;
  await notices.attempt("The job summary was not written", async () =>
    core.summary.addRaw(renderJobSummary(result, options)).write(),
  );
};
