/** What `main` tells `post`: by GITHUB_STATE, so that it arrives even where `main` is killed. */
import * as core from "@actions/core";

const RUN_DIRECTORY = "run-directory";
const FINISHED = "finished";

export const saveRunDirectory = (directory: string): void => core.saveState(RUN_DIRECTORY, directory);
export const saveFinished = (): void => core.saveState(FINISHED, "yes");

export interface SavedState {
  /** "" where `main` did not come to start anything. */
  readonly runDirectory: string;
  readonly finished: boolean;
}

export const readState = (): SavedState => ({
  runDirectory: core.getState(RUN_DIRECTORY),
  finished: core.getState(FINISHED) === "yes",
});
