import { access, constants, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { bytesText } from "./bytes.ts";
import type { Question } from "./check.ts";

/** Logs and samples of some runs. */
const LEAST_BYTES = 1 * 2 ** 30;
/** One run's. */
const NEEDED_BYTES = 64 * 2 ** 20;
const REMEDY = "Free some space, or choose another directory with --out.";

/** The directory itself, or the nearest above it that exists: nothing is made. */
const nearest = async (directory: string): Promise<string> => {
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    try {
      await stat(at);
      return at;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" || at === path.dirname(at)) throw error;
    }
  }
};

/** @param out where runs are written */
export const disk = (out: string): Question => ({
  name: "disk",
  neededFor: "samples, logs and reports of runs",
  otherwise: { state: "missing", remedy: "Choose another directory with --out." },
  look: async () => {
    const at = await nearest(out);
    const shown = path.basename(out);
    if (!(await stat(at)).isDirectory())
      return {
        state: "missing",
        found: `${path.basename(at)} is no directory`,
        remedy: "Choose another directory with --out.",
      };
    try {
      await access(at, constants.W_OK | constants.X_OK);
    } catch {
      return {
        state: "missing",
        found: `no permission to write ${shown}`,
        remedy: "Choose another directory with --out.",
      };
    }
    const { bavail, bsize } = await statfs(at);
    const freeBytes = bavail * bsize;
    const found = `${bytesText(freeBytes)} free under ${shown}`;
    if (freeBytes >= LEAST_BYTES) return { state: "ok", found };
    return { state: freeBytes < NEEDED_BYTES ? "missing" : "warn", found, remedy: REMEDY };
  },
});
