import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { SourceFiles } from "../../run/forge.ts";
import { call, isNotFound } from "./errors.ts";
import type { Forge } from "./forge.ts";

/** GitHub answers with a file as it is (a file in JSON as the raw type), and in JSON with a folder; Gitea knows no raw type. */
const isJson = (type: string | undefined): boolean => /^application\/json\b/.test(type ?? "");

const refused = (file: string, why: string): SquallError =>
  new SquallError("api-refused", `${plainText(file, 200)} ${why}.`);

/** A file within an answer in JSON, which has its bytes in base64. */
const withinJson = (answer: Buffer, file: string): Buffer => {
  const found = JSON.parse(answer.toString("utf8")) as
    | { readonly type?: unknown; readonly encoding?: unknown; readonly content?: unknown }
    // A folder is a list, which has no type.
    | null;
  if (found?.type !== "file") throw refused(file, "is a folder, not a file");
  if (found.encoding !== "base64" || typeof found.content !== "string")
    throw refused(file, "is larger than the server tells of a file");
  return Buffer.from(found.content, "base64");
};

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
          const answer = Buffer.from(await new Response(data as unknown as ReadableStream).arrayBuffer());
          return isJson(headers["content-type"]) ? withinJson(answer, file) : answer;
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
