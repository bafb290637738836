/** A commit checked out beside the checkout, in a folder of its own, and taken away again. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { git, gitFailed } from "./command.ts";

export interface Worktree extends AsyncDisposable {
  /** Absolute. */
  readonly directory: string;
}

/** No hook of the repository runs: what is checked out may be anybody's. */
const WITHOUT_HOOKS = ["-c", "core.hooksPath=/dev/null"];

/**
 * @param root of the checkout
 * @param commit whole id
 * @throws SquallError `api-failed` where git does not have it, or cannot write it
 */
export const checkOut = async (root: string, commit: string): Promise<Worktree> => {
  const folder = await mkdtemp(path.join(tmpdir(), "squall-reference-"));
  const directory = path.join(folder, "checkout");
  const doing = `check ${commit.slice(0, 12)} out`;
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    // Only forgets what is gone; a worktree that stays listed would be no harm.
    await git(root, "forget a worktree", ["worktree", "prune"]).catch(() => undefined);
  };
  const args = [...WITHOUT_HOOKS, "worktree", "add", "--quiet", "--detach", directory, commit];
  const { exitCode, stderr } = await git(root, doing, args);
  if (exitCode !== 0) {
    await remove();
    throw gitFailed(doing, root, stderr);
  }
  return { directory, [Symbol.asyncDispose]: remove };
};
