/** Commands run as a CI runs them, and the files that a CI's patterns find afterwards. */
import { execFile } from "node:child_process";
import { glob, stat } from "node:fs/promises";
import path from "node:path";

export type Variables = Readonly<Record<string, string>>;

export interface ShellEnd {
  readonly code: number;
  /** Standard output and standard error, one after the other. */
  readonly output: string;
}

/** A variable of ours would make this CI look like the one that runs the tests, so only these are handed on. */
const HANDED_ON: readonly string[] = ["HOME", "LANG", "TMPDIR"];

export const environmentOf = (variables: Variables): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(HANDED_ON.map((name) => [name, process.env[name]])),
  // The node that runs the tests comes first: the system's may be too old for squall.
  PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env["PATH"] ?? ""}`,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  ...variables,
});

export const execute = (
  [program = "", ...args]: readonly string[],
  cwd: string,
  variables: Variables = {},
): Promise<ShellEnd> =>
  new Promise((resolve) => {
    execFile(
      program,
      args,
      { cwd, env: environmentOf(variables), maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const failed = typeof error?.code === "number" ? error.code : -1;
        resolve({ code: error === null ? 0 : failed, output: `${stdout}${stderr}` });
      },
    );
  });

/** @throws Error with git's own words where it fails */
export const git = async (cwd: string, ...args: readonly string[]): Promise<string> => {
  const { code, output } = await execute(["git", ...args], cwd);
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${output}`);
  return output.trim();
};

/** Files that a pattern matches, with those below matched directories where the CI takes them too. */
export const filesMatching = async (
  cwd: string,
  patterns: readonly string[],
  { below = false } = {},
): Promise<string[]> => {
  const wanted = below ? patterns.flatMap((each) => [each, `${each}/**`]) : patterns;
  const found = await Array.fromAsync(glob(wanted, { cwd }));
  const files = await Promise.all(
    [...new Set(found)].map(async (name) => ((await stat(path.join(cwd, name))).isFile() ? [name] : [])),
  );
  return files.flat().toSorted();
};
