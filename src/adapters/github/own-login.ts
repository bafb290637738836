import { statusOf } from "./errors.ts";
import type { Forge } from "./forge.ts";

/** Under whose name a workflow's own token writes; such a token may not ask. */
const WORKFLOW_LOGINS: Readonly<Record<Forge["kind"], string>> = {
  github: "github-actions[bot]",
  gitea: "gitea-actions",
};

/** Login of the token. */
export const ownLogin = async ({ octokit, kind }: Forge): Promise<string> => {
  try {
    return (await octokit.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    const status = statusOf(error);
    if (status !== null && status < 500) return WORKFLOW_LOGINS[kind];
    throw error;
  }
};
