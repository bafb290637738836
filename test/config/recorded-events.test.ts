/** GitHub's own recorded payloads (scripts/github/recorded-events.ts), read to facts. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readEvent } from "../../src/config/action/event.ts";

const FOLDER = path.join(import.meta.dirname, "../fixtures/events");
const MERGE = "0123456789abcdef0123456789abcdef01234567";

interface Payload {
  readonly action?: string;
  readonly ref?: string;
  readonly deleted?: boolean;
  readonly repository: { readonly full_name: string };
  readonly workflow_run?: { readonly pull_requests: readonly unknown[] };
}

const recorded = (event: string): readonly Payload[] =>
  JSON.parse(readFileSync(path.join(FOLDER, `${event}.json`), "utf8")) as readonly Payload[];

/** What the runner says beside the payload. */
const facts = (eventName: string, payload: Payload, ref = payload.ref ?? "refs/heads/main") =>
  readEvent({
    eventName,
    payload,
    env: {
      GITHUB_REPOSITORY: payload.repository.full_name,
      GITHUB_SHA: MERGE,
      GITHUB_RUN_ID: "12",
      GITHUB_REF: ref,
    },
  });

describe("GitHub's recorded payloads", () => {
  test("of pull_request, whatever the action", () => {
    const payloads = recorded("pull_request");
    expect(new Set(payloads.map(({ action }) => action))).toContain("synchronize");
    for (const payload of payloads)
      expect(facts("pull_request", payload, "refs/pull/2/merge")).toEqual({
        event: "pull_request",
        repository: "Codertocat/Hello-World",
        defaultBranch: "master",
        run: { id: 12, attempt: 1 },
        githubSha: MERGE,
        branch: null,
        pullRequest: {
          number: 2,
          headSha: "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
          headBranch: "changes",
          headRepository: "Codertocat/Hello-World",
          baseBranch: "master",
          baseSha: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        },
      });
  });

  test("of push: a new branch has nothing before it, of a tag the runner names the commit, a deletion is refused", () => {
    const seen = new Set<string>();
    const payloads = recorded("push");
    const deletions = payloads.filter(({ deleted }) => deleted === true);
    expect(deletions.length).toBeGreaterThan(0);
    for (const payload of deletions) expect(() => facts("push", payload)).toThrow(/deleted/);
    for (const payload of payloads.filter(({ deleted }) => deleted !== true)) {
      const tag = payload.ref?.startsWith("refs/tags/") === true;
      seen.add(tag ? "tag" : "branch");
      expect(facts("push", payload)).toMatchObject({
        before: null,
        after: tag ? MERGE : "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        branch: tag ? null : "master",
        defaultBranch: "master",
      });
    }
    expect(seen).toEqual(new Set(["tag", "branch"]));
  });

  test("of merge_group", () => {
    for (const payload of recorded("merge_group"))
      expect(facts("merge_group", payload)).toMatchObject({
        headSha: "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d",
        baseSha: "380387fbc80638b734a49e1be1c4dfec1c01b33c",
        baseBranch: "main",
        pullRequest: 104,
        defaultBranch: "main",
      });
  });

  test("of workflow_dispatch, on the branch that the runner names", () => {
    for (const payload of recorded("workflow_dispatch"))
      expect(facts("workflow_dispatch", payload)).toMatchObject({
        event: "workflow_dispatch",
        githubSha: MERGE,
        branch: payload.ref?.replace("refs/heads/", ""),
      });
  });

  test("of workflow_run: the head that was measured; another repository's pull request is not this one's", () => {
    const payloads = recorded("workflow_run");
    expect(payloads.some((payload) => (payload.workflow_run?.pull_requests.length ?? 0) > 0)).toBe(true);
    for (const payload of payloads) {
      const found = facts("workflow_run", payload);
      if (found.event !== "workflow_run") throw new Error(found.event);
      expect([
        "5779607b49aab1200488439f02372c57b4f75444",
        "3484a3fb816e0859fd6e1cea078d76385ff50625",
      ]).toContain(found.measured.headSha);
      expect(found.measured).toMatchObject({ headRepository: "octo-org/octo-repo", pullRequests: [] });
    }
  });
});
