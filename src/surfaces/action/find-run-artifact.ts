/** Which artifact of the run that is reported holds its samples. */
import { forgeArtifacts } from "../../adapters/github/artifacts/shelf.ts";
import { readWorkflowRun } from "../../adapters/github/pull-requests.ts";
import { SquallError } from "../../core/errors.ts";
import type { StoredArtifact } from "../../run/forge.ts";
import { runArtifactName } from "./publish/artifact.ts";
import type { Session } from "./session.ts";

type Reporting = Pick<Session, "forge"> & {
  readonly inputs: Pick<Session["inputs"], "reportName">;
  readonly change: Pick<Session["change"], "run">;
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
export const findRunArtifact = async (
  { forge, inputs, change }: Reporting,
  suite: string,
): Promise<StoredArtifact> => {
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
