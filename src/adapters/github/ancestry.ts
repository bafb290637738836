/** History as the server knows it: few questions, each asked once. */
import type { Ancestry } from "../../run/forge.ts";
import { call, isNotFound } from "./errors.ts";
import type { Forge } from "./forge.ts";

interface Compared {
  /** Commits from the one to the other; null: it is no ancestor. */
  readonly distance: number | null;
  readonly mergeBase: string | null;
}

const isCommitId = (text: string): boolean => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text);

export const forgeAncestry = ({ octokit, owner, repo }: Forge): Ancestry => {
  const asked = new Map<string, Promise<Compared | undefined>>();

  const compare = async (one: string, other: string): Promise<Compared | undefined> => {
    try {
      const { data } = await octokit.rest.repos.compareCommitsWithBasehead({
        owner,
        repo,
        basehead: `${one}...${other}`,
        per_page: 1,
      });
      const isAncestor = data.status === "ahead" || data.status === "identical";
      return {
        distance: isAncestor ? (data.ahead_by ?? data.total_commits) : null,
        mergeBase: data.merge_base_commit?.sha ?? null,
      };
    } catch (error) {
      // A commit of a history that was rewritten, or of none in common.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };

  const comparedOnce = async (one: string, other: string): Promise<Compared | undefined> => {
    if (!isCommitId(one) || !isCommitId(other)) return undefined;
    if (one === other) return { distance: 0, mergeBase: one };
    const key = `${one}...${other}`;
    const known =
      asked.get(key) ?? call("Comparing two commits", async () => compare(one, other), "contents: read");
    asked.set(key, known);
    // A failure is no answer: it is asked again.
    known.catch(() => asked.delete(key));
    return known;
  };

  return {
    distance: async (ancestor, commit) => {
      const compared = await comparedOnce(ancestor, commit);
      return compared === undefined ? undefined : compared.distance;
    },
    mergeBase: async (one, other) => (await comparedOnce(one, other))?.mergeBase ?? null,
  };
};
