/** Files as they are at a commit. */
import { type Call, may, notFound, pathOf, Refusal, type Reply, type Routes, wantsRaw } from "./call.ts";
import type { JsonObject } from "./description.ts";
import { fill } from "./fill.ts";

/** Beyond the first only the raw form has the content, beyond the second none has (docs: "Get repository content"). */
const MAX_INLINE_BYTES = 1024 * 1024;
const MAX_RAW_BYTES = 100 * MAX_INLINE_BYTES;

const fileBody = (call: Call, path: string, sha: string, content: Buffer, inline: boolean): JsonObject => {
  const url = `${call.apiUrl}${pathOf(call, `/contents/${path}`)}`;
  const shown = inline && content.length <= MAX_INLINE_BYTES;
  return fill("content-file", {
    type: "file",
    name: path.split("/").at(-1) ?? "",
    path,
    sha,
    size: content.length,
    url,
    encoding: shown ? "base64" : "none",
    content: shown ? content.toString("base64") : "",
    _links: { self: url, git: null, html: null },
  });
};

/** Entries directly in a folder. */
const folder = (call: Call, files: ReadonlyMap<string, { readonly sha: string }>, path: string): Reply => {
  const prefix = path === "" ? "" : `${path}/`;
  const inside = new Map<string, JsonObject>();
  for (const [name, { sha }] of files) {
    if (!name.startsWith(prefix)) continue;
    const [first = "", ...rest] = name.slice(prefix.length).split("/");
    const url = `${call.apiUrl}${pathOf(call, `/contents/${prefix}${first}`)}`;
    inside.set(first, {
      type: rest.length === 0 ? "file" : "dir",
      size: rest.length === 0 ? (call.repository.objects.blobs.get(sha)?.length ?? 0) : 0,
      name: first,
      path: `${prefix}${first}`,
      sha,
      url,
      git_url: null,
      html_url: null,
      download_url: null,
      _links: { self: url, git: null, html: null },
    });
  }
  if (inside.size === 0) throw notFound();
  return { status: 200, body: [...inside.values()] };
};

const getContent = (call: Call): Reply => {
  const { repository } = call;
  const path = (call.params["path"] ?? "").replace(/\/$/u, "");
  const ref = call.query["ref"] ?? repository.defaultBranch;
  const commit = repository.objects.commits.get(repository.resolve(ref) ?? "");
  if (commit === undefined) throw new Refusal(404, `No commit found for the ref ${ref}`);
  const files = repository.objects.files(commit.tree);
  const file = files.get(path);
  if (file === undefined) return folder(call, files, path);
  const content = repository.objects.blobs.get(file.sha);
  if (content === undefined) throw notFound();
  if (content.length > MAX_RAW_BYTES) throw new Refusal(403, "This API returns blobs up to 100 MB in size.");
  if (wantsRaw(call)) return { status: 200, raw: content };
  return { status: 200, body: fileBody(call, path, file.sha, content, true) };
};

export const contentRoutes: Routes = {
  "repos/get-content": { permission: may("read", "contents"), handle: getContent },
};
