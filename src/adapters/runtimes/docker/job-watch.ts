import { setTimeout as sleep } from "node:timers/promises";
import type { JobWatcher } from "../../../run/job/job-ports.ts";
import type { ContainerTold } from "./container.ts";

/** The engine's stream of output closes soon after the end; where it does not, an exit is told all the same. */
const LAST_WORDS_MS = 2000;

/** Tells a job's watcher of one container: each line as it comes, and an exit after the last line before it. */
export const tellJob = (
  watch: JobWatcher,
  name: string,
): Required<Pick<ContainerTold, "onLine" | "onExit">> => ({
  onLine: (stream, text) => watch.onLine({ name, stream, text, atMs: Date.now() }),
  onExit: async (exit, drained) => {
    await Promise.race([drained, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    watch.onExit(exit);
  },
});
