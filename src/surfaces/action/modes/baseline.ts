/** Mode `baseline`: measure the default branch, and keep the run for others to be compared with. */
import * as core from "@actions/core";
import { actionOutputs } from "../../../config/action/outputs.ts";
import { refuseUnmeasured } from "../../gate/refuse-unmeasured.ts";
import { readHeadSuite } from "../head-suite.ts";
import { measureHere } from "../measure-here.ts";
import { uploadRun } from "../publish/artifact.ts";
import { setOutputs } from "../publish/outputs.ts";
import type { Session } from "../session.ts";
import { withInputs } from "../step-inputs.ts";
import { openStore, refuseUntrusted } from "../stores.ts";

/** @returns the exit code */
export const baseline = async (session: Session): Promise<number> => {
  refuseUntrusted(session);
  const head = await readHeadSuite(session);
  const read = { ...head, suite: withInputs(head.suite, session.inputs) };
  const store = openStore(session);
  const { profile, runDirectory } = await measureHere(
    session,
    read,
    { only: undefined },
    async (measured) => measured,
  );
  const artifact = await uploadRun(session, read.suite.name, runDirectory);
  refuseUnmeasured(profile);
  const { name, policy } = read.suite;
  const { profiles } = await store.append(name, profile, policy.pooledRuns);
  const text = `Baseline of ${name}: ${profiles.length} run${profiles.length === 1 ? "" : "s"} kept in ${store.place}, this one of ${session.change.headSha.slice(0, 7)} with ${profile.observations.length} requests.`;
  core.info(text);
  setOutputs(
    actionOutputs(null, {
      resultPath: runDirectory,
      artifactUrl: artifact?.url ?? undefined,
      baselineCommit: session.change.headSha,
      seed: profile.seed,
    }),
  );
  if (session.inputs.summary) {
    await session.notices.attempt("The job summary was not written", async () =>
      core.summary.addRaw(`${text}\n`).write(),
    );
  }
  return 0;
};
