/** The input `baseline` as a store. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { artifactBaselineStore } from "../../adapters/baselines/artifact-store.ts";
import { branchBaselineStore } from "../../adapters/baselines/branch-store.ts";
import { committedBaselineStore } from "../../adapters/baselines/committed-store.ts";
import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { baselineFileName, suiteFileName } from "../../adapters/baselines/packed-baseline.ts";
import { forgeArtifacts } from "../../adapters/github/artifacts/shelf.ts";
import { forgeGitData } from "../../adapters/github/git-data.ts";
import { readWorkflowRun } from "../../adapters/github/pull-requests.ts";
import { mayWriteBaseline } from "../../core/change.ts";
import { SquallError } from "../../core/errors.ts";
import type { BaselineStore } from "../../run/baseline-store.ts";
import { uploader } from "./publish/artifact.ts";
import type { Session } from "./session.ts";

/** One a suite. */
const artifactName = (suite: string): string => `squall-baseline-${suiteFileName(suite)}`;

const artifactStore = (session: Session): BaselineStore =>
  artifactBaselineStore({
    shelf: forgeArtifacts(session.forge),
    name: artifactName,
    defaultBranch: session.change.defaultBranch,
    wasGood: async (run) => (await readWorkflowRun(session.forge, run)).conclusion === "success",
    upload: async (suite, file) => {
      const directory = await mkdtemp(path.join(tmpdir(), "squall-baseline-"));
      try {
        const target = path.join(directory, baselineFileName(suite));
        await writeFile(target, file);
        await uploader(session)(artifactName(suite), directory, { files: [target], replace: true });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  });

/** Where a baseline is read from; in mode `baseline` also written to. */
export const openStore = (session: Session): BaselineStore => {
  const { baseline, mode } = session.inputs;
  switch (baseline.store) {
    case "branch":
      return branchBaselineStore({ git: forgeGitData(session.forge), branch: baseline.branch });
    case "artifact":
      return artifactStore(session);
    case "directory":
      return fileBaselineStore(path.resolve(session.workspace, baseline.directory));
    case "file": {
      const { baseSha } = session.change;
      const directory = path.resolve(session.workspace, baseline.directory);
      if (mode === "baseline" || baseSha === null) return fileBaselineStore(directory);
      // As the base has it: a change cannot bring its own baseline.
      return committedBaselineStore({ files: session.files, commit: baseSha, directory: baseline.directory });
    }
  }
};

/** @throws SquallError `argument-invalid` where the event is none that may write */
export const refuseUntrusted = ({ change }: Session): void => {
  if (mayWriteBaseline(change)) return;
  throw new SquallError(
    "argument-invalid",
    `mode: baseline was asked for by ${change.event} on ${change.headBranch ?? change.headSha}: nothing was measured or written.`,
    {
      remedy: `Only push, schedule and workflow_dispatch on ${change.defaultBranch} may write a baseline. Use mode: gate elsewhere, as docs/action.md shows.`,
    },
  );
};
