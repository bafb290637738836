/** Ends a run whose squall is gone, from what stands in the run's directory. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { markedProcesses, sweep } from "./sweep.ts";

/** Holds the run's marker while its processes run. */
export const MARKER_FILE = "processes";

/**
 * The keeper does the same as soon as squall is gone; this is for whoever comes later and wants to be sure.
 *
 * @returns how many processes were found
 */
export const endRunIn = async (runDirectory: string): Promise<number> => {
  const marker = await readFile(path.join(runDirectory, MARKER_FILE), "utf8").catch(() => "");
  if (!/^[0-9a-f]{32}$/.test(marker)) return 0;
  const found = await markedProcesses(marker);
  await sweep([], marker);
  return found.length;
};
