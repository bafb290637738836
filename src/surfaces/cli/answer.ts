/** What a person or a pipeline gets at the end: the report on standard output, and the exit code. */
import { renderJson } from "../../core/report/json.ts";
import { renderTerminal } from "../../core/report/terminal.ts";
import type { Policy } from "../../core/suite.ts";
import type { Result } from "../../core/verdict.ts";

export const printResult = (result: Result, json: boolean): void => {
  const { stdout } = process;
  const color = stdout.isTTY && process.env["NO_COLOR"] === undefined;
  stdout.write(
    `${json ? renderJson(result) : renderTerminal(result, { color, width: stdout.columns ?? 100 })}\n`,
  );
};

/** 0 pass, 1 regressed, 3 invalid, 4 inconclusive where the policy fails it (DESIGN, one run, step 9). */
export const exitCodeOf = (
  result: Result,
  policy: Pick<Policy, "onInconclusive" | "onNoBaseline">,
): number => {
  switch (result.verdict.word) {
    case "pass":
      return 0;
    case "regressed":
      return 1;
    case "invalid":
      return 3;
    case "inconclusive":
      return policy.onInconclusive === "fail" ? 4 : 0;
    case "no-baseline":
      return policy.onNoBaseline === "fail" ? 4 : 0;
  }
};
