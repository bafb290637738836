import { statusOf } from "./errors.ts";
import type { Forge } from "./forge.ts";

/** Under whose name a workflow's own token writes; such a token may not ask. */
const WORKFLOW_LOGINS: Readonly<Record<Forge["kind"], string>> = {
  github: "github-actions[bot]",
  gitea: "gitea-actions",
};

/** An App's token may not ask for its user, but may see as whom it looks. */
const viewerLogin = async (octokit: Forge["octokit"]): Promise<string> => {
  try {
    const { viewer } = await octokit.graphql<{ viewer: { login: string } }>("query { viewer { login } }");
    return viewer.login;
  } catch {
    return WORKFLOW_LOGINS.github;
  }
};

/** Login of the token. */
export const ownLogin = async ({ octokit, kind }: Forge): Promise<string> => {
  try {
    return (await octokit.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    const status = statusOf(error);
    if (status === null || status >= 500) throw error;
    return kind === "github" ? viewerLogin(octokit) : WORKFLOW_LOGINS[kind];
  }
};
