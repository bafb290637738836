import * as core from "@actions/core";
import { renderJobSummary } from "../../../core/report/job-summary.ts";
import type { Result } from "../../../core/verdict.ts";
import type { Session } from "../session.ts";
import type { ReportOptions } from "./report-options.ts";

export const writeSummary = async (
  { inputs, notices }: Session,
  result: Result,
  options: ReportOptions,
): Promise<void> => {
  if (!inputs.summary) return;
  await notices.attempt("The job summary was not written", async () =>
    core.summary.addRaw(renderJobSummary(result, options)).write(),
  );
};
