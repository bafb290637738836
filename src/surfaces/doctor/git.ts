/** git as the gate will find it: its version, whether this is a repository, and what a change would start from. */
import { git } from "../../adapters/git/command.ts";
import { readCiEnvironment } from "../../config/ci-environment.ts";
import { SquallError } from "../../core/errors.ts";
import type { Answer, Question } from "../../run/doctor/check.ts";

/** A little less than a check has, so that git is gone before it. */
const TIMEOUT_MS = 2500;
/** The first that tells whether a clone is shallow. */
const OLDEST: readonly [number, number] = [2, 15];

const said = async (directory: string, args: readonly string[]): Promise<string | null> => {
  const { exitCode, stdout } = await git(directory, "look at the checkout", args, TIMEOUT_MS);
  const text = stdout.toString("utf8").trim();
  return exitCode === 0 && text !== "" ? text : null;
};

const isOld = (version: string): boolean => {
  const [, major, minor] = /(\d{1,4})\.(\d{1,4})/.exec(version) ?? [];
  const [leastMajor, leastMinor] = OLDEST;
  return Number(major) < leastMajor || (Number(major) === leastMajor && Number(minor) < leastMinor);
};

const warn = (found: string, remedy: string): Answer => ({ state: "warn", found, remedy });

const look = async (directory: string, env: NodeJS.ProcessEnv): Promise<Answer> => {
  const version = await said(directory, ["--version"]);
  if (version === null) return warn("git does not tell its version", "Look what `git --version` says.");
  const name = version.replace(/^git version /, "git ");
  if (isOld(version)) return warn(name, `Install git ${OLDEST.join(".")} or newer.`);
  if ((await said(directory, ["rev-parse", "--is-inside-work-tree"])) !== "true") {
    return warn(
      `${name}, no repository here`,
      "Run squall inside a checkout: without one no change is known.",
    );
  }
  const [remote, shallow] = await Promise.all([
    said(directory, ["symbolic-ref", "--short", "refs/remotes/origin/HEAD"]),
    said(directory, ["rev-parse", "--is-shallow-repository"]),
  ]);
  const facts = readCiEnvironment(env);
  const branch = remote?.replace(/^origin\//, "") ?? facts?.defaultBranch;
  const found = `${name}, a repository, default branch ${branch ?? "not told"}${shallow === "true" ? ", a shallow clone" : ""}`;
  if (shallow === "true") {
    return warn(
      found,
      "Fetch the history (actions/checkout with fetch-depth: 0, or `git fetch --unshallow`).",
    );
  }
  if (branch === undefined && facts === null) {
    return warn(
      found,
      "Name what a change starts from with --base, or run `git remote set-head origin --auto`.",
    );
  }
  return { state: "ok", found };
};

export const gitCheck = (directory: string, env: NodeJS.ProcessEnv): Question => ({
  name: "git",
  neededFor: "which commit is measured, and which runs of the default branch it is compared with",
  otherwise: { state: "warn", remedy: "Install git, and look whether `git status` answers here." },
  look: async () => {
    try {
      return await look(directory, env);
    } catch (error) {
      if (!(error instanceof SquallError)) throw error;
      return warn(error.message, error.remedy ?? "Try git by hand.");
    }
  },
});
