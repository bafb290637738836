/** Objects and branches through the git data API: written without a checkout, moved by compare and swap. */
import { createHash } from "node:crypto";
import { SquallError } from "../../core/errors.ts";
import type { GitData, TreeEntry } from "../../run/forge.ts";
import { call, isNotFound, statusOf } from "./errors.ts";
import type { Forge } from "./forge.ts";

const READ = "contents: read";
const WRITE = "contents: write";

/** As git names a blob; sha256 repositories have longer names. */
const blobId = (content: Buffer, like: string): string =>
  createHash(like.length === 64 ? "sha256" : "sha1")
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest("hex");

const isNotFastForward = (error: unknown): boolean =>
  statusOf(error) === 422 &&
  error instanceof Error &&
  /fast.?forward|reference does not exist/i.test(error.message);

const existsAlready = (error: unknown): boolean =>
  statusOf(error) === 422 && error instanceof Error && /already exists/i.test(error.message);

const unavailable = (place: string): SquallError =>
  new SquallError(
    "api-refused",
    `${place} is on a server without a git data API, so it can hold no data branch.`,
    {
      remedy: "Keep baselines elsewhere: input baseline: artifact, file:<directory> or directory:<path>.",
    },
  );

/** A missing branch and a server that does not say are told apart: only a repository that answers has no such branch. */
const branchOf = async (
  { octokit, owner, repo }: Forge,
  name: string,
): Promise<{ readonly commit: string; readonly tree: string } | null> => {
  try {
    const { data } = await octokit.rest.git.getRef({ owner, repo, ref: `heads/${name}` });
    const commit = await octokit.rest.git.getCommit({ owner, repo, commit_sha: data.object.sha });
    return { commit: data.object.sha, tree: commit.data.tree.sha };
  } catch (error) {
    // 409: the repository is empty.
    if (!isNotFound(error) && statusOf(error) !== 409) throw error;
    await octokit.rest.repos.get({ owner, repo });
    return null;
  }
};

const entriesOf = (
  tree: readonly { path?: string; type?: string; sha?: string | null; size?: number }[],
  folder: string,
  type: "blob" | "tree",
): (TreeEntry & { readonly sha: string })[] =>
  tree.flatMap((entry) =>
    entry.type === type && entry.path !== undefined && typeof entry.sha === "string"
      ? [{ path: `${folder}${entry.path}`, blob: entry.sha, sha: entry.sha, bytes: entry.size ?? 0 }]
      : [],
  );

/** A tree too large for one answer is read folder by folder. */
const filesOf = async (forge: Forge, tree: string, folder = ""): Promise<readonly TreeEntry[]> => {
  const { octokit, owner, repo, place } = forge;
  const { data } = await octokit.rest.git.getTree({ owner, repo, tree_sha: tree, recursive: "1" });
  if (!data.truncated)
    return entriesOf(data.tree, folder, "blob").map(({ path, blob, bytes }) => ({ path, blob, bytes }));
  const flat = await octokit.rest.git.getTree({ owner, repo, tree_sha: tree });
  // What is left out would be taken for what is not there, and be removed by the next write.
  if (flat.data.truncated)
    throw new SquallError("api-refused", `A folder of ${place} has more files than one answer holds.`, {
      remedy: "Give baselines a branch of their own (baseline: branch:<name>).",
    });
  const files = entriesOf(flat.data.tree, folder, "blob").map(({ path, blob, bytes }) => ({
    path,
    blob,
    bytes,
  }));
  for (const { path, sha } of entriesOf(flat.data.tree, folder, "tree"))
    files.push(...(await filesOf(forge, sha, `${path}/`)));
  return files;
};

const readBlob = async ({ octokit, owner, repo, place }: Forge, blob: string): Promise<Buffer> => {
  const { data } = await octokit.rest.git.getBlob({ owner, repo, file_sha: blob });
  const content = Buffer.from(data.content, "base64");
  if (data.encoding !== "base64" || blobId(content, blob) !== blob) {
    throw new SquallError(
      "api-failed",
      `A file of ${place} did not arrive as it is stored (blob ${blob.slice(0, 12)}).`,
      {
        remedy: "Run the step again; if it stays so, the repository is damaged.",
      },
    );
  }
  return content;
};

const moveBranch = async (
  { octokit, owner, repo }: Forge,
  name: string,
  from: string | null,
  to: string,
): Promise<boolean> => {
  try {
    if (from === null) await octokit.rest.git.createRef({ owner, repo, ref: `refs/heads/${name}`, sha: to });
    // Without force it moves only to a descendant of where it is: the new commit's parent is `from`.
    else await octokit.rest.git.updateRef({ owner, repo, ref: `heads/${name}`, sha: to, force: false });
    return true;
  } catch (error) {
    if (from === null ? existsAlready(error) : isNotFastForward(error)) return false;
    // GitHub could not take the lock of the branch, because somebody else moves it. A rule of the repository stays one.
    if (statusOf(error) === 409 && error instanceof Error && !/rule/i.test(error.message)) return false;
    throw error;
  }
};

const REPLACE_REFERENCE = `mutation ($repository: ID!, $update: RefUpdate!) {
  updateRefs(input: { repositoryId: $repository, refUpdates: [$update] }) { clientMutationId }
}`;

/**
 * The REST call that moves a branch backwards or aside looks at nothing before it: a run that another writer added meanwhile would
 * be lost. GraphQL's `updateRefs` compares with `beforeOid` (docs.github.com/graphql/reference/mutations#updaterefs).
 */
const replaceBranch = async (forge: Forge, name: string, from: string, to: string): Promise<boolean> => {
  const { octokit, owner, repo } = forge;
  const { data } = await octokit.rest.repos.get({ owner, repo });
  const update = { name: `refs/heads/${name}`, beforeOid: from, afterOid: to, force: true };
  try {
    await octokit.graphql(REPLACE_REFERENCE, { repository: data.node_id, update });
    return true;
  } catch (error) {
    // How a lost comparison is worded is not documented: the branch itself tells.
    if ((await branchOf(forge, name))?.commit !== from) return false;
    throw error;
  }
};

export const forgeGitData = (forge: Forge): GitData => {
  const { octokit, owner, repo, place, kind } = forge;
  const guarded = async <T>(doing: string, permission: string, run: () => Promise<T>): Promise<T> => {
    if (kind === "gitea") throw unavailable(place);
    return call(`${doing} of ${place}`, run, permission);
  };
  return {
    place,
    branch: async (name) => guarded(`Reading branch ${name}`, READ, async () => branchOf(forge, name)),
    files: async (tree) => guarded("Reading the files", READ, async () => filesOf(forge, tree)),
    readBlob: async (blob) => guarded("Reading a file", READ, async () => readBlob(forge, blob)),
    writeBlob: async (content) =>
      guarded("Writing a file", WRITE, async () => {
        const { data } = await octokit.rest.git.createBlob({
          owner,
          repo,
          content: content.toString("base64"),
          encoding: "base64",
        });
        return data.sha;
      }),
    writeTree: async (base, changes) =>
      guarded("Writing the files", WRITE, async () => {
        const { data } = await octokit.rest.git.createTree({
          owner,
          repo,
          ...(base === null ? {} : { base_tree: base }),
          tree: [...changes].map(([path, sha]) => ({
            path,
            mode: "100644" as const,
            type: "blob" as const,
            sha,
          })),
        });
        return data.sha;
      }),
    writeCommit: async ({ message, tree, parent }) =>
      guarded("Writing a commit", WRITE, async () => {
        const { data } = await octokit.rest.git.createCommit({
          owner,
          repo,
          message,
          tree,
          parents: parent === null ? [] : [parent],
        });
        return data.sha;
      }),
    moveBranch: async (name, from, to) =>
      guarded(`Moving branch ${name}`, WRITE, async () => moveBranch(forge, name, from, to)),
    replaceBranch: async (name, from, to) =>
      guarded(`Replacing branch ${name}`, WRITE, async () => replaceBranch(forge, name, from, to)),
  };
};
