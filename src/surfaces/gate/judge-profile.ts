import { buildResult, type JudgeInput, judge } from "../../core/judge/judge.ts";
import type { Result } from "../../core/verdict.ts";

/** What a shell reads as one word. */
const word = (text: string): string =>
  /^[\w./@:=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** Judges, and says how the worst finding is repeated here. */
export const judgeProfile = (input: JudgeInput & { readonly file: string }): Result =>
  buildResult(input, judge(input), (scenario) =>
    [
      "squall run",
      ...(input.file === "squall.yml" ? [] : [`--file ${word(input.file)}`]),
      `--seed ${input.head.seed}`,
      ...(scenario === null || scenario === "control" ? [] : [`--experiment ${word(scenario)}`]),
    ].join(" "),
  );
