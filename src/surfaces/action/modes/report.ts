/** Mode `report`: judge again what another workflow measured, by the base branch's rules, and post it. Nothing of the change is run. */
import path from "node:path";
import { forgeArtifacts } from "../../../adapters/github/artifacts/shelf.ts";
import { resolveRef } from "../../../adapters/github/pull-requests.ts";
import { SquallError } from "../../../core/errors.ts";
import { newRunDirectory, writeReports, writeSamples } from "../../gate/run-directory.ts";
import { acceptanceOf } from "../acceptance-of.ts";
import { findRunArtifact } from "../find-run-artifact.ts";
import { type BasedChange, judgeArtifact, readReportedSuite } from "../judge-artifact.ts";
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

const basedChange = async ({ change, forge }: Session): Promise<BasedChange> => ({
  ...change,
  baseSha: change.baseSha ?? (await resolveRef(forge, change.defaultBranch)),
});

/** @returns the exit code */
export const report = async (session: Session): Promise<number> => {
  refuseOtherEvents(session);
  const { files, suitePath, inputs, ancestry, forge } = session;
  const change = await basedChange(session);
  const reported = await readReportedSuite(
    { files, suitePath, change, budgetMs: inputs.budgetMs },
    ({ name }) => {
      session.subject.suite = name;
    },
  );
  const artifact = await findRunArtifact(session, reported.suite.name);
  const { result, profile, baselines } = await judgeArtifact({
    change,
    files: await forgeArtifacts(forge).download(artifact, LIMITS),
    reported,
    store: openStore(session),
    ancestry,
    seed: inputs.seed,
    file: inputs.suite,
    onInconclusive: inputs.onInconclusive,
    failOn: inputs.failOn,
    accept: async (suite, verdict) => acceptanceOf(session, suite, verdict),
  });
  const runDirectory = await newRunDirectory(path.join(session.workspace, ".squall"), reported.suite.name);
  await writeSamples(runDirectory, profile);
  const written = await writeReports(runDirectory, result, {
    head: profile,
    baselines,
    policy: reported.suite.policy,
  });
  return publish(session, result, { runDirectory, files: written });
};
