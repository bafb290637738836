import { expect, test } from "vitest";
import type { Finding } from "../../../src/core/verdict.ts";
import { nextStep } from "../../../src/surfaces/cli/next-step.ts";
import { resultFor } from "../../core/report/results.ts";

const RUN = ".squall/2026-01-01T00-00-00-default";

const invalidBy = (kind: Finding["kind"], detail: readonly string[]) => {
  const result = resultFor("invalid");
  const [first] = result.verdict.findings;
  if (first === undefined) throw new Error("the result has no finding");
  return { ...result, verdict: { ...result.verdict, findings: [{ ...first, kind, detail }] } };
};

test("a pass leaves nothing to do; what failed leads to the page of its run", () => {
  expect(nextStep(resultFor("pass"), RUN)).toBeNull();
  for (const word of ["regressed", "inconclusive"] as const)
    expect(nextStep(resultFor(word), RUN)).toContain(`open ${RUN}/report.html`);
});

test("without a baseline the next command is the one that makes it", () => {
  expect(nextStep(resultFor("no-baseline"), RUN)).toContain("`squall baseline`");
});

test("what could not be measured is told by its cause: a busy machine, a fault that met nothing, anything else", () => {
  const late = "requests left 9 to 40 ms late (p99), more than 5 ms: the machine was too busy to measure";
  expect(nextStep(invalidBy("invalid-window", [late]), RUN)).toContain("maxLagP99");
  expect(nextStep(invalidBy("fault-missed", ["Check."]), RUN)).toContain("request set");
  const other = nextStep(invalidBy("invalid-window", ["No window was run."]), RUN);
  expect(other).not.toContain("maxLagP99");
  expect(other).toContain("findings above");
});
