import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { SourceFiles } from "../../run/forge.ts";
import { call, isNotFound } from "./errors.ts";
import type { Forge } from "./forge.ts";

/** A folder is answered as a list in JSON, whatever was asked for; a file in JSON as the raw type. */
const isList = (type: string | undefined): boolean => /^application\/json\b/.test(type ?? "");

/** Files by the contents API, as they are (up to 100 MB). */
export const forgeSourceFiles = ({ octokit, owner, repo, place }: Forge): SourceFiles => ({
  read: async (file, commit) =>
    call(
      `Reading ${plainText(file, 200)} of ${place} at ${plainText(commit.slice(0, 12))}`,
      async () => {
        try {
          const { data, headers } = await octokit.rest.repos.getContent({
            owner,
            repo,
            path: file,
            ref: commit,
            mediaType: { format: "raw" },
            // As bytes: Octokit reads what it takes for text as UTF-8 (octokit/request.js#751).
            request: { parseSuccessResponseBody: false },
          });
          if (isList(headers["content-type"]))
            throw new SquallError("api-refused", `${plainText(file, 200)} is a folder, not a file.`);
          return Buffer.from(await new Response(data as unknown as ReadableStream).arrayBuffer());
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
