/** Commits as people see them: one, a list, what lies between two, and the pull requests that hold one. */
import { htmlUrl, userBody } from "./bodies.ts";
import { type Call, may, page, pathOf, Refusal, type Reply, type Routes, required } from "./call.ts";
import type { JsonObject } from "./description.ts";
import { fill } from "./fill.ts";
import type { Commit } from "./git-objects.ts";
import { pullBody } from "./pulls.ts";

const commitBody = (call: Call, commit: Commit): JsonObject => {
  const url = `${call.apiUrl}${pathOf(call, `/commits/${commit.sha}`)}`;
  return fill("commit", {
    sha: commit.sha,
    url,
    html_url: htmlUrl(call.repository, `/commit/${commit.sha}`),
    commit: {
      url: `${call.apiUrl}${pathOf(call, `/git/commits/${commit.sha}`)}`,
      author: { ...commit.author },
      committer: { ...commit.committer },
      message: commit.message,
      tree: { sha: commit.tree, url: `${call.apiUrl}${pathOf(call, `/git/trees/${commit.tree}`)}` },
      comment_count: 0,
    },
    author: userBody(commit.author.name),
    committer: userBody(commit.committer.name),
    parents: commit.parents.map((sha) => ({ sha, url: `${call.apiUrl}${pathOf(call, `/commits/${sha}`)}` })),
  });
};

const unknownCommit = (ref: string): Refusal => new Refusal(422, `No commit found for SHA: ${ref}`);

const known = (call: Call, ref: string): Commit | undefined =>
  call.repository.objects.commits.get(call.repository.resolve(ref) ?? "");

const getCommit = (call: Call): Reply => {
  const ref = call.params["ref"] ?? "";
  const commit = known(call, ref);
  if (commit === undefined) throw unknownCommit(ref);
  if (/vnd\.github(\.v3)?\.sha/u.test(call.accept)) return { status: 200, raw: Buffer.from(commit.sha) };
  return { status: 200, body: commitBody(call, commit) };
};

const listCommits = (call: Call): Reply => {
  const { repository } = call;
  if (repository.refs.size === 0) throw new Refusal(409, "Git Repository is empty.");
  const commit = required(known(call, call.query["sha"] ?? repository.defaultBranch));
  const { items, headers } = page(call, pathOf(call, "/commits"), repository.objects.history(commit.sha));
  return { status: 200, headers, body: items.map((item) => commitBody(call, item)) };
};

/** An end of a comparison may name its owner: `owner:branch`. */
const comparedEnd = (call: Call, text: string): Commit => required(known(call, text.replace(/^[^:]*:/u, "")));

const compare = (call: Call): Reply => {
  const { objects } = call.repository;
  const [from = "", to = ""] = (call.params["basehead"] ?? "").split("...");
  const base = comparedEnd(call, from);
  const head = comparedEnd(call, to);
  const inBase = objects.history(base.sha);
  const inHead = objects.history(head.sha);
  const ofBase = new Set(inBase.map(({ sha }) => sha));
  const ofHead = new Set(inHead.map(({ sha }) => sha));
  const ahead = inHead.filter(({ sha }) => !ofBase.has(sha));
  const behind = inBase.filter(({ sha }) => !ofHead.has(sha));
  const mergeBase = inHead.find(({ sha }) => ofBase.has(sha));
  if (mergeBase === undefined) {
    throw new Refusal(404, `No common ancestor between ${base.sha} and ${head.sha}.`);
  }
  const status =
    ahead.length > 0
      ? behind.length > 0
        ? "diverged"
        : "ahead"
      : behind.length > 0
        ? "behind"
        : "identical";
  const paged = page(call, pathOf(call, `/compare/${from}...${to}`), ahead.toReversed());
  return {
    status: 200,
    headers: paged.headers,
    body: fill("commit-comparison", {
      status,
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      base_commit: commitBody(call, base),
      merge_base_commit: commitBody(call, mergeBase),
      commits: paged.items.map((item) => commitBody(call, item)),
      files: [],
    }),
  };
};

/** The pull requests whose head holds the commit and whose base did not, when they were opened. */
const pullsOfCommit = (call: Call): Reply => {
  const { repository } = call;
  const commit = known(call, call.params["commit_sha"] ?? "");
  if (commit === undefined) throw unknownCommit(call.params["commit_sha"] ?? "");
  const found = [...repository.pulls.values()].filter(
    (pull) =>
      repository.objects.isAncestor(commit.sha, pull.headSha) &&
      !repository.objects.isAncestor(commit.sha, pull.baseSha),
  );
  const { items, headers } = page(call, pathOf(call, `/commits/${commit.sha}/pulls`), found);
  return { status: 200, headers, body: items.map((pull) => pullBody("pull-request-simple", call, pull)) };
};

const getBranch = (call: Call): Reply => {
  const name = call.params["branch"] ?? "";
  const commit = required(call.repository.objects.commits.get(call.repository.branch(name) ?? ""));
  return { status: 200, body: fill("branch-with-protection", { name, commit: commitBody(call, commit) }) };
};

const read = may("read", "contents");

export const commitRoutes: Routes = {
  "repos/get-commit": { permission: read, handle: getCommit },
  "repos/list-commits": { permission: read, handle: listCommits },
  "repos/compare-commits-with-basehead": { permission: read, handle: compare },
  "repos/list-pull-requests-associated-with-commit": {
    permission: may("read", "pull-requests"),
    handle: pullsOfCommit,
  },
  "repos/get-branch": { permission: read, handle: getBranch },
};
