/** The run's directory as an artifact of the workflow run. */
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
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

/**
 * The page once more, by itself: a link to it opens it, where the run's files come as one archive. As little as it is, that it cannot be
 * had is a notice.
 *
 * @returns null as `uploadRun`
 */
export const uploadPage = async (
  session: Session,
  suite: string,
  page: string,
): Promise<{ readonly url: string | null } | null> => {
  const { inputs, change, notices } = session;
  if (!inputs.upload) return null;
  return notices.attempt("The page was not uploaded by itself", async () => {
    // The file's name is the artifact's.
    const name = `${runArtifactName(inputs.reportName, suite, change.run.attempt)}.html`;
    const directory = await mkdtemp(path.join(tmpdir(), "squall-page-"));
    try {
      const file = path.join(directory, name);
      await copyFile(page, file);
      return await uploader(session)(name, directory, {
        files: [file],
        asFile: true,
        ...(inputs.retentionDays === undefined ? {} : { retentionDays: inputs.retentionDays }),
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
};
