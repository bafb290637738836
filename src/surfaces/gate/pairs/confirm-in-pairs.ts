/** Tries again, side by side with the reference, what the stored baseline called regressed or inconclusive. */
import path from "node:path";
import { asStored } from "../../../config/baseline-file.ts";
import { SquallError } from "../../../core/errors.ts";
import { type Confirmed, confirm, toConfirm } from "../../../core/judge/confirm.ts";
import { type JudgeInput, judge } from "../../../core/judge/judge.ts";
import { lookAt, withFinalAlpha } from "../../../core/judge/looks.ts";
import type { Profile } from "../../../core/profile.ts";
import type { Suite } from "../../../core/suite.ts";
import type { Verdict } from "../../../core/verdict.ts";
import { diagnoseBy } from "../diagnose.ts";
import { type Measure, measurePair } from "../measure.ts";
import { experimentNames, notAsked } from "../read-suite.ts";
import { writeSamples } from "../run-directory.ts";
import { type OpenReference, openReference } from "./open-reference.ts";

export interface ConfirmInPairs {
  /** Of the run that was compared with the stored baseline. */
  readonly measure: Omit<Measure, "only" | "onLook" | "diagnose">;
  readonly file: string;
  /** The commit that the change starts from; null: nobody said. */
  readonly base: string | null;
  readonly buildArgs: readonly string[] | undefined;
  /** Experiments that were measured; absent: all. */
  readonly only: readonly string[] | undefined;
}

export interface PairVerdict {
  readonly verdict: Verdict;
  readonly head: Profile;
  readonly reference: Profile;
}

const baselineOf = (reference: Profile) => ({
  schemaVersion: 1 as const,
  suite: reference.suite,
  profiles: [reference],
});

/**
 * Measures the suite beside its reference, judges the pair, and keeps its samples under the run's directory.
 *
 * @param measure `diagnosing`: remedies are tried for what fails; a run that is confirmed has tried them already
 */
export const judgePair = async (
  { diagnosing, ...measure }: Omit<Measure, "onLook" | "diagnose"> & { readonly diagnosing: boolean },
  reference: Omit<OpenReference, "read" | "runDirectory" | "signal" | "progress">,
): Promise<PairVerdict> => {
  const { read, signal, onProgress } = measure;
  const { suite } = read;
  const runDirectory = path.join(measure.runDirectory, "pair");
  const input = (head: Profile, beside: Profile): JudgeInput => ({
    head,
    baseline: baselineOf(beside),
    policy: suite.policy,
    experiments: suite.experiments,
    notAsked: notAsked(suite, measure.only),
    paired: true,
  });
  await using opened = await openReference({
    ...reference,
    read,
    runDirectory,
    signal,
    progress: (text) => onProgress({ phase: "start", text }),
  });
  const { earlyStop } = suite.policy;
  const final = (judged: JudgeInput): JudgeInput =>
    earlyStop ? { ...judged, policy: withFinalAlpha(judged.policy) } : judged;
  const measured = await measurePair(
    {
      ...measure,
      runDirectory,
      onLook: earlyStop
        ? (look, [head, beside]) => lookAt(input(head as Profile, beside as Profile), look)
        : undefined,
      diagnose: diagnosing
        ? diagnoseBy(suite, ([head, beside]) => final(input(head as Profile, beside as Profile)))
        : undefined,
    },
    opened,
  );
  await writeSamples(runDirectory, measured.head);
  await writeSamples(path.join(runDirectory, "reference"), measured.reference);
  const [head, beside] = [asStored(measured.head), asStored(measured.reference)];
  const verdict = judge(final(input(head, beside)));
  return { verdict, head, reference: beside };
};

/** The suspects alone: the whole budget is theirs, half of it for each side. */
const suiteOfSuspects = (suite: Suite, names: readonly string[]): Suite => {
  // Its recovery policies were tried already.
  const { recovery: _, ...rest } = suite;
  return {
    ...rest,
    experiments: suite.experiments.filter(({ name }) => names.includes(name)),
    frontiers: suite.frontiers.filter(({ name }) => names.includes(name)),
    policy: { ...suite.policy, budgetMs: (suite.reference?.budgetMs ?? suite.policy.budgetMs) / 2 },
  };
};

/**
 * Null where there is nothing to confirm, or no reference to do it with.
 *
 * A reference that cannot be had leaves the stored verdict as it is, with a note: it must neither alarm nor clear.
 */
export const confirmInPairs = async (
  stored: Verdict,
  { measure, file, base, buildArgs, only }: ConfirmInPairs,
): Promise<
  (Omit<Confirmed, "confirmation"> & Partial<Confirmed> & { readonly notes: readonly string[] }) | null
> => {
  const { suite } = measure.read;
  const { reference } = suite;
  if (reference?.confirm !== true) return null;
  const known = experimentNames(suite).filter((name) => only?.includes(name) ?? true);
  const asked = toConfirm(stored) ?? known;
  const names = known.filter((name) => asked.includes(name));
  if (names.length === 0) return null;
  measure.onProgress({
    phase: "start",
    text: `${stored.word} against the stored baseline: measuring ${names.length} of ${known.length} experiments side by side with the reference`,
  });
  try {
    const suspects = suiteOfSuspects(suite, names);
    const pair = await judgePair(
      { ...measure, read: { ...measure.read, suite: suspects }, diagnosing: false },
      { source: reference.source, file, base, buildArgs },
    );
    const { verdict, confirmation } = confirm(stored, pair.verdict, names, names.length === known.length);
    return { verdict, confirmation, notes: [] };
  } catch (error) {
    if (!(error instanceof SquallError) || error.code === "interrupted") throw error;
    return {
      verdict: stored,
      notes: [
        `It could not be confirmed side by side: ${[error.message, ...error.detail.slice(-3)].join(" ")}`,
      ],
    };
  }
};
