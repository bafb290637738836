/** Mode `report`: judge again what another workflow measured, by the base branch's rules, and post it. Nothing of the change is run. */
import path from "node:path";
import { forgeArtifacts } from "../../../adapters/github/artifacts/shelf.ts";
import { readWorkflowRun, resolveRef } from "../../../adapters/github/pull-requests.ts";
import { SquallError } from "../../../core/errors.ts";
import type { StoredArtifact } from "../../../run/forge.ts";
import { newRunDirectory, writeReports, writeSamples } from "../../gate/run-directory.ts";
import { acceptanceOf } from "../acceptance-of.ts";
import { type BasedChange, judgeArtifact, readReportedSuite } from "../judge-artifact.ts";
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

const notMeasured = (run: number, wanted: string, why: string): SquallError =>
  new SquallError("artifact-invalid", `Run ${run} has left no artifact ${wanted}: ${why}.`, {
    place: wanted,
    remedy:
      "Look at that run's log, and run all of its jobs again. Both workflows must have the same report-name, and upload must not be false.",
  });

/**
 * The run's artifact of its newest attempt. Where only failed jobs were run again, the one that measured may not have been among
 * them: then an earlier attempt's counts, if the run as a whole ended well since.
 */
const findArtifact = async ({ forge, inputs, change }: Session, suite: string): Promise<StoredArtifact> => {
  const { id, attempt: newest } = change.run;
  const nameOf = (attempt: number): string => runArtifactName(inputs.reportName, suite, attempt);
  const byName = new Map<string, StoredArtifact>();
  for await (const artifact of forgeArtifacts(forge).list({ run: id })) {
    if (artifact.name === nameOf(newest) && !artifact.expired) return artifact;
    if (!artifact.expired) byName.set(artifact.name, artifact);
  }
  for (let attempt = newest - 1; attempt > 0; attempt--) {
    const earlier = byName.get(nameOf(attempt));
    if (earlier === undefined) continue;
    if ((await readWorkflowRun(forge, id)).conclusion === "success") return earlier;
    throw notMeasured(id, nameOf(newest), `attempt ${newest} failed before it had measured`);
  }
  throw notMeasured(id, nameOf(newest), "it was not measured, or cancelled");
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
  const artifact = await findArtifact(session, reported.suite.name);
  const { result, profile } = await judgeArtifact({
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
  await writeReports(runDirectory, result);
  return publish(session, result, runDirectory);
};
