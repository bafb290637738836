/** One run in the workspace, with what `post` needs to end it. */
import path from "node:path";
import type { Profile } from "../../core/profile.ts";
import { interruptible } from "../gate/interrupt.ts";
import { measure } from "../gate/measure.ts";
import { startProgress } from "../gate/progress.ts";
import type { ReadSuite } from "../gate/read-suite.ts";
import { newRunDirectory, writeSamples } from "../gate/run-directory.ts";
import { VERSION } from "../version.ts";
import type { Session } from "./session.ts";
import { saveRunDirectory } from "./state.ts";

/** Everything is on disk before it returns. */
export const measureHere = async (
  session: Session,
  read: ReadSuite,
  only: readonly string[] | undefined,
): Promise<{ readonly profile: Profile; readonly runDirectory: string }> => {
  const { inputs, change, workspace } = session;
  const runDirectory = await newRunDirectory(path.join(workspace, ".squall"), read.suite.name);
  saveRunDirectory(runDirectory);
  using interruption = interruptible();
  using progress = startProgress(false);
  const profile = await measure({
    read,
    seed: inputs.seed,
    only,
    runtime: inputs.runtime,
    runDirectory,
    provenance: {
      tool: `squall ${VERSION}`,
      commit: change.headSha,
      ...(change.headBranch === null ? {} : { branch: change.headBranch }),
    },
    signal: interruption.signal,
    onProgress: progress.on,
  });
  await writeSamples(runDirectory, profile);
  return { profile, runDirectory };
};
