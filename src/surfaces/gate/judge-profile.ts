import type { Change } from "../../core/change.ts";
import { conclude, type FailOn } from "../../core/gate/conclude.ts";
import type { Acceptance, BaselineChoice } from "../../core/gate/gate-record.ts";
import { gateVerdict } from "../../core/gate/verdict.ts";
import { buildResult, type JudgeInput, judge } from "../../core/judge/judge.ts";
import type { Finding, Result, Verdict } from "../../core/verdict.ts";

/** What a shell reads as one word. */
const word = (text: string): string =>
  /^[\w./@:=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** How a scenario (null: the whole suite) is repeated on a person's machine. */
const reproduceWith =
  (file: string, seed: number) =>
  (scenario: string | null): string =>
    [
      "squall run",
      ...(file === "squall.yml" ? [] : [`--file ${word(file)}`]),
      `--seed ${seed}`,
      ...(scenario === null || scenario === "control" ? [] : [`--experiment ${word(scenario)}`]),
    ].join(" ");

/** Judges, and says how the worst finding is repeated here. */
export const judgeProfile = (input: JudgeInput & { readonly file: string }): Result =>
  buildResult(input, judge(input), reproduceWith(input.file, input.head.seed));

export interface GateInput extends JudgeInput {
  /** The suite file as a person names it, for the command that repeats a finding. */
  readonly file: string;
  readonly change: Change;
  /** Null: no stored run was chosen. */
  readonly choice: BaselineChoice | null;
  /** What the change loosens of its own gate. */
  readonly weakened: readonly Finding[];
  /** Who took the findings upon themselves; asked only where the merge may not go on without. */
  readonly accept: (
    verdict: Verdict,
  ) => Promise<{ readonly acceptance: Acceptance | null; readonly notes: readonly string[] }>;
  /** Verdicts that fail; absent: by the suite's policy. */
  readonly failOn?: ReadonlySet<FailOn> | undefined;
  /** Further notes, such as stored runs that were passed over. */
  readonly notes: readonly string[];
}

const nobody = { acceptance: null, notes: [] } as const;

/** Judges as a gate does: the verdict, what was weakened, who accepted what, and whether the merge may go on. */
export const judgeInGate = async (input: GateInput): Promise<Result> => {
  const verdict = gateVerdict(judge(input), { choice: input.choice, weakened: input.weakened });
  const { outcome } = conclude(verdict, null, input.policy, input.failOn);
  const { acceptance, notes } = outcome === "failure" ? await input.accept(verdict) : nobody;
  const result = buildResult(input, verdict, reproduceWith(input.file, input.head.seed));
  return {
    ...result,
    notes: [...result.notes, ...input.notes, ...notes],
    gate: {
      change: input.change,
      choice: input.choice,
      acceptance,
      conclusion: conclude(verdict, acceptance, input.policy, input.failOn),
    },
  };
};
