import { renderJson } from "../../core/report/json.ts";
import { renderJunit } from "../../core/report/junit.ts";
import { renderMarkdown } from "../../core/report/markdown.ts";
import { renderPostmortem } from "../../core/report/postmortem/postmortem.ts";
import type { Result } from "../../core/verdict.ts";
import { newestRun, readPage, readResult } from "../gate/run-directory.ts";
import { printResult } from "./answer.ts";

export interface ReportArguments {
  readonly format: string;
  readonly out: string;
}

const render = (result: Result, format: string): string => {
  if (format === "markdown") return renderMarkdown(result);
  if (format === "postmortem")
    return renderPostmortem(result)?.trimEnd() ?? "Nothing failed: no post-mortem.";
  return format === "junit" ? renderJunit(result) : renderJson(result);
};

/** Prints the report of a finished run. */
export const report = async (run: string | undefined, options: ReportArguments): Promise<number> => {
  const directory = run ?? (await newestRun(options.out));
  if (options.format === "html") {
    process.stdout.write(await readPage(directory));
    return 0;
  }
  const result = await readResult(directory);
  if (options.format === "terminal") printResult(result, false);
  else process.stdout.write(`${render(result, options.format)}\n`);
  return 0;
};
