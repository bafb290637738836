/** What the gate asks of the place where the code lives (run/forge.ts), asked of a local checkout. */
import path from "node:path";
import { leavesDirectory } from "../../config/relative-path.ts";
import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { Ancestry, SourceFiles } from "../../run/forge.ts";
import { git, gitFailed, gitText, isWithoutGit } from "./command.ts";

/** A whole id alone: a short one, or the name of a branch that looks like one, could mean something else tomorrow. */
const isCommitId = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

const NO_REPOSITORY = /not a git repository/;

const isKnown = async (directory: string, commit: string): Promise<boolean> => {
  const doing = "look for a commit";
  const { exitCode, stderr } = await git(directory, doing, ["cat-file", "-e", `${commit}^{commit}`]);
  if (NO_REPOSITORY.test(stderr)) throw gitFailed(doing, directory, stderr);
  return exitCode === 0;
};

const isShallow = async (directory: string): Promise<boolean> =>
  (await gitText(directory, "tell whether the clone is shallow", [
    "rev-parse",
    "--is-shallow-repository",
  ])) === "true";

/** Of a shallow clone no distance is told: commits may be missing from the count, and from the paths between. */
export const gitAncestry = (directory: string): Ancestry => ({
  distance: async (ancestor, commit) => {
    if (!isCommitId(ancestor) || !isCommitId(commit)) return undefined;
    if (ancestor === commit) return 0;
    if (!(await isKnown(directory, ancestor)) || !(await isKnown(directory, commit))) return undefined;
    const doing = "compare two commits";
    const { exitCode, stderr } = await git(directory, doing, [
      "merge-base",
      "--is-ancestor",
      ancestor,
      commit,
    ]);
    if (exitCode > 1) throw gitFailed(doing, directory, stderr);
    if (await isShallow(directory)) return undefined;
    if (exitCode === 1) return null;
    return Number(await gitText(directory, doing, ["rev-list", "--count", `${ancestor}..${commit}`]));
  },
  mergeBase: async (one, other) => {
    if (!isCommitId(one) || !isCommitId(other)) return null;
    if (!(await isKnown(directory, one)) || !(await isKnown(directory, other))) return null;
    const doing = "find a common ancestor";
    const { exitCode, stdout, stderr } = await git(directory, doing, ["merge-base", one, other]);
    if (exitCode === 1) return null;
    if (exitCode !== 0) throw gitFailed(doing, directory, stderr);
    return stdout.toString("utf8").trim();
  },
});

const checkPath = (file: string): void => {
  const parts = file.split("/");
  const plain = !parts.includes("") && !parts.includes(".") && !file.includes("\0");
  if (plain && !leavesDirectory(file)) return;
  throw new SquallError("argument-invalid", `${plainText(file)} is no path inside the repository.`, {
    remedy: "Name a file relative to the repository's root, such as squall.yml.",
  });
};

/** Regular files alone: a link, a folder or a submodule of that name is no file. */
export const gitSourceFiles = (directory: string): SourceFiles => ({
  read: async (file, commit) => {
    checkPath(file);
    if (!isCommitId(commit) || !(await isKnown(directory, commit))) {
      throw new SquallError("api-refused", `There is no commit ${plainText(commit, 64)} in this checkout.`, {
        place: directory,
        remedy: "Fetch it first (actions/checkout with fetch-depth: 0).",
      });
    }
    const doing = `read ${file} at ${commit.slice(0, 12)}`;
    const listed = await git(directory, doing, ["ls-tree", "-z", "--full-tree", commit, "--", file]);
    if (listed.exitCode !== 0) throw gitFailed(doing, directory, listed.stderr);
    const [, blob] = /^100\d{3} blob ([0-9a-f]+)\t/.exec(listed.stdout.toString("utf8")) ?? [];
    if (blob === undefined) return null;
    const { exitCode, stdout, stderr } = await git(directory, doing, ["cat-file", "blob", blob]);
    if (exitCode !== 0) throw gitFailed(doing, directory, stderr);
    return stdout;
  },
});

/** git-check-ref-format's rules, and `~`, `^` with a number behind a name. */
const isRevision = (text: string): boolean =>
  text.length <= 255 &&
  /^(?![-/.])[^\p{Cc}\s:?*[\\~^]+(?:[~^]\d*)*$/u.test(text) &&
  !/\.\.|@\{|\/\/|\.lock(?:\/|$|[~^])|[/.](?:$|[~^])/.test(text);

/**
 * The commit that a person means: a branch, a tag, an id, `HEAD~1`. A branch that was only fetched is found too, as in a
 * workflow's checkout.
 *
 * @returns null where there is none of that name, or no repository
 * @throws SquallError `argument-invalid` for what no revision can be called, such as an option of git's
 */
export const resolveCommit = async (directory: string, reference: string): Promise<string | null> => {
  if (!isRevision(reference)) {
    throw new SquallError("argument-invalid", `${plainText(reference, 80)} is no name of a commit.`, {
      remedy: "Give a branch, a tag or a commit's id.",
    });
  }
  for (const name of [reference, `refs/remotes/origin/${reference}`]) {
    const doing = `look for ${reference}`;
    const { exitCode, stdout, stderr } = await git(directory, doing, [
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${name}^{commit}`,
    ]);
    const commit = stdout.toString("utf8").trim();
    if (exitCode === 0 && isCommitId(commit)) return commit;
    if (exitCode > 1 && !NO_REPOSITORY.test(stderr)) throw gitFailed(doing, directory, stderr);
  }
  return null;
};

/**
 * Absolute path of the checkout's root; null where `directory` is in none, or there is no git to ask.
 *
 * @throws SquallError `api-failed` where git will not say, as in a checkout of another user's
 */
export const repositoryRoot = async (directory: string): Promise<string | null> => {
  const doing = "find the checkout's root";
  const answer = await git(directory, doing, ["rev-parse", "--show-toplevel"]).catch((error: unknown) => {
    if (isWithoutGit(error)) return null;
    throw error;
  });
  if (answer === null || NO_REPOSITORY.test(answer.stderr)) return null;
  if (answer.exitCode !== 0) throw gitFailed(doing, directory, answer.stderr);
  // Not trimmed: a folder's name may end in a blank.
  return path.resolve(answer.stdout.toString("utf8").replace(/\r?\n$/, ""));
};
