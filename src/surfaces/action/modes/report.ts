/** Mode `report`: judge again what another workflow measured, by the base branch's rules, and post it. Nothing of the change is run. */
import path from "node:path";
import { forgeArtifacts } from "../../../adapters/github/artifacts/shelf.ts";
import { resolveRef } from "../../../adapters/github/pull-requests.ts";
import { readRunArtifact } from "../../../config/run-artifact.ts";
import type { Change } from "../../../core/change.ts";
import { SquallError } from "../../../core/errors.ts";
import type { StoredArtifact } from "../../../run/forge.ts";
import { chooseBaseline } from "../../gate/choose-baseline.ts";
import { judgeInGate } from "../../gate/judge-profile.ts";
import { newRunDirectory, writeReports, writeSamples } from "../../gate/run-directory.ts";
import { readSuiteAt, type SuiteAt } from "../../gate/suite-at.ts";
import { suiteUnderGate } from "../../gate/suite-under-gate.ts";
import { acceptanceOf } from "../acceptance-of.ts";
import { checkSamples } from "../check-samples.ts";
import { runArtifactName } from "../publish/artifact.ts";
import { publish } from "../publish/publish.ts";
import type { Session } from "../session.ts";
import { openStore } from "../stores.ts";

/** Far more than a run leaves; logs are among it. */
const LIMITS = { maxFiles: 2000, maxBytes: 512 * 1024 * 1024 } as const;

const refuseOtherEvents = ({ change }: Session): void => {
  if (change.event === "workflow_run") return;
  throw new SquallError(
    "argument-invalid",
    `mode: report was asked for by ${change.event}, which names no run to report.`,
    {
      place: "mode",
      remedy: "Use it in a workflow on workflow_run, as docs/action.md shows (Forks).",
    },
  );
};

const mustRead = (
  suite: SuiteAt,
  where: string,
  file: string,
): Extract<SuiteAt, { readonly kind: "read" }> => {
  if (suite.kind === "read") return suite;
  const why = suite.kind === "absent" ? "it is not there" : suite.why;
  throw new SquallError("suite-not-found", `${file} of ${where} cannot be used: ${why}`, {
    place: file,
    remedy: "The input suite must name a valid suite, on the base branch and in the pull request.",
  });
};

/** Newest first, so a re-run's stands before an earlier attempt's. */
const findArtifact = async ({ forge, inputs, change }: Session, suite: string): Promise<StoredArtifact> => {
  const wanted = runArtifactName(inputs.reportName, suite, change.run.attempt);
  for await (const artifact of forgeArtifacts(forge).list({ run: change.run.id })) {
    if (artifact.name === wanted && !artifact.expired) return artifact;
  }
  throw new SquallError(
    "artifact-invalid",
    `Run ${change.run.id} has left no artifact ${wanted}: it was not measured, or cancelled.`,
    {
      place: wanted,
      remedy:
        "Look at that run's log, and run it again. Both workflows must have the same report-name, and upload must not be false.",
    },
  );
};

const baseOf = async ({ change, forge }: Session): Promise<Change & { readonly baseSha: string }> => ({
  ...change,
  baseSha: change.baseSha ?? (await resolveRef(forge, change.defaultBranch)),
});

/** @returns the exit code */
export const report = async (session: Session): Promise<number> => {
  refuseOtherEvents(session);
  const { files, suitePath, inputs, ancestry, forge } = session;
  const change = await baseOf(session);
  const base = mustRead(await readSuiteAt(files, suitePath, change.baseSha), "the base branch", suitePath);
  session.subject.suite = base.suite.name;
  const head = mustRead(
    await readSuiteAt(files, suitePath, change.measuredSha),
    "the pull request",
    suitePath,
  );
  const { suite, weakened, notes } = suiteUnderGate({
    head,
    base,
    baseName: change.baseBranch ?? change.defaultBranch,
  });
  const stored = await findArtifact(session, base.suite.name);
  const artifact = readRunArtifact(await forgeArtifacts(forge).download(stored, LIMITS));
  checkSamples(artifact, { change, suite, requestSet: head.requestSet, seed: inputs.seed });
  const chosen = await chooseBaseline(openStore(session), suite, head.requestSet, change.baseSha, ancestry);
  const result = await judgeInGate({
    head: artifact.profile,
    baseline: chosen.baseline,
    policy: { ...suite.policy, onInconclusive: inputs.onInconclusive ?? suite.policy.onInconclusive },
    experiments: suite.experiments,
    file: inputs.suite,
    change,
    choice: chosen.choice,
    weakened,
    accept: async (verdict) => acceptanceOf(session, suite, verdict),
    failOn: inputs.failOn,
    notes: [...notes, ...chosen.notes],
  });
  const runDirectory = await newRunDirectory(path.join(session.workspace, ".squall"), suite.name);
  await writeSamples(runDirectory, artifact.profile);
  await writeReports(runDirectory, result);
  return publish(session, result, runDirectory);
};
