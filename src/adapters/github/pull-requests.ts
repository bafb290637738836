/** Questions about repositories, pull requests and the people on them. */
import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { call, isNotFound, statusOf } from "./errors.ts";
import type { Forge } from "./forge.ts";

const PULLS = "pull-requests: read";

export const readRepository = async ({
  octokit,
  owner,
  repo,
  place,
}: Forge): Promise<{ readonly defaultBranch: string }> =>
  call(`Reading ${place}`, async () => {
    const { data } = await octokit.rest.repos.get({ owner, repo });
    return { defaultBranch: data.default_branch };
  });

/** Parents in order: of a merge commit the base comes first. */
export const parentsOf = async (
  { octokit, owner, repo }: Forge,
  commit: string,
): Promise<readonly string[]> =>
  call(
    `Reading commit ${commit.slice(0, 12)}`,
    async () => {
      const { data } = await octokit.rest.git.getCommit({ owner, repo, commit_sha: commit });
      return data.parents.map(({ sha }) => sha);
    },
    "contents: read",
  );

/** @throws SquallError `argument-invalid` where there is no such branch, tag or commit */
export const resolveRef = async (
  { octokit, owner, repo, place }: Forge,
  reference: string,
): Promise<string> =>
  call(
    `Looking for ${plainText(reference, 100)}`,
    async () => {
      try {
        const { data } = await octokit.rest.repos.getCommit({ owner, repo, ref: reference, per_page: 1 });
        return data.sha;
      } catch (error) {
        // GitHub: "No commit found for SHA", 422; others 404.
        if (!isNotFound(error) && statusOf(error) !== 422) throw error;
        throw new SquallError(
          "argument-invalid",
          `${place} has no branch, tag or commit ${plainText(reference, 100)}.`,
          {
            place: "reference",
            remedy: "Name one that has been pushed.",
            cause: undefined,
          },
        );
      }
    },
    "contents: read",
  );

export interface PullRequest {
  readonly number: number;
  readonly open: boolean;
  readonly headSha: string;
  /** Null: the fork was deleted. */
  readonly headRepository: string | null;
  readonly headBranch: string;
  readonly baseSha: string;
  readonly baseBranch: string;
  /** Of the server's own try to merge; null: none. */
  readonly mergeCommit: string | null;
  /** Login. */
  readonly author: string;
  readonly description: string;
  readonly labels: readonly string[];
}

export const readPullRequest = async (
  { octokit, owner, repo }: Forge,
  number: number,
): Promise<PullRequest> =>
  call(
    `Reading pull request ${number}`,
    async () => {
      const { data } = await octokit.rest.pulls.get({ owner, repo, pull_number: number });
      return {
        number: data.number,
        open: data.state === "open",
        headSha: data.head.sha,
        headRepository: data.head.repo?.full_name ?? null,
        headBranch: data.head.ref,
        baseSha: data.base.sha,
        baseBranch: data.base.ref,
        mergeCommit: data.merge_commit_sha,
        author: data.user.login,
        description: data.body ?? "",
        labels: data.labels.map(({ name }) => name),
      };
    },
    PULLS,
  );

interface Found {
  readonly number: number;
  readonly state: string;
  readonly head: { readonly sha: string };
}

/** The newest open one with exactly this head. */
const newestOf = (pulls: readonly Found[], headSha: string): number | null => {
  const fitting = pulls.filter(({ state, head }) => state === "open" && head.sha === headSha);
  return fitting.length === 0 ? null : Math.max(...fitting.map(({ number }) => number));
};

/** Of a fork's run the payload names no pull request: it is found by its head. Null: none is open with this head. */
export const findPullRequest = async (
  { octokit, owner, repo }: Forge,
  question: { readonly headSha: string; readonly headOwner: string; readonly headBranch: string | null },
): Promise<number | null> =>
  call(
    `Looking for the pull request of ${question.headSha.slice(0, 12)}`,
    async () => {
      const { headSha, headOwner, headBranch } = question;
      if (headOwner !== "" && headBranch !== null) {
        const { data } = await octokit.rest.pulls.list({
          owner,
          repo,
          state: "open",
          head: `${headOwner}:${headBranch}`,
        });
        const found = newestOf(data, headSha);
        if (found !== null) return found;
      }
      try {
        const { data } = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({
          owner,
          repo,
          commit_sha: headSha,
        });
        return newestOf(data, headSha);
      } catch (error) {
        if (isNotFound(error) || statusOf(error) === 422) return null;
        throw error;
      }
    },
    PULLS,
  );

/** Whether a person may push to the repository. Nobody of that name may not. */
export const canWrite = async ({ octokit, owner, repo }: Forge, login: string): Promise<boolean> =>
  call(
    `Asking what ${plainText(login, 60)} may do`,
    async () => {
      try {
        const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
          owner,
          repo,
          username: login,
        });
        // "maintain" is told as write; Gitea says owner.
        return ["admin", "write", "owner"].includes(data.permission);
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },
    "metadata: read",
  );

interface Labelled {
  readonly by: string | null;
  readonly atMs: number;
}

/** GitHub's description promises an actor; of a deleted account it sends null. */
const actorOf = ({ actor }: { readonly actor: { readonly login: string } | null }): string | null =>
  actor?.login ?? null;

/**
 * Who put the label on last, and when; null where it is not on it now.
 *
 * `by` is null where nobody can be held to it: the account is gone, or the server does not say.
 */
export const labelled = async (
  { octokit, owner, repo }: Forge,
  number: number,
  label: string,
): Promise<Labelled | null> =>
  call(
    `Reading who labelled pull request ${number}`,
    async () => {
      let last: Labelled | null = null;
      const pages = octokit.paginate.iterator(octokit.rest.issues.listEvents, {
        owner,
        repo,
        issue_number: number,
        per_page: 100,
      });
      // Oldest first.
      for await (const { data } of pages) {
        for (const event of data) {
          if (!("label" in event) || event.label.name !== label) continue;
          if (event.event === "unlabeled") last = null;
          if (event.event === "labeled") last = { by: actorOf(event), atMs: Date.parse(event.created_at) };
        }
      }
      return last;
    },
    PULLS,
  );

export interface WorkflowRun {
  readonly conclusion: string | null;
  readonly headSha: string;
  readonly event: string;
}

export const readWorkflowRun = async ({ octokit, owner, repo }: Forge, id: number): Promise<WorkflowRun> =>
  call(
    `Reading run ${id}`,
    async () => {
      const { data } = await octokit.rest.actions.getWorkflowRun({ owner, repo, run_id: id });
      return { conclusion: data.conclusion, headSha: data.head_sha, event: data.event };
    },
    "actions: read",
  );
