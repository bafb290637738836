/** One run in the workspace, with what `post` needs to end it. */
import path from "node:path";
import type { Profile } from "../../core/profile.ts";
import { interruptible } from "../gate/interrupt.ts";
import { type Measure, measure } from "../gate/measure.ts";
import { startProgress } from "../gate/progress.ts";
import type { ReadSuite } from "../gate/read-suite.ts";
import { newRunDirectory, writeSamples } from "../gate/run-directory.ts";
import { VERSION } from "../version.ts";
import type { Session } from "./session.ts";
import { saveRunDirectory } from "./state.ts";

export interface MeasuredHere {
  readonly profile: Profile;
  readonly runDirectory: string;
  /** How it was measured, for measuring more of it. */
  readonly measuring: Omit<Measure, "only" | "onLook" | "diagnose" | "recoveryCases">;
}

/**
 * Everything is on disk before it returns.
 *
 * @param then is given the run while an interruption would still end what it starts
 */
export const measureHere = async <T>(
  session: Session,
  read: ReadSuite,
  { only, onLook, diagnose, recoveryCases }: Pick<Measure, "only" | "onLook" | "diagnose" | "recoveryCases">,
  then: (measured: MeasuredHere) => Promise<T>,
): Promise<T> => {
  const { inputs, change, workspace } = session;
  const runDirectory = await newRunDirectory(path.join(workspace, ".squall"), read.suite.name);
  saveRunDirectory(runDirectory);
  using interruption = interruptible();
  using progress = startProgress(false);
  const measuring = {
    read,
    seed: inputs.seed,
    runtime: inputs.runtime,
    runDirectory,
    provenance: {
      tool: `squall ${VERSION}`,
      commit: change.headSha,
      ...(change.headBranch === null ? {} : { branch: change.headBranch }),
    },
    signal: interruption.signal,
    onProgress: progress.on,
  };
  const profile = await measure({ ...measuring, only, onLook, diagnose, recoveryCases });
  await writeSamples(runDirectory, profile);
  return await then({ profile, runDirectory, measuring });
};
