/** From a run's uploaded files to a result, by the base branch's rules. Nothing of the change is run: its suite is parsed alone. */
import { readRunArtifact } from "../../config/run-artifact.ts";
import type { Change } from "../../core/change.ts";
import { SquallError } from "../../core/errors.ts";
import type { FailOn } from "../../core/gate/conclude.ts";
import type { Profile } from "../../core/profile.ts";
import type { Policy, Suite } from "../../core/suite.ts";
import type { Finding, Result, Verdict } from "../../core/verdict.ts";
import type { RequestSet } from "../../core/workload.ts";
import type { BaselineStore } from "../../run/baseline-store.ts";
import type { Ancestry, SourceFiles } from "../../run/forge.ts";
import { chooseBaseline } from "../gate/choose-baseline.ts";
import { earlyStop } from "../gate/early-stop.ts";
import { type GateInput, judgeInGate } from "../gate/judge-profile.ts";
import { readSuiteAt } from "../gate/suite-at.ts";
import { suiteUnderGate } from "../gate/suite-under-gate.ts";
import { checkSamples } from "./check-samples.ts";
import { mergeBaseOf } from "./merge-base.ts";
import { concludingPolicy, withBudget } from "./step-inputs.ts";

/** The change, with a base: rules that come from nowhere are none. */
export type BasedChange = Change & { readonly baseSha: string };

export interface ReportedSuite {
  /** As the gate measures it: the change's, with the base's experiments and the stricter limits. */
  readonly suite: Suite;
  readonly requestSet: RequestSet;
  readonly weakened: readonly Finding[];
  readonly notes: readonly string[];
}

export interface SuiteQuestion {
  readonly files: SourceFiles;
  /** Relative to the repository's root, with `/`. */
  readonly suitePath: string;
  readonly change: BasedChange;
  /** Budget that both workflows give; undefined: the suite's. */
  readonly budgetMs: number | undefined;
}

const mustRead = async (
  { files, suitePath }: SuiteQuestion,
  commit: string,
  whose: string,
): Promise<{ readonly suite: Suite; readonly requestSet: RequestSet }> => {
  const read = await readSuiteAt(files, suitePath, commit);
  if (read.kind === "read") return read;
  const why = read.kind === "absent" ? "it is not there" : read.why;
  throw new SquallError("suite-not-found", `${suitePath} of ${whose} cannot be used: ${why}`, {
    place: suitePath,
    remedy: "The input suite must name a valid suite, on the base branch and in the pull request.",
  });
};

/** @param onBase called with the base's suite as soon as that is known: it names what is reported */
export const readReportedSuite = async (
  question: SuiteQuestion,
  onBase: (suite: Suite) => void,
): Promise<ReportedSuite> => {
  const { change, budgetMs } = question;
  const base = await mustRead(question, change.baseSha, "the base branch");
  onBase(base.suite);
  const { suite, requestSet } = await mustRead(question, change.measuredSha, "the pull request");
  if (suite.name !== base.suite.name) {
    throw new SquallError(
      "artifact-invalid",
      `The pull request renames the suite ${base.suite.name} to ${suite.name}: there is nothing to hold it against.`,
      { place: question.suitePath, remedy: "Keep the name, or rename it from a branch of the repository." },
    );
  }
  const under = suiteUnderGate({
    head: { suite, requestSet },
    base: { kind: "read", ...base },
    baseName: change.baseBranch ?? change.defaultBranch,
  });
  return { requestSet, ...under, suite: withBudget(under.suite, budgetMs) };
};

export interface ArtifactToJudge {
  readonly change: BasedChange;
  /** Content of the artifact: a stranger's. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly reported: ReportedSuite;
  readonly store: BaselineStore;
  readonly ancestry: Ancestry;
  /** Seed that both workflows give; undefined: the suite's. */
  readonly seed: number | undefined;
  /** The suite file as a person names it. */
  readonly file: string;
  readonly onInconclusive: Policy["onInconclusive"] | undefined;
  readonly failOn: ReadonlySet<FailOn> | undefined;
  readonly accept: (suite: Suite, verdict: Verdict) => ReturnType<GateInput["accept"]>;
}

/**
 * Samples held against what is known without them, then judged as a gate judges its own. Whatever verdict the artifact states is
 * not looked at.
 *
 * @throws SquallError `artifact-invalid` where it is not the run that it must be, and what stops a baseline from being read
 */
export const judgeArtifact = async (
  input: ArtifactToJudge,
): Promise<{
  readonly result: Result;
  readonly profile: Profile;
  /** The stored runs it was judged against. */
  readonly baselines: readonly Profile[];
}> => {
  const { change, reported, ancestry } = input;
  const { suite, requestSet, weakened, notes } = reported;
  const artifact = readRunArtifact(input.files);
  checkSamples(artifact, { change, suite, requestSet, seed: input.seed });
  const mergeBase = await mergeBaseOf(change, ancestry);
  const chosen = await chooseBaseline(input.store, suite, requestSet, mergeBase, ancestry);
  const { finalPolicy } = earlyStop(suite, chosen.baseline, undefined);
  const result = await judgeInGate({
    head: artifact.profile,
    baseline: chosen.baseline,
    // Whether it was looked at cannot be told from a whole run: as if it was.
    policy: finalPolicy(concludingPolicy(suite.policy, input)),
    experiments: suite.experiments,
    detectors: suite.detectors,
    file: input.file,
    change,
    choice: chosen.choice,
    weakened,
    accept: async (verdict) => input.accept(suite, verdict),
    failOn: input.failOn,
    notes: [...notes, ...chosen.notes],
  });
  return { result, profile: artifact.profile, baselines: chosen.baseline?.profiles ?? [] };
};
