import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Octokit } from "@octokit/rest";
import { describe, expect, test } from "vitest";
import { GitObjects } from "./git-objects.ts";
import { type GitHubOptions, type GitHubServer, startGitHub, type TokenOptions } from "./server.ts";

const at = { owner: "acme", repo: "shop" };

const ignore = (): void => undefined;
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };

const kitFor = (github: GitHubServer, options?: TokenOptions): Octokit =>
  new Octokit({
    auth: github.token(options),
    baseUrl: github.apiUrl,
    log: quiet,
  });

/** Status and message of a refusal. */
const refusal = async (
  asked: Promise<unknown>,
): Promise<{ status: number; message: string; headers: Record<string, string> }> =>
  asked.then(
    () => ({ status: 200, message: "", headers: {} }),
    (error: { status: number; message: string; response?: { headers: Record<string, string> } }) => ({
      status: error.status,
      message: error.message,
      headers: error.response?.headers ?? {},
    }),
  );

const start = async (options: GitHubOptions = {}): Promise<GitHubServer & { first: string }> => {
  const github = await startGitHub(options);
  const first = github.repository.commit({ branch: "main", files: { "a.txt": "a" } });
  return Object.assign(github, { first });
};

describe("git objects", () => {
  test("have the hashes that git itself gives them", async () => {
    const folder = await mkdtemp(`${tmpdir()}/squall-objects-`);
    const environment = {
      ...process.env,
      GIT_DIR: folder,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
    };
    const git = (args: readonly string[], input = "", env: Record<string, string> = {}): string =>
      execFileSync("git", [...args], { input, env: { ...environment, ...env }, encoding: "utf8" }).trim();
    try {
      git(["init", "-q", "--bare", folder]);
      const objects = new GitObjects();
      const blob = objects.writeBlob(Buffer.from("hällo\n"));
      expect(git(["hash-object", "-w", "--stdin"], "hällo\n")).toBe(blob);
      // Sorting: a folder sorts as if its name ended in a slash, so a.txt comes before a/.
      const file = { mode: "100644", sha: blob };
      const tree = objects.writeTree(
        new Map([
          ["a/b", file],
          ["a.txt", file],
          ["a0", file],
        ]),
      );
      const inner = git(["mktree"], `100644 blob ${blob}\tb\n`);
      expect(
        git(["mktree"], `100644 blob ${blob}\ta.txt\n040000 tree ${inner}\ta\n100644 blob ${blob}\ta0\n`),
      ).toBe(tree);
      const person = { name: "A", email: "a@b.invalid", date: "2026-01-01T00:00:00Z" };
      const { sha } = objects.writeCommit({
        tree,
        parents: [],
        author: person,
        committer: person,
        message: "m\n",
      });
      const when = "1767225600 +0000";
      const commit = git(["commit-tree", tree], "m\n", {
        GIT_AUTHOR_NAME: "A",
        GIT_AUTHOR_EMAIL: "a@b.invalid",
        GIT_AUTHOR_DATE: when,
        GIT_COMMITTER_NAME: "A",
        GIT_COMMITTER_EMAIL: "a@b.invalid",
        GIT_COMMITTER_DATE: when,
      });
      expect(commit).toBe(sha);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("references", () => {
  test("move forward only, unless forced", async () => {
    await using github = await start();
    const kit = kitFor(github);
    const next = github.repository.commit({ parents: [github.first] });
    const aside = github.repository.commit({ parents: [github.first], message: "aside" });
    const move = (sha: string, force = false) =>
      kit.rest.git.updateRef({ ...at, ref: "heads/main", sha, force });
    await move(next);
    expect(await refusal(move(aside))).toMatchObject({
      status: 422,
      message: expect.stringContaining("not a fast forward"),
    });
    expect(github.repository.branch("main")).toBe(next);
    await move(aside, true);
    expect(github.repository.branch("main")).toBe(aside);
  });

  test("are made once", async () => {
    await using github = await start();
    const make = () =>
      kitFor(github).rest.git.createRef({ ...at, ref: "refs/heads/data", sha: github.first });
    await make();
    expect(await refusal(make())).toMatchObject({
      status: 422,
      message: expect.stringContaining("Reference already exists"),
    });
  });

  test("of two racing moves from one commit one wins, and the other is told", async () => {
    await using github = await start();
    const kit = kitFor(github);
    const moves = ["one", "two"].map((message) =>
      github.repository.commit({ parents: [github.first], message }),
    );
    const outcomes = await Promise.all(
      moves.map((sha) => refusal(kit.rest.git.updateRef({ ...at, ref: "heads/main", sha }))),
    );
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200, 422]));
  });

  test("of an empty repository are a conflict", async () => {
    await using github = await startGitHub();
    expect(await refusal(kitFor(github).rest.git.getRef({ ...at, ref: "heads/x" }))).toMatchObject({
      status: 409,
    });
  });

  test("are read through trees and blobs written by requests", async () => {
    await using github = await start();
    const { rest } = kitFor(github);
    const blob = await rest.git.createBlob({
      ...at,
      content: Buffer.from([0, 255]).toString("base64"),
      encoding: "base64",
    });
    const base = await rest.git.getCommit({ ...at, commit_sha: github.first });
    const tree = await rest.git.createTree({
      ...at,
      base_tree: base.data.tree.sha,
      tree: [
        { path: "deep/x.bin", mode: "100644", type: "blob", sha: blob.data.sha },
        { path: "a.txt", mode: "100644", type: "blob", sha: null },
      ],
    });
    const commit = await rest.git.createCommit({
      ...at,
      message: "m",
      tree: tree.data.sha,
      parents: [github.first],
    });
    await rest.git.updateRef({ ...at, ref: "heads/main", sha: commit.data.sha });
    expect(github.repository.file("deep/x.bin")).toEqual(Buffer.from([0, 255]));
    expect(github.repository.file("a.txt")).toBeNull();
  });

  test("cut big trees and say so", async () => {
    await using github = await start();
    github.repository.maxTreeEntries = 1;
    github.repository.commit({ branch: "main", files: { b: "b", c: "c" } });
    const { data } = await kitFor(github).rest.git.getTree({ ...at, tree_sha: "main", recursive: "1" });
    expect(data).toMatchObject({ truncated: true, tree: { length: 1 } });
  });
});

describe("comparing", () => {
  test("tells ahead, behind, identical and diverged, and the merge base", async () => {
    await using github = await start();
    const { first } = github;
    const left = github.repository.commit({ parents: [first], message: "left" });
    const right = github.repository.commit({ parents: [first], message: "right" });
    const compare = async (basehead: string) => {
      const { data } = await kitFor(github).rest.repos.compareCommitsWithBasehead({ ...at, basehead });
      return [data.status, data.ahead_by, data.behind_by, data.merge_base_commit.sha];
    };
    expect(await compare(`${first}...${left}`)).toEqual(["ahead", 1, 0, first]);
    expect(await compare(`${left}...${first}`)).toEqual(["behind", 0, 1, first]);
    expect(await compare(`${left}...${left}`)).toEqual(["identical", 0, 0, left]);
    expect(await compare(`${left}...${right}`)).toEqual(["diverged", 1, 1, first]);
  });

  test("is 404 without a common ancestor", async () => {
    await using github = await start();
    const root = github.repository.commit({ message: "another root" });
    const asked = kitFor(github).rest.repos.compareCommitsWithBasehead({ ...at, basehead: `${root}...main` });
    expect(await refusal(asked)).toMatchObject({ status: 404 });
  });
});

describe("pages", () => {
  test("are linked, so that paginate finds every comment", async () => {
    await using github = await start();
    github.repository.openPull({ headSha: github.first });
    for (let i = 0; i < 250; i += 1) github.repository.addComment(1, "octocat", `${i}`);
    const kit = kitFor(github);
    const found = await kit.paginate(kit.rest.issues.listComments, { ...at, issue_number: 1, per_page: 100 });
    expect(found.map(({ body }) => Number(body))).toEqual(Array.from({ length: 250 }, (_, i) => i));
    expect(github.requests).toHaveLength(3);
  });
});

describe("permissions", () => {
  test("are those of the workflow, and a refusal names what would do", async () => {
    await using github = await start();
    github.repository.openPull({ headSha: github.first });
    const { rest } = kitFor(github, { permissions: { contents: "read", "pull-requests": "read" } });
    const refused = await refusal(rest.issues.createComment({ ...at, issue_number: 1, body: "b" }));
    expect(refused).toMatchObject({
      status: 403,
      message: expect.stringContaining("Resource not accessible by integration"),
      headers: { "x-accepted-github-permissions": "issues=write; pull_requests=write" },
    });
    expect(
      (await refusal(rest.repos.createCommitStatus({ ...at, sha: github.first, state: "success" }))).status,
    ).toBe(403);
    expect((await rest.repos.getContent({ ...at, path: "a.txt" })).status).toBe(200);
  });

  test("are not asked for reading what is public, but are where it is private", async () => {
    const reading = async (isPrivate: boolean): Promise<number> => {
      await using github = await start({ private: isPrivate });
      const { rest } = kitFor(github, { permissions: { issues: "write" } });
      return (await refusal(rest.repos.getContent({ ...at, path: "a.txt" }))).status;
    };
    expect(await reading(false)).toBe(200);
    expect(await reading(true)).toBe(403);
  });

  test("a private repository does not exist for strangers, nor with no token at all", async () => {
    await using github = await start({ private: true });
    const stranger = kitFor(github, { login: "mallory" });
    expect((await refusal(stranger.rest.repos.get(at))).status).toBe(404);
    expect(
      (await refusal(new Octokit({ baseUrl: github.apiUrl, log: quiet }).rest.repos.get(at))).status,
    ).toBe(404);
    github.repository.collaborators.set("mallory", "read");
    expect((await stranger.rest.repos.get(at)).status).toBe(200);
  });

  test("of a person's token are no more than the person's role", async () => {
    await using github = await start();
    github.repository.collaborators.set("alice", "write");
    const status = (login: string) =>
      refusal(
        kitFor(github, { login }).rest.repos.createCommitStatus({
          ...at,
          sha: github.first,
          state: "success",
        }),
      );
    expect((await status("alice")).status).toBe(200);
    expect((await status("mallory")).status).toBe(403);
  });

  test("an unknown token is refused, and an app has no user", async () => {
    await using github = await start();
    const wrong = new Octokit({ auth: "ghs_wrong", baseUrl: github.apiUrl, log: quiet });
    expect(await refusal(wrong.rest.repos.get(at))).toMatchObject({
      status: 401,
      message: expect.stringContaining("Bad credentials"),
    });
    expect((await refusal(kitFor(github).rest.users.getAuthenticated())).status).toBe(403);
    expect((await kitFor(github, { login: "alice" }).rest.users.getAuthenticated()).data.login).toBe("alice");
  });
});

describe("limits that GitHub does not describe", () => {
  test("a comment has at most 65,536 characters, counted as characters", async () => {
    await using github = await start();
    github.repository.openPull({ headSha: github.first });
    const write = (body: string) =>
      kitFor(github).rest.issues.createComment({ ...at, issue_number: 1, body });
    expect((await write("x".repeat(65_536))).status).toBe(201);
    expect((await write("😀".repeat(65_536))).status).toBe(201);
    expect((await refusal(write("x".repeat(65_537)))).status).toBe(422);
  });

  test("a status' description has at most 140 characters", async () => {
    await using github = await start();
    const write = (description: string) =>
      kitFor(github).rest.repos.createCommitStatus({
        ...at,
        sha: github.first,
        state: "success",
        description,
      });
    expect((await write("x".repeat(140))).status).toBe(201);
    expect((await refusal(write("x".repeat(141)))).status).toBe(422);
  });
});

describe("checks, statuses and labels", () => {
  test("annotations add up over updates; the newest check of a name counts", async () => {
    await using github = await start();
    const { rest } = kitFor(github);
    const output = (count: number) => ({
      title: "t",
      summary: "s",
      annotations: Array.from({ length: count }, (_, i) => ({
        path: "a.txt",
        start_line: i + 1,
        end_line: i + 1,
        annotation_level: "warning" as const,
        message: "m",
      })),
    });
    const { data } = await rest.checks.create({
      ...at,
      name: "squall",
      head_sha: github.first,
      status: "in_progress",
      output: output(50),
    });
    await rest.checks.update({ ...at, check_run_id: data.id, conclusion: "failure", output: output(7) });
    const { data: listed } = await rest.checks.listForRef({ ...at, ref: github.first });
    expect(listed.check_runs).toMatchObject([
      { status: "completed", conclusion: "failure", output: { annotations_count: 57 } },
    ]);
  });

  test("the newest status of each context counts", async () => {
    await using github = await start();
    const { rest } = kitFor(github);
    for (const state of ["failure", "success"] as const) {
      await rest.repos.createCommitStatus({ ...at, sha: github.first, context: "squall", state });
    }
    const { data } = await rest.repos.getCombinedStatusForRef({ ...at, ref: "main" });
    expect(data).toMatchObject({ state: "success", total_count: 1 });
  });

  test("events tell who put a label on and when; the pull request bears what is on it now", async () => {
    await using github = await start();
    github.repository.openPull({ headSha: github.first });
    github.repository.label(1, "ok", "alice", "2026-02-03T04:05:06Z");
    github.repository.label(1, "gone", "alice");
    github.repository.unlabel(1, "gone", "bob");
    const { rest } = kitFor(github);
    const { data } = await rest.issues.listEvents({ ...at, issue_number: 1 });
    expect(data[0]).toMatchObject({
      event: "labeled",
      actor: { login: "alice" },
      created_at: "2026-02-03T04:05:06Z",
    });
    expect((await rest.pulls.get({ ...at, pull_number: 1 })).data.labels.map(({ name }) => name)).toEqual([
      "ok",
    ]);
  });
});

describe("artifacts", () => {
  test("are downloaded from another host, which refuses a token", async () => {
    const github = await start();
    const zip = Buffer.from("PK zip");
    const { id } = github.repository.addArtifact({ name: "squall", zip });
    const url = `${github.apiUrl}/repos/acme/shop/actions/artifacts/${id}/zip`;
    const headers = { authorization: `Bearer ${github.token()}` };
    const redirect = await fetch(url, { headers, redirect: "manual" });
    const location = redirect.headers.get("location") ?? "";
    expect(redirect.status).toBe(302);
    expect(new URL(location).origin).not.toBe(new URL(github.apiUrl).origin);
    expect(Buffer.from(await (await fetch(location)).arrayBuffer())).toEqual(zip);
    expect(github.violations).toEqual([]);
    expect((await fetch(location, { headers })).status).toBe(403);
    await expect(github[Symbol.asyncDispose]()).rejects.toThrow(/token was sent/);
  });

  test("tell their digest and run, newest first, and are gone once expired", async () => {
    await using github = await start();
    const run = github.repository.addRun({
      headSha: github.first,
      headRepository: "mallory/shop",
      headBranch: "main",
    });
    const old = { name: "squall", zip: Buffer.from("old"), createdAt: "2026-01-01T00:00:00Z", expired: true };
    const { id } = github.repository.addArtifact(old);
    github.repository.addArtifact({ name: "squall", zip: Buffer.from("new"), run: run.id });
    const { rest } = kitFor(github);
    const { data } = await rest.actions.listArtifactsForRepo({ ...at, name: "squall" });
    const digest = `sha256:${createHash("sha256").update("new").digest("hex")}`;
    expect(data.artifacts[0]).toMatchObject({
      digest,
      expired: false,
      workflow_run: { head_branch: "main" },
    });
    const told = data.artifacts[0]?.workflow_run;
    expect(told?.head_repository_id).not.toBe(told?.repository_id);
    const asked = rest.actions.downloadArtifact({ ...at, artifact_id: id, archive_format: "zip" });
    expect((await refusal(asked)).status).toBe(410);
  });
});
