import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { RunOptions } from "../../run/run-suite.ts";
import { VERSION } from "../version.ts";

const execute = promisify(execFile);

const git = async (directory: string, ...args: readonly string[]): Promise<string | undefined> => {
  try {
    const { stdout } = await execute("git", ["-C", directory, ...args], { timeout: 5000 });
    const text = stdout.trim();
    return text === "" ? undefined : text;
  } catch {
    // No git, no repository or no commit yet: a run is a run without it.
    return undefined;
  }
};

/** Which commit is measured, as git tells it. */
export const readProvenance = async (directory: string): Promise<RunOptions["provenance"]> => {
  const [commit, branch] = await Promise.all([
    git(directory, "rev-parse", "HEAD"),
    git(directory, "rev-parse", "--abbrev-ref", "HEAD"),
  ]);
  return {
    tool: `squall ${VERSION}`,
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined || branch === "HEAD" ? {} : { branch }),
  };
};
