/** What a person or a pipeline gets at the end: the report on standard output, and the exit code. */
import { conclude } from "../../core/gate/conclude.ts";
import type { ReportFiles } from "../../core/report/files.ts";
import { renderJson } from "../../core/report/json.ts";
import { renderTerminal } from "../../core/report/terminal.ts";
import type { Policy } from "../../core/suite.ts";
import type { Result } from "../../core/verdict.ts";

/** @param files what the run left, where it was written anew */
export const printResult = (result: Result, json: boolean, files: ReportFiles = {}): void => {
  const { stdout } = process;
  const color = stdout.isTTY && process.env["NO_COLOR"] === undefined;
  const options = { color, width: stdout.columns ?? 100, files };
  stdout.write(`${json ? renderJson(result) : renderTerminal(result, options)}\n`);
};

/** As the gate concluded; outside of one as it would: 0 pass, 1 regressed, 3 invalid, 4 what the policy fails. */
export const exitCodeOf = (
  { verdict, gate }: Result,
  policy: Pick<Policy, "onInconclusive" | "onNoBaseline">,
): number => (gate?.conclusion ?? conclude(verdict, null, { ...policy, onWeakened: "warn" })).exitCode;
