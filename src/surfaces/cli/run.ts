import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { asStored } from "../../config/baseline-file.ts";
import type { Profile } from "../../core/profile.ts";
import type { Result } from "../../core/verdict.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";
import { type ChangeHere, changeHere } from "../gate/change-here.ts";
import { type ChosenBaseline, chooseBaseline } from "../gate/choose-baseline.ts";
import { diagnoseBy } from "../gate/diagnose.ts";
import { earlyStop } from "../gate/early-stop.ts";
import { interruptible } from "../gate/interrupt.ts";
import { type Confirm, judgeAndConfirm, judgeInGate } from "../gate/judge-profile.ts";
import { measure } from "../gate/measure.ts";
import { confirmInPairs } from "../gate/pairs/confirm-in-pairs.ts";
import { startProgress } from "../gate/progress.ts";
import { askedExperiments, notAsked, parseSeed, type ReadSuite, readSuite } from "../gate/read-suite.ts";
import { casesFor } from "../gate/recovery-cases.ts";
import { newRunDirectory, writeReports, writeSamples } from "../gate/run-directory.ts";
import { readSuiteAt } from "../gate/suite-at.ts";
import { type SuiteUnderGate, suiteUnderGate } from "../gate/suite-under-gate.ts";
import { exitCodeOf, printResult } from "./answer.ts";
import { nextStep } from "./next-step.ts";

export interface RunArguments {
  readonly file: string;
  readonly baseline: string;
  readonly out: string;
  readonly quiet: boolean;
  /** Commit or branch that the change starts from; absent: as the CI tells, else none. */
  readonly base?: string;
  readonly seed?: string;
  readonly experiment?: readonly string[];
  readonly runtime?: string;
  readonly buildArg?: readonly string[];
  readonly json: boolean;
}

/** The base's rules over the head's suite, where there is a base. */
const underGate = async (head: ReadSuite, here: ChangeHere | null): Promise<SuiteUnderGate> => {
  if (here === null) return { suite: head.suite, weakened: [], notes: [] };
  const { change, files, suitePath } = here;
  return suiteUnderGate({
    head,
    base: await readSuiteAt(files, suitePath, change.baseSha),
    baseName: change.baseBranch ?? change.baseSha.slice(0, 7),
  });
};

const baselineFor = async (
  directory: string,
  { suite, requestSet }: ReadSuite,
  here: ChangeHere | null,
): Promise<ChosenBaseline> => {
  const store = fileBaselineStore(directory);
  return here === null
    ? { baseline: await store.read(suite.name), choice: null, notes: [] }
    : chooseBaseline(store, suite, requestSet, here.mergeBase, here.ancestry);
};

interface Prepared {
  readonly read: ReadSuite;
  readonly here: ChangeHere | null;
  readonly under: SuiteUnderGate;
  readonly only: readonly string[] | undefined;
  readonly chosen: ChosenBaseline;
  readonly runDirectory: string;
}

/** Measures, judges and, where it looks bad, tries again side by side with the reference. */
const measureAndJudge = async (
  prepared: Prepared,
  options: RunArguments,
): Promise<{ readonly result: Result; readonly profile: Profile }> => {
  const { read, here, under, only, chosen, runDirectory } = prepared;
  const { suite } = read;
  using interruption = interruptible();
  using progress = startProgress(options.quiet);
  const measuring = {
    read,
    seed: parseSeed(options.seed),
    runtime: options.runtime,
    runDirectory,
    signal: interruption.signal,
    onProgress: progress.on,
  };
  const { onLook, finalPolicy } = earlyStop(suite, chosen.baseline, only);
  const judging = {
    baseline: chosen.baseline,
    policy: finalPolicy(suite.policy),
    experiments: suite.experiments,
    detectors: suite.detectors,
    notAsked: notAsked(suite, only),
  };
  const profile = await measure({
    ...measuring,
    only,
    onLook,
    diagnose: diagnoseBy(suite, ([head]) => ({ ...judging, head: head as Profile })),
    recoveryCases: casesFor(suite, chosen.baseline),
  });
  await writeSamples(runDirectory, profile);
  const base = here?.change.baseSha ?? null;
  const confirm: Confirm = async (stored) =>
    confirmInPairs(stored, {
      measure: measuring,
      file: options.file,
      base,
      buildArgs: options.buildArg,
      only,
    });
  const input = { ...judging, head: asStored(profile), file: options.file };
  // Awaited here: what is used must live until it is judged.
  const result =
    here === null
      ? await judgeAndConfirm(input, confirm)
      : await judgeInGate({
          ...input,
          change: here.change,
          choice: chosen.choice,
          weakened: under.weakened,
          confirm,
          // Nobody can be asked here: other CIs have exceptions of their own.
          accept: async () => ({ acceptance: null, notes: [] }),
          notes: [...under.notes, ...chosen.notes],
        });
  return { result, profile };
};

/**
 * Measures, judges against the stored baseline, writes `.squall/<run>/`, prints. In a CI that names the change's base, and
 * with `--base`, as a gate: by the base's rules, against runs of its ancestors.
 *
 * @returns the exit code
 */
export const run = async (options: RunArguments): Promise<number> => {
  const found = await readSuite(options.file);
  const here = await changeHere(options.file, options.base, process.env);
  const under = await underGate(found, here);
  const read = { ...found, suite: withBuildArguments(under.suite, options.buildArg) };
  const { suite } = read;
  parseSeed(options.seed);
  const only = askedExperiments(suite, options.experiment);
  const chosen = await baselineFor(options.baseline, read, here);
  const runDirectory = await newRunDirectory(options.out, suite.name);
  const { result, profile } = await measureAndJudge(
    { read, here, under, only, chosen, runDirectory },
    options,
  );
  const files = await writeReports(runDirectory, result, {
    head: profile,
    baselines: chosen.baseline?.profiles ?? [],
    policy: suite.policy,
  });
  printResult(result, options.json, files);
  process.stderr.write(`written to ${runDirectory}\n`);
  const next = nextStep(result, runDirectory);
  if (next !== null) process.stderr.write(`next: ${next}\n`);
  return exitCodeOf(result, suite.policy);
};
