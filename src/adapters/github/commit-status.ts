import { call } from "./errors.ts";
import type { Forge } from "./forge.ts";

export interface CommitStatus {
  readonly sha: string;
  /** By which a ruleset requires it. */
  readonly context: string;
  readonly state: "success" | "failure" | "error" | "pending";
  /** At most 140 characters. */
  readonly description: string;
  readonly targetUrl: string | undefined;
}

export const postCommitStatus = async (
  { octokit, owner, repo }: Forge,
  { sha, context, state, description, targetUrl }: CommitStatus,
): Promise<void> =>
  call(
    `Setting the status of ${sha.slice(0, 12)}`,
    async () => {
      await octokit.rest.repos.createCommitStatus({
        owner,
        repo,
        sha,
        state,
        context,
        description,
        ...(targetUrl === undefined ? {} : { target_url: targetUrl }),
      });
    },
    "statuses: write",
  );
