import { access, constants, stat } from "node:fs/promises";
import path from "node:path";

const isExecutable = async (file: string): Promise<boolean> => {
  try {
    if (!(await stat(file)).isFile()) return false;
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** More entries than any PATH of a person's. */
const MOST_ENTRIES = 500;

/** Would the system find this program? As execvp: with a slash from the working directory, else along PATH. */
export const isOnPath = async (
  program: string,
  cwd: string,
  searchPath: string | undefined,
): Promise<boolean> => {
  if (program.includes("/")) return isExecutable(path.resolve(cwd, program));
  for (const entry of (searchPath ?? "").split(path.delimiter).slice(0, MOST_ENTRIES)) {
    if (await isExecutable(path.resolve(cwd, entry, program))) return true;
  }
  return false;
};
