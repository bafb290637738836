/** The Action's `post`: runs even where the job was cancelled, and ends what `main` could not. */
import * as core from "@actions/core";
import { endRunIn } from "../../adapters/runtimes/process/end-run.ts";
import { readState } from "./state.ts";

/** Containers of squalls that are gone. No engine: none can be left. */
const sweepContainers = async (): Promise<number> => {
  const { cleanEngine } = await import("../../adapters/runtimes/docker/clean.ts");
  try {
    const { containers, networks, volumes } = await cleanEngine({
      dryRun: false,
      elsewhere: false,
      images: false,
    });
    return containers + networks + volumes;
  } catch (error) {
    core.debug(`no engine to look at: ${String(error)}`);
    return 0;
  }
};

const state = readState();
if (state.runDirectory !== "" && !state.finished) {
  core.info("main did not return: ending what it started");
  const processes = await endRunIn(state.runDirectory);
  const resources = await sweepContainers();
  core.info(`ended ${processes} processes, removed ${resources} containers, networks and volumes`);
}
