/** GitHub's objects as its API shows them; what is not said here is filled in by `fill`. */
import type { Json, JsonObject } from "./description.ts";
import { fill } from "./fill.ts";
import type { Repo } from "./repository.ts";

const HOME = "http://squall.localhost";

export const htmlUrl = (repository: Repo, rest = ""): string => `${HOME}/${repository.fullName}${rest}`;

const idOf = (text: string): number =>
  Array.from(text).reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 1e8, 7);

export const userBody = (login: string): JsonObject =>
  fill("simple-user", {
    login,
    id: login === "github-actions[bot]" ? 41_898_282 : idOf(login),
    type: login.endsWith("[bot]") ? "Bot" : "User",
    html_url: `${HOME}/${login}`,
  });

/** @param fullName "owner/name", of this repository or of a fork of it */
export const repositoryBody = (
  schema: "full-repository" | "repository" | "minimal-repository",
  repository: Repo,
  fullName: string = repository.fullName,
): JsonObject => {
  const [owner = "", name = ""] = fullName.split("/");
  return fill(schema, {
    id: idOf(fullName),
    name,
    full_name: fullName,
    owner: userBody(owner),
    private: repository.private,
    visibility: repository.private ? "private" : "public",
    default_branch: repository.defaultBranch,
    fork: fullName !== repository.fullName,
    html_url: `${HOME}/${fullName}`,
  });
};

export const labelBody = (name: string): JsonObject =>
  fill("label", { id: idOf(name), name, color: "d93f0b", default: false, description: "" });

export const branchEnd = (repository: Repo, fullName: string | null, branch: string, sha: string): Json => ({
  label: `${(fullName ?? "").split("/")[0]}:${branch}`,
  ref: branch,
  sha,
  repo: fullName === null ? null : repositoryBody("repository", repository, fullName),
  user: userBody((fullName ?? "ghost/").split("/")[0] ?? "ghost"),
});
