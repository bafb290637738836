import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { SourceFiles } from "../../run/forge.ts";
import { call, isNotFound } from "./errors.ts";
import type { Forge } from "./forge.ts";

const bytesOf = (data: unknown): Buffer => {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  // A folder is answered as a list, whatever was asked for.
  throw new SquallError("api-refused", "there is a folder of that name, not a file");
};

/** Files by the contents API, as they are (up to 100 MB). */
export const forgeSourceFiles = ({ octokit, owner, repo, place }: Forge): SourceFiles => ({
  read: async (file, commit) =>
    call(
      `Reading ${plainText(file, 200)} of ${place} at ${plainText(commit.slice(0, 12))}`,
      async () => {
        try {
          const { data } = await octokit.rest.repos.getContent({
            owner,
            repo,
            path: file,
            ref: commit,
            mediaType: { format: "raw" },
          });
          return bytesOf(data);
        } catch (error) {
          if (!isNotFound(error)) throw error;
          // Not there, or nothing of it to be seen: only the commit itself tells.
          await octokit.rest.git.getCommit({ owner, repo, commit_sha: commit });
          return null;
        }
      },
      "contents: read",
    ),
});
