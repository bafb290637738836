/** Payloads as GitHub documents them, to what is compared with what. */
import { anything, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvent } from "../../../src/config/action/event.ts";
import { isFork, mayWriteBaseline } from "../../../src/core/change.ts";
import { SquallError } from "../../../src/core/errors.ts";
import { type ChangeLookups, resolveChange } from "../../../src/surfaces/action/resolve-change.ts";

const HEAD = "b18e51d0c2f4a6b8d0e2f4a6b8c0d2e4f6a8b0c2";
const BASE = "919ad74e1f3a5c7e9b1d3f5a7c9e1b3d5f7a9c1e";
const STALE = "0000000e1f3a5c7e9b1d3f5a7c9e1b3d5f7a9c1e";
const MERGE = "0123456789abcdef0123456789abcdef01234567";
const repository = { full_name: "acme/shop", default_branch: "main" };
const env = {
  GITHUB_REPOSITORY: "acme/shop",
  GITHUB_SHA: MERGE,
  GITHUB_RUN_ID: "12",
  GITHUB_RUN_ATTEMPT: "2",
  GITHUB_REF: "refs/heads/main",
};

const lookups: ChangeLookups = {
  parents: async (commit) => (commit === MERGE ? [BASE, HEAD] : [BASE]),
  defaultBranch: async () => "main",
  findPullRequest: async () => 7,
  readPullRequest: async () => ({
    headSha: HEAD,
    headRepository: "stranger/shop",
    headBranch: "main",
    baseBranch: "main",
    baseSha: STALE,
    mergeCommit: MERGE,
  }),
  resolve: async () => BASE,
  checkedOut: null,
  reference: undefined,
};

const change = async (
  eventName: string,
  payload: unknown,
  over: Partial<ChangeLookups> = {},
  variables: Record<string, string> = {},
) => resolveChange(readEvent({ eventName, payload, env: { ...env, ...variables } }), { ...lookups, ...over });

const pull = (repo: string | null) => ({
  action: "opened",
  pull_request: {
    number: 7,
    head: { sha: HEAD, ref: "change", repo: repo === null ? null : { full_name: repo } },
    base: { sha: STALE, ref: "main", repo: { full_name: "acme/shop" } },
  },
  repository,
});

describe("what is compared with what", () => {
  test("a pull request: its own head, with the first parent of the merge commit, not the payload's stale base", async () => {
    const found = await change("pull_request", pull("acme/shop"));
    expect(found).toMatchObject({
      headSha: HEAD,
      measuredSha: MERGE,
      baseSha: BASE,
      pullRequest: 7,
      run: { id: 12, attempt: 2 },
    });
    expect(isFork(found)).toBe(false);
    expect(mayWriteBaseline(found)).toBe(false);
  });

  test.each(["stranger/shop", null])("a pull request from %s is a fork's", async (repo) => {
    expect(isFork(await change("pull_request", pull(repo)))).toBe(true);
  });

  test("a push: with the commit before it; the first of a branch with none; a deletion is refused", async () => {
    const push = (before: string, after = HEAD, deleted = false) => ({
      before,
      after,
      deleted,
      ref: "refs/heads/main",
      repository,
    });
    const found = await change("push", push(BASE));
    expect(found).toMatchObject({ headSha: HEAD, baseSha: BASE, headBranch: "main" });
    expect(mayWriteBaseline(found)).toBe(true);
    expect((await change("push", push("0".repeat(40)))).baseSha).toBeNull();
    await expect(change("push", push(BASE, "0".repeat(40), true))).rejects.toMatchObject({
      code: "event-unsupported",
    });
  });

  test("a merge queue: its base, and the number in its branch", async () => {
    const head_ref = `refs/heads/gh-readonly-queue/main/pr-31-${BASE}`;
    const payload = {
      merge_group: { head_sha: HEAD, base_sha: BASE, head_ref, base_ref: "refs/heads/main" },
      repository,
    };
    const found = await change("merge_group", payload, {}, { GITHUB_REF: head_ref });
    expect(found).toMatchObject({ headSha: HEAD, baseSha: BASE, pullRequest: 31, baseBranch: "main" });
    expect(mayWriteBaseline(found)).toBe(false);
  });

  test("a hand-started run: the reference, else the default branch, else the commit before", async () => {
    const payload = { inputs: {}, repository };
    const onBranch = { GITHUB_SHA: HEAD, GITHUB_REF: "refs/heads/change" };
    expect(await change("workflow_dispatch", payload, { reference: "v1" }, onBranch)).toMatchObject({
      headSha: HEAD,
      baseSha: BASE,
      baseBranch: "v1",
    });
    expect(await change("workflow_dispatch", payload, {}, onBranch)).toMatchObject({
      baseSha: BASE,
      baseBranch: "main",
    });
    expect(await change("workflow_dispatch", payload, {}, { GITHUB_SHA: HEAD })).toMatchObject({
      baseSha: BASE,
      headBranch: "main",
    });
  });

  test("a scheduled run, whose payload names no repository", async () => {
    expect(await change("schedule", { schedule: "0 0 * * *" }, {}, { GITHUB_SHA: HEAD })).toMatchObject({
      defaultBranch: "main",
      headSha: HEAD,
      baseSha: BASE,
    });
  });

  test("a report: the measured run's head and number; a fork's pull request by its head; its branch called main writes nothing", async () => {
    const workflow_run = {
      id: 99,
      run_attempt: 3,
      head_sha: HEAD,
      head_branch: "main",
      head_repository: { full_name: "stranger/shop" },
      event: "pull_request",
      conclusion: "success",
      pull_requests: [],
    };
    const found = await change("workflow_run", { workflow_run, repository });
    expect(found).toMatchObject({
      headSha: HEAD,
      pullRequest: 7,
      baseSha: BASE,
      measuredSha: MERGE,
      run: { id: 99, attempt: 3 },
    });
    expect(isFork(found)).toBe(true);
    expect(mayWriteBaseline(found)).toBe(false);
  });
});

test("whatever a payload holds, it is read or refused in words, and no commit is but hexadecimal", () => {
  const names = constantFrom(
    "pull_request",
    "push",
    "merge_group",
    "workflow_dispatch",
    "schedule",
    "workflow_run",
    "release",
    "pull_request_target",
  );
  assert(
    property(names, anything(), (eventName, payload) => {
      let seen: unknown;
      try {
        seen = readEvent({ eventName, payload, env }).githubSha;
      } catch (error) {
        seen = error instanceof SquallError ? MERGE : error;
      }
      expect(seen).toBe(MERGE);
    }),
  );
});
