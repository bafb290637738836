/** What is compared with what, outside of the Action: from another CI's variables, or from a base that a person names. */
import path from "node:path";
import { gitAncestry, gitSourceFiles, repositoryRoot, resolveCommit } from "../../adapters/git/checkout.ts";
import { type CiFacts, readCiEnvironment } from "../../config/ci-environment.ts";
import type { Change } from "../../core/change.ts";
import { SquallError } from "../../core/errors.ts";
import type { Ancestry, SourceFiles } from "../../run/forge.ts";

export interface ChangeHere {
  readonly change: Change & { readonly baseSha: string };
  readonly mergeBase: string | null;
  readonly ancestry: Ancestry;
  readonly files: SourceFiles;
  /** The suite file as the repository names it. */
  readonly suitePath: string;
}

const notThere = (what: string, remedy: string): SquallError =>
  new SquallError(
    "argument-invalid",
    `${what} is not in this clone, so it is not known what the change is compared with.`,
    {
      remedy,
    },
  );

/** The commit that the change starts from; null: nobody says. */
const baseOf = async (
  root: string,
  asked: string | undefined,
  ci: CiFacts | null,
): Promise<string | null> => {
  if (asked !== undefined) {
    const commit = await resolveCommit(root, asked);
    if (commit === null)
      throw notThere(
        `--base ${asked}`,
        `Name a commit or branch that git knows; \`git fetch origin ${asked}\` gets a branch.`,
      );
    return commit;
  }
  if (ci === null) return null;
  const { baseCommit, targetBranch } = ci;
  if (baseCommit !== undefined && (await resolveCommit(root, baseCommit)) !== null) return baseCommit;
  if (targetBranch === undefined) return null;
  const commit =
    (await resolveCommit(root, `origin/${targetBranch}`)) ?? (await resolveCommit(root, targetBranch));
  if (commit === null) {
    throw notThere(
      `The target branch ${targetBranch}`,
      `Fetch it before squall runs: git fetch origin ${targetBranch}:refs/remotes/origin/${targetBranch} (in a shallow clone: with --unshallow).`,
    );
  }
  return commit;
};

/**
 * Null outside of git, and where neither the CI nor the caller names a base: then a run is compared with the newest stored ones.
 *
 * @param asked `--base`: a branch, tag or commit
 * @throws SquallError `argument-invalid` where the base is named, and not there
 */
export const changeHere = async (
  suiteFile: string,
  asked: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<ChangeHere | null> => {
  const root = await repositoryRoot(path.dirname(path.resolve(suiteFile)));
  if (root === null) {
    if (asked !== undefined)
      throw notThere(`--base ${asked}`, "Run squall inside the git checkout of the change.");
    return null;
  }
  const ci = readCiEnvironment(env);
  const baseSha = await baseOf(root, asked, ci);
  const measuredSha = await resolveCommit(root, "HEAD");
  if (baseSha === null || measuredSha === null) return null;
  const ancestry = gitAncestry(root);
  return {
    change: {
      event: "other",
      repository: "",
      headRepository: "",
      defaultBranch: ci?.defaultBranch ?? "",
      headSha: ci?.commit ?? measuredSha,
      headBranch: ci?.branch ?? null,
      measuredSha,
      baseSha,
      baseBranch: ci?.targetBranch ?? asked ?? null,
      pullRequest: ci?.pullRequest ?? null,
      run: ci?.run ?? { id: 0, attempt: 1 },
    },
    mergeBase: await ancestry.mergeBase(baseSha, measuredSha),
    ancestry,
    files: gitSourceFiles(root),
    suitePath: path.relative(root, path.resolve(suiteFile)).split(path.sep).join("/"),
  };
};
