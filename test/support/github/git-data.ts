/** Git database: blobs, trees, commits and references, with git's own hashes. */
import {
  type Call,
  may,
  notFound,
  pathOf,
  Refusal,
  type Reply,
  type Routes,
  required,
  unprocessable,
  wantsRaw,
} from "./call.ts";
import { type Json, type JsonObject, textOf } from "./description.ts";
import { fill } from "./fill.ts";
import type { Commit, FileInTree, TreeItem } from "./git-objects.ts";

const emptyRepository = (call: Call): void => {
  const branches = [...call.repository.refs.keys()].filter((name) => name.startsWith("refs/heads/"));
  if (branches.length === 0) throw new Refusal(409, "Git Repository is empty.");
};

const refBody = (call: Call, name: string, sha: string): JsonObject =>
  fill("git-ref", {
    ref: name,
    url: `${call.apiUrl}${pathOf(call, `/git/${name}`)}`,
    object: { type: "commit", sha, url: `${call.apiUrl}${pathOf(call, `/git/commits/${sha}`)}` },
  });

export const gitCommitBody = (call: Call, commit: Commit): JsonObject =>
  fill("git-commit", {
    sha: commit.sha,
    message: commit.message,
    author: { ...commit.author },
    committer: { ...commit.committer },
    tree: { sha: commit.tree, url: `${call.apiUrl}${pathOf(call, `/git/trees/${commit.tree}`)}` },
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${call.apiUrl}${pathOf(call, `/git/commits/${sha}`)}`,
      html_url: `${call.apiUrl}/commit/${sha}`,
    })),
  });

const getRef = (call: Call): Reply => {
  emptyRepository(call);
  const name = `refs/${call.params["ref"]}`;
  return { status: 200, body: refBody(call, name, required(call.repository.refs.get(name))) };
};

const matchingRefs = (call: Call): Reply => {
  const start = `refs/${call.params["ref"]}`;
  const found = [...call.repository.refs].filter(([name]) => name.startsWith(start));
  return { status: 200, body: found.map(([name, sha]) => refBody(call, name, sha)) };
};

/** The rules of git-check-ref-format that matter to us. */
const isRefName = (name: string): boolean =>
  /^refs\/[^/]+\/./u.test(name) && !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\.lock(\/|$)|\/\.|\/$|\.$/u.test(name);

const knownCommit = (call: Call, sha: Json | undefined): Commit => {
  const commit = call.repository.objects.commits.get(textOf(sha));
  if (commit === undefined) throw unprocessable("Object does not exist");
  return commit;
};

const createRef = (call: Call): Reply => {
  emptyRepository(call);
  const name = textOf(call.body["ref"]);
  if (!isRefName(name)) throw unprocessable(`Reference name is not valid: ${name}`);
  const { sha } = knownCommit(call, call.body["sha"]);
  if (call.repository.refs.has(name)) throw unprocessable("Reference already exists");
  call.repository.refs.set(name, sha);
  return { status: 201, body: refBody(call, name, sha) };
};

const updateRef = (call: Call): Reply => {
  const name = `refs/${call.params["ref"]}`;
  const held = call.repository.refs.get(name);
  if (held === undefined) throw unprocessable("Reference does not exist");
  const { sha } = knownCommit(call, call.body["sha"]);
  if (call.body["force"] !== true && !call.repository.objects.isAncestor(held, sha)) {
    throw unprocessable("Update is not a fast forward");
  }
  call.repository.refs.set(name, sha);
  return { status: 200, body: refBody(call, name, sha) };
};

const deleteRef = (call: Call): Reply => {
  if (!call.repository.refs.delete(`refs/${call.params["ref"]}`)) {
    throw unprocessable("Reference does not exist");
  }
  return { status: 204 };
};

const getCommit = (call: Call): Reply => {
  emptyRepository(call);
  const commit = required(call.repository.objects.commits.get(call.params["commit_sha"] ?? ""));
  return { status: 200, body: gitCommitBody(call, commit) };
};

const createCommit = (call: Call): Reply => {
  emptyRepository(call);
  const { objects } = call.repository;
  const { message, tree, parents = [], author } = call.body;
  if (!objects.trees.has(textOf(tree))) throw unprocessable("Tree SHA does not exist");
  const shas = (parents as readonly string[]).map((sha) => {
    if (!objects.commits.has(sha)) throw unprocessable("Parent SHA does not exist or is not a commit object");
    return sha;
  });
  const login = call.token?.login ?? "nobody";
  const person = {
    name: login,
    email: `${login}@users.noreply.github.invalid`,
    date: call.repository.now(),
    ...(author as { readonly name: string; readonly email: string } | undefined),
  };
  const commit = objects.writeCommit({
    tree: textOf(tree),
    parents: shas,
    author: person,
    committer: person,
    message: textOf(message),
  });
  return { status: 201, body: gitCommitBody(call, commit) };
};

const kindOf = (mode: string): string => (mode === "040000" ? "tree" : mode === "160000" ? "commit" : "blob");

const getTree = (call: Call): Reply => {
  emptyRepository(call);
  const { objects } = call.repository;
  const asked = call.params["tree_sha"] ?? "";
  const commit = objects.commits.get(call.repository.resolve(asked) ?? "");
  const sha = commit?.tree ?? asked;
  const top = required(objects.trees.get(sha));
  const entries: Json[] = [];
  const walk = (items: readonly TreeItem[], prefix: string): void => {
    for (const { mode, name, sha } of items) {
      const size = objects.blobs.get(sha)?.length;
      const path = `${prefix}${name}`;
      const url = `${call.apiUrl}${pathOf(call, `/git/${kindOf(mode)}s/${sha}`)}`;
      entries.push({ path, mode, type: kindOf(mode), sha, url, ...(size === undefined ? {} : { size }) });
      if (call.query["recursive"] !== undefined) walk(objects.trees.get(sha) ?? [], `${path}/`);
    }
  };
  walk(top, "");
  const limit = call.repository.maxTreeEntries;
  const truncated = entries.length > limit;
  const url = `${call.apiUrl}${pathOf(call, `/git/trees/${sha}`)}`;
  return { status: 200, body: { sha, url, tree: entries.slice(0, limit), truncated } };
};

const createTree = (call: Call): Reply => {
  emptyRepository(call);
  const { objects } = call.repository;
  const { base_tree: base, tree } = call.body;
  if (base !== undefined && !objects.trees.has(textOf(base)) && !objects.commits.has(textOf(base))) {
    throw unprocessable("base_tree is not a valid tree oid");
  }
  const under = objects.commits.get(textOf(base))?.tree ?? textOf(base ?? "");
  const files: Map<string, FileInTree> = objects.files(under);
  for (const entry of tree as readonly JsonObject[]) {
    const path = textOf(entry["path"]);
    if (path.startsWith("/") || path.split("/").some((part) => ["", ".", "..", ".git"].includes(part))) {
      throw unprocessable("tree.path contains a malformed path component");
    }
    const sha =
      entry["content"] === undefined
        ? entry["sha"]
        : objects.writeBlob(Buffer.from(textOf(entry["content"])));
    if (sha === null) {
      if (!files.delete(path)) throw unprocessable("GitRPC::BadObjectState");
      continue;
    }
    if (!objects.blobs.has(textOf(sha))) throw unprocessable(`tree.sha ${textOf(sha)} is not a valid blob`);
    files.set(path, { mode: textOf(entry["mode"]), sha: textOf(sha) });
  }
  const written = objects.writeTree(files);
  return getTree201(call, written);
};

const getTree201 = (call: Call, sha: string): Reply => ({
  ...getTree({ ...call, params: { tree_sha: sha }, query: {} }),
  status: 201,
});

const getBlob = (call: Call): Reply => {
  const sha = call.params["file_sha"] ?? "";
  const content = call.repository.objects.blobs.get(sha);
  if (content === undefined) throw notFound();
  if (wantsRaw(call)) return { status: 200, raw: content };
  return {
    status: 200,
    body: fill("blob", {
      sha,
      size: content.length,
      encoding: "base64",
      content: content.toString("base64").replaceAll(/.{60}/gu, "$&\n"),
      url: `${call.apiUrl}${pathOf(call, `/git/blobs/${sha}`)}`,
    }),
  };
};

const createBlob = (call: Call): Reply => {
  emptyRepository(call);
  const encoding = call.body["encoding"] === "base64" ? "base64" : "utf8";
  const sha = call.repository.objects.writeBlob(Buffer.from(textOf(call.body["content"]), encoding));
  return { status: 201, body: { sha, url: `${call.apiUrl}${pathOf(call, `/git/blobs/${sha}`)}` } };
};

const read = may("read", "contents");
const write = may("write", "contents");

export const gitDataRoutes: Routes = {
  "git/get-ref": { permission: read, handle: getRef },
  "git/list-matching-refs": { permission: read, handle: matchingRefs },
  "git/create-ref": { permission: write, handle: createRef },
  "git/update-ref": { permission: write, handle: updateRef },
  "git/delete-ref": { permission: write, handle: deleteRef },
  "git/get-commit": { permission: read, handle: getCommit },
  "git/create-commit": { permission: write, handle: createCommit },
  "git/get-tree": { permission: read, handle: getTree },
  "git/create-tree": { permission: write, handle: createTree },
  "git/get-blob": { permission: read, handle: getBlob },
  "git/create-blob": { permission: write, handle: createBlob },
};
