import type { Change } from "../../core/change.ts";
import { conclude, type FailOn } from "../../core/gate/conclude.ts";
import type { Acceptance, BaselineChoice } from "../../core/gate/gate-record.ts";
import { gateVerdict } from "../../core/gate/verdict.ts";
import { type JudgeInput, judge } from "../../core/judge/judge.ts";
import { buildResult } from "../../core/judge/result.ts";
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
export const judgeProfile = (
  input: JudgeInput & { readonly file: string },
  verdict: Verdict = judge(input),
): Result => buildResult(input, verdict, reproduceWith(input.file, input.head.seed));

/** What became of a stored verdict; null: it stands as it is. */
export type Confirm = (
  stored: Verdict,
) => Promise<(Pick<Result, "verdict" | "notes"> & Partial<Pick<Result, "confirmation">>) | null>;

/** As `judgeProfile`, where what looks bad is tried again first. */
export const judgeAndConfirm = async (
  input: JudgeInput & { readonly file: string },
  confirm: Confirm,
): Promise<Result> => {
  const stored = judge(input);
  const confirmed = await confirm(stored);
  const result = judgeProfile(input, confirmed?.verdict ?? stored);
  if (confirmed === null) return result;
  const { notes, confirmation } = confirmed;
  return {
    ...result,
    notes: [...result.notes, ...notes],
    ...(confirmation === undefined ? {} : { confirmation }),
  };
};

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
  /** Tries again what looks bad, before anybody is asked or alarmed; absent: nothing is. */
  readonly confirm?: Confirm;
  /** Verdicts that fail; absent: by the suite's policy. */
  readonly failOn?: ReadonlySet<FailOn> | undefined;
  /** Further notes, such as stored runs that were passed over. */
  readonly notes: readonly string[];
}

const nobody = { acceptance: null, notes: [] } as const;

/** Judges as a gate does: the verdict, what was weakened, who accepted what, and whether the merge may go on. */
export const judgeInGate = async (input: GateInput): Promise<Result> => {
  const stored = judge(input);
  const confirmed = (await input.confirm?.(stored)) ?? null;
  const verdict = gateVerdict(confirmed?.verdict ?? stored, {
    choice: input.choice,
    weakened: input.weakened,
  });
  const { outcome } = conclude(verdict, null, input.policy, input.failOn);
  const { acceptance, notes } = outcome === "failure" ? await input.accept(verdict) : nobody;
  const result = judgeProfile(input, verdict);
  const confirmation = confirmed?.confirmation;
  return {
    ...result,
    ...(confirmation === undefined ? {} : { confirmation }),
    notes: [...result.notes, ...input.notes, ...(confirmed?.notes ?? []), ...notes],
    gate: {
      change: input.change,
      choice: input.choice,
      acceptance,
      conclusion: conclude(verdict, acceptance, input.policy, input.failOn),
    },
  };
};
