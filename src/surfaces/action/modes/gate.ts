/** Mode `gate`: measure the change, compare it with the baseline, say whether it may be merged. */
import { asStored } from "../../../config/baseline-file.ts";
import type { Profile } from "../../../core/profile.ts";
import { chooseBaseline } from "../../gate/choose-baseline.ts";
import { diagnoseBy } from "../../gate/diagnose.ts";
import { earlyStop } from "../../gate/early-stop.ts";
import { judgeInGate } from "../../gate/judge-profile.ts";
import { confirmInPairs } from "../../gate/pairs/confirm-in-pairs.ts";
import { askedExperiments, notAsked } from "../../gate/read-suite.ts";
import { casesFor } from "../../gate/recovery-cases.ts";
import { writeReports } from "../../gate/run-directory.ts";
import { readSuiteAt, type SuiteAt } from "../../gate/suite-at.ts";
import { suiteUnderGate } from "../../gate/suite-under-gate.ts";
import { acceptanceOf } from "../acceptance-of.ts";
import { readHeadSuite } from "../head-suite.ts";
import { measureHere } from "../measure-here.ts";
import { mergeBaseOf } from "../merge-base.ts";
import { publish } from "../publish/publish.ts";
import type { Session } from "../session.ts";
import { concludingPolicy, withInputs } from "../step-inputs.ts";
import { openStore } from "../stores.ts";

const suiteOfBase = async ({ files, suitePath, change }: Session): Promise<SuiteAt> =>
  change.baseSha === null ? { kind: "absent" } : readSuiteAt(files, suitePath, change.baseSha);

/** @returns the exit code */
export const gate = async (session: Session): Promise<number> => {
  const { change, inputs, ancestry } = session;
  const read = await readHeadSuite(session);
  const under = suiteUnderGate({
    head: read,
    base: await suiteOfBase(session),
    baseName: change.baseBranch ?? change.baseSha ?? change.defaultBranch,
  });
  const suite = withInputs(under.suite, inputs);
  const only = askedExperiments(suite, inputs.experiments);
  // Before anything is measured: a baseline that cannot be read is known at once, and is no verdict.
  const mergeBase = await mergeBaseOf(change, ancestry);
  const chosen = await chooseBaseline(openStore(session), suite, read.requestSet, mergeBase, ancestry);
  const { onLook, finalPolicy } = earlyStop(suite, chosen.baseline, only);
  const judging = {
    baseline: chosen.baseline,
    policy: finalPolicy(concludingPolicy(suite.policy, inputs)),
    experiments: suite.experiments,
    detectors: suite.detectors,
    notAsked: notAsked(suite, only),
  };
  const diagnose = diagnoseBy(suite, ([head]) => ({ ...judging, head: head as Profile }));
  const { result, profile, runDirectory } = await measureHere(
    session,
    { ...read, suite },
    { only, onLook, diagnose, recoveryCases: casesFor(suite, chosen.baseline) },
    async (measured) => ({
      runDirectory: measured.runDirectory,
      profile: measured.profile,
      result: await judgeInGate({
        ...judging,
        head: asStored(measured.profile),
        file: inputs.suite,
        change,
        choice: chosen.choice,
        weakened: under.weakened,
        confirm: async (stored) =>
          confirmInPairs(stored, {
            measure: measured.measuring,
            file: inputs.suite,
            base: mergeBase,
            buildArgs: inputs.buildArgs,
            only,
          }),
        accept: async (verdict) => acceptanceOf(session, suite, verdict),
        failOn: inputs.failOn,
        notes: [...under.notes, ...chosen.notes],
      }),
    }),
  );
  const files = await writeReports(runDirectory, result, {
    head: profile,
    baselines: chosen.baseline?.profiles ?? [],
    policy: judging.policy,
  });
  return publish(session, result, { runDirectory, files });
};
