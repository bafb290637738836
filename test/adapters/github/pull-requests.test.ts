import { describe, expect, test } from "vitest";
import { postCheckRun } from "../../../src/adapters/github/check-run.ts";
import { postCommitStatus } from "../../../src/adapters/github/commit-status.ts";
import {
  canWrite,
  findPullRequest,
  labelled,
  parentsOf,
  readPullRequest,
  resolveRef,
} from "../../../src/adapters/github/pull-requests.ts";
import { connectTo } from "../../support/github/connect.ts";
import { startGitHub } from "../../support/github/server.ts";

const started = async () => {
  const github = await startGitHub();
  const base = github.repository.commit({ branch: "main", files: { a: "1" } });
  const head = github.repository.commit({ parents: [base], files: { a: "2" } });
  const pull = github.repository.openPull({
    headSha: head,
    headRepository: "stranger/shop",
    headBranch: "main",
    author: "stranger",
    body: "Hello",
  });
  return { github, base, head, pull, forge: connectTo(github) };
};

describe("questions about a pull request", () => {
  test("its ends, its words, its merge commit with the base as first parent", async () => {
    const { github, base, head, pull, forge } = await started();
    await using _ = github;
    const read = await readPullRequest(forge, pull.number);
    expect(read).toMatchObject({
      headSha: head,
      headRepository: "stranger/shop",
      author: "stranger",
      description: "Hello",
      open: true,
    });
    expect(await parentsOf(forge, read.mergeCommit ?? "")).toEqual([base, head]);
  });

  test("a fork's is found by its head, and by no other", async () => {
    const { github, base, head, pull, forge } = await started();
    await using _ = github;
    const ask = async (headSha: string) =>
      findPullRequest(forge, { headSha, headOwner: "stranger", headBranch: "main" });
    expect(await ask(head)).toBe(pull.number);
    expect(await ask(base)).toBeNull();
  });

  test("who put a label on last, unless it was taken off", async () => {
    const { github, pull, forge } = await started();
    await using _ = github;
    const { repository } = github;
    expect(await labelled(forge, pull.number, "squall-accept")).toBeNull();
    repository.label(pull.number, "squall-accept", "bob", "2026-03-01T10:00:00Z");
    repository.unlabel(pull.number, "squall-accept", "bob", "2026-03-01T11:00:00Z");
    expect(await labelled(forge, pull.number, "squall-accept")).toBeNull();
    repository.label(pull.number, "squall-accept", "alice", "2026-03-01T12:00:00Z");
    repository.label(pull.number, "other", "carol", "2026-03-01T13:00:00Z");
    expect(await labelled(forge, pull.number, "squall-accept")).toEqual({
      by: "alice",
      atMs: Date.parse("2026-03-01T12:00:00Z"),
    });
  });

  test("a label of an account that is gone was put on by nobody", async () => {
    const { github, pull, forge } = await started();
    await using _ = github;
    const event = { id: 1, event: "labeled", actor: null, label: { name: "squall-accept" } };
    const body = JSON.stringify([{ ...event, created_at: "2026-03-01T10:00:00Z" }]);
    const headers = { "content-type": "application/json; charset=utf-8" };
    github.fail({ path: /events$/ }, { status: 200, headers, body });
    expect(await labelled(forge, pull.number, "squall-accept")).toMatchObject({ by: null });
  });

  test("who may write", async () => {
    const { github, forge } = await started();
    await using _ = github;
    github.repository.collaborators.set("alice", "maintain").set("bob", "triage").set("carol", "read");
    const may = async (login: string) => canWrite(forge, login);
    expect([await may("alice"), await may("bob"), await may("carol"), await may("stranger")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test("what a reference stands for; one that is not there is the user's to mend", async () => {
    const { github, base, forge } = await started();
    await using _ = github;
    expect(await resolveRef(forge, "main")).toBe(base);
    await expect(resolveRef(forge, "gone")).rejects.toMatchObject({ code: "argument-invalid" });
  });
});

test("a commit status bears its context, words and link", async () => {
  const { github, head, forge } = await started();
  await using _ = github;
  const status = {
    sha: head,
    context: "squall (tiny)",
    state: "failure",
    description: "Less resilient",
  } as const;
  await postCommitStatus(forge, { ...status, targetUrl: "https://github.invalid/run" });
  expect(github.repository.statuses).toMatchObject([{ ...status, targetUrl: "https://github.invalid/run" }]);
});

test("a check run takes its annotations by fifties, is completed with the last, and is posted once however often", async () => {
  const { github, head, forge } = await started();
  await using _ = github;
  const annotations = Array.from({ length: 120 }, (__, index) => ({
    level: "warning" as const,
    title: `finding ${index}`,
    message: "what broke",
    path: "squall.yml",
    line: index + 1,
  }));
  const run = {
    sha: head,
    name: "squall",
    title: "Less resilient",
    summary: "s",
    text: "",
    detailsUrl: undefined,
    externalId: "1.1",
  };
  await postCheckRun(forge, { ...run, conclusion: "failure", annotations });
  const [check, ...more] = github.repository.checkRuns.values();
  expect(more).toEqual([]);
  expect(check).toMatchObject({ status: "completed", conclusion: "failure", sha: head });
  expect(check?.annotations).toHaveLength(120);
  await postCheckRun(forge, { ...run, conclusion: "success", annotations: [] });
  expect(github.repository.checkRuns.size).toBe(1);
});

test("a server without check runs says what to use instead", async () => {
  await using github = await startGitHub({ kind: "gitea" });
  const run = {
    sha: "0".repeat(40),
    name: "squall",
    title: "t",
    summary: "s",
    text: "",
    detailsUrl: undefined,
    externalId: "1.1",
  };
  await expect(
    postCheckRun(connectTo(github), { ...run, conclusion: "success", annotations: [] }),
  ).rejects.toMatchObject({
    code: "api-refused",
    remedy: expect.stringContaining("check: status"),
  });
});
