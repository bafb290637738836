/** The run's directory as an artifact of the workflow run. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { artifactName } from "../../../adapters/github/artifacts/name.ts";
import { uploadArtifactWith } from "../../../adapters/github/artifacts/upload.ts";
import type { UploadArtifact } from "../../../run/forge.ts";
import type { Session } from "../session.ts";

export const uploader = ({ taken, runUrl }: Session): UploadArtifact => uploadArtifactWith(taken, runUrl);

/** Artifacts cannot be replaced: each attempt has a name of its own. */
export const runArtifactName = (reportName: string, suite: string, attempt: number): string =>
  artifactName(`${reportName}-${suite}-attempt-${attempt}`);

const filesIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** @returns null where it is not wanted, or could not be done (a notice says why) */
export const uploadRun = async (
  session: Session,
  suite: string,
  runDirectory: string,
): Promise<{ readonly url: string | null } | null> => {
  const { inputs, change, notices } = session;
  if (!inputs.upload) return null;
  return notices.attempt("The run's files were not uploaded", async () =>
    uploader(session)(runArtifactName(inputs.reportName, suite, change.run.attempt), runDirectory, {
      files: await filesIn(runDirectory),
      ...(inputs.retentionDays === undefined ? {} : { retentionDays: inputs.retentionDays }),
    }),
  );
};
