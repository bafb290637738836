import { Octokit } from "@octokit/rest";
import { describe, expect, test } from "vitest";
import { OPERATIONS } from "./description.ts";
import { ROUTES } from "./routes.ts";
import { SERVED } from "./served.ts";
import { type GitHubServer, startGitHub } from "./server.ts";

/** A small world in which every operation has something to answer. */
const world = async () => {
  const github = await startGitHub();
  const { repository } = github;
  const first = repository.commit({
    branch: "main",
    files: { "squall.yml": "suite: shop\n", "a/b.txt": "b" },
  });
  const head = repository.commit({ branch: "change", parents: [first], files: { "a/c.txt": "c" } });
  repository.openPull({ headSha: head, headBranch: "change", body: "What changed" });
  repository.label(1, "squall-accept", "octocat");
  repository.label(1, "wrong", "octocat");
  repository.unlabel(1, "wrong", "octocat");
  const comment = repository.addComment(1, "octocat", "Looks good").id;
  const run = repository.addRun({ headSha: head, headBranch: "change", event: "pull_request" }).id;
  const artifact = repository.addArtifact({ name: "squall", zip: Buffer.from("PK"), run }).id;
  return { github, first, head, comment, run, artifact };
};

type World = Awaited<ReturnType<typeof world>>;
type At = { readonly owner: string; readonly repo: string };

const newCheck = async (kit: Octokit, at: At, { head }: World): Promise<number> => {
  const annotation = {
    path: "squall.yml",
    start_line: 1,
    end_line: 1,
    annotation_level: "failure",
    message: "m",
  } as const;
  const output = { title: "Regressed", summary: "By 3 points", annotations: [annotation] };
  const made = await kit.rest.checks.create({
    ...at,
    name: "squall",
    head_sha: head,
    conclusion: "failure",
    output,
  });
  return made.data.id;
};

const CALLS: Record<(typeof SERVED)[number], (kit: Octokit, at: At, world: World) => Promise<unknown>> = {
  "actions/download-artifact": (kit, at, { artifact }) =>
    kit.rest.actions.downloadArtifact({
      ...at,
      artifact_id: artifact,
      archive_format: "zip",
      request: { redirect: "manual" },
    }),
  "actions/get-artifact": (kit, at, { artifact }) =>
    kit.rest.actions.getArtifact({ ...at, artifact_id: artifact }),
  "actions/get-workflow-run": (kit, at, { run }) => kit.rest.actions.getWorkflowRun({ ...at, run_id: run }),
  "actions/list-artifacts-for-repo": (kit, at) =>
    kit.rest.actions.listArtifactsForRepo({ ...at, name: "squall" }),
  "actions/list-workflow-run-artifacts": (kit, at, { run }) =>
    kit.rest.actions.listWorkflowRunArtifacts({ ...at, run_id: run }),
  "checks/create": newCheck,
  "checks/get": async (kit, at, world) =>
    kit.rest.checks.get({ ...at, check_run_id: await newCheck(kit, at, world) }),
  "checks/list-annotations": async (kit, at, world) =>
    kit.rest.checks.listAnnotations({ ...at, check_run_id: await newCheck(kit, at, world) }),
  "checks/list-for-ref": async (kit, at, world) => {
    await newCheck(kit, at, world);
    return kit.rest.checks.listForRef({ ...at, ref: world.head, check_name: "squall" });
  },
  "checks/update": async (kit, at, world) =>
    kit.rest.checks.update({
      ...at,
      check_run_id: await newCheck(kit, at, world),
      status: "completed",
      conclusion: "neutral",
    }),
  "git/create-blob": (kit, at) => kit.rest.git.createBlob({ ...at, content: "aGk=", encoding: "base64" }),
  "git/create-commit": async (kit, at, { first }) => {
    const { data } = await kit.rest.git.getCommit({ ...at, commit_sha: first });
    return kit.rest.git.createCommit({ ...at, message: "m", tree: data.tree.sha, parents: [first] });
  },
  "git/create-ref": (kit, at, { first }) =>
    kit.rest.git.createRef({ ...at, ref: "refs/heads/new", sha: first }),
  "git/create-tree": (kit, at) =>
    kit.rest.git.createTree({ ...at, tree: [{ path: "x/y", mode: "100644", type: "blob", content: "z" }] }),
  "git/delete-ref": (kit, at) => kit.rest.git.deleteRef({ ...at, ref: "heads/change" }),
  "git/get-blob": async (kit, at) => {
    const { data } = await kit.rest.git.createBlob({ ...at, content: "hi" });
    return kit.rest.git.getBlob({ ...at, file_sha: data.sha });
  },
  "git/get-commit": (kit, at, { head }) => kit.rest.git.getCommit({ ...at, commit_sha: head }),
  "git/get-ref": (kit, at) => kit.rest.git.getRef({ ...at, ref: "heads/main" }),
  "git/get-tree": (kit, at) => kit.rest.git.getTree({ ...at, tree_sha: "main", recursive: "1" }),
  "git/list-matching-refs": (kit, at) => kit.rest.git.listMatchingRefs({ ...at, ref: "heads/" }),
  "git/update-ref": (kit, at, { head }) =>
    kit.rest.git.updateRef({ ...at, ref: "heads/main", sha: head, force: false }),
  "issues/create-comment": (kit, at) => kit.rest.issues.createComment({ ...at, issue_number: 1, body: "b" }),
  "issues/delete-comment": (kit, at, { comment }) =>
    kit.rest.issues.deleteComment({ ...at, comment_id: comment }),
  "issues/get": (kit, at) => kit.rest.issues.get({ ...at, issue_number: 1 }),
  "issues/get-comment": (kit, at, { comment }) => kit.rest.issues.getComment({ ...at, comment_id: comment }),
  "issues/list-comments": (kit, at) =>
    kit.rest.issues.listComments({ ...at, issue_number: 1, per_page: 100 }),
  "issues/list-events": (kit, at) => kit.rest.issues.listEvents({ ...at, issue_number: 1 }),
  "issues/list-events-for-timeline": (kit, at) =>
    kit.rest.issues.listEventsForTimeline({ ...at, issue_number: 1 }),
  "issues/list-labels-on-issue": (kit, at) => kit.rest.issues.listLabelsOnIssue({ ...at, issue_number: 1 }),
  "issues/update-comment": (kit, at, { comment }) =>
    kit.rest.issues.updateComment({ ...at, comment_id: comment, body: "b" }),
  "pulls/get": (kit, at) => kit.rest.pulls.get({ ...at, pull_number: 1 }),
  "pulls/list": (kit, at) => kit.rest.pulls.list({ ...at, head: `${at.owner}:change`, state: "open" }),
  "rate-limit/get": (kit) => kit.rest.rateLimit.get(),
  "repos/compare-commits-with-basehead": (kit, at) =>
    kit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: "main...change" }),
  "repos/create-commit-status": (kit, at, { head: sha }) =>
    kit.rest.repos.createCommitStatus({
      ...at,
      sha,
      state: "success",
      context: "squall",
      description: "Passed",
    }),
  "repos/get": (kit, at) => kit.rest.repos.get(at),
  "repos/get-branch": (kit, at) => kit.rest.repos.getBranch({ ...at, branch: "main" }),
  "repos/get-collaborator-permission-level": (kit, at) =>
    kit.rest.repos.getCollaboratorPermissionLevel({ ...at, username: "octocat" }),
  "repos/get-combined-status-for-ref": (kit, at) =>
    kit.rest.repos.getCombinedStatusForRef({ ...at, ref: "main" }),
  "repos/get-commit": (kit, at) => kit.rest.repos.getCommit({ ...at, ref: "main" }),
  "repos/get-content": (kit, at) => kit.rest.repos.getContent({ ...at, path: "a/b.txt", ref: "main" }),
  "repos/list-commit-statuses-for-ref": (kit, at) =>
    kit.rest.repos.listCommitStatusesForRef({ ...at, ref: "main" }),
  "repos/list-commits": (kit, at, { head }) =>
    kit.rest.repos.listCommits({ ...at, sha: head, per_page: 100 }),
  "repos/list-pull-requests-associated-with-commit": (kit, at, { head }) =>
    kit.rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: head }),
  "users/get-authenticated": (kit) => kit.rest.users.getAuthenticated(),
};

const kitFor = (github: GitHubServer, login: string): Octokit =>
  new Octokit({ auth: github.token({ login }), baseUrl: github.apiUrl });

describe("what the stand-in serves", () => {
  test("is in GitHub's description, all of it and nothing else", () => {
    expect(Object.keys(ROUTES).sort()).toEqual([...SERVED].sort());
    expect([...OPERATIONS.keys()].sort()).toEqual([...SERVED].sort());
  });

  test.each(SERVED)("%s answers Octokit as GitHub describes it", async (operation) => {
    const arranged = await world();
    await using github = arranged.github;
    github.repository.collaborators.set("octocat", "admin");
    // Only a person's token has a user; only an app's may write checks.
    const login = operation === "users/get-authenticated" ? "octocat" : "github-actions[bot]";
    await CALLS[operation](kitFor(github, login), { owner: github.owner, repo: github.repo }, arranged);
    const served = github.requests.at(-1);
    expect(served).toMatchObject({ operation });
    expect(served?.status).toBeLessThan(400);
    expect(github.violations).toEqual([]);
  });
});

describe("what breaks GitHub's description", () => {
  const raw = async (github: GitHubServer, method: string, path: string, body?: object): Promise<number> => {
    const answer = await fetch(`${github.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${github.token()}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };

  test.each([
    ["an operation nobody knows", "POST", "/repos/acme/shop/blobs", {}, /no such operation/],
    [
      "a query parameter nobody knows",
      "GET",
      "/repos/acme/shop/pulls?perpage=3",
      undefined,
      /perpage is not known/,
    ],
    [
      "a parameter of the wrong kind",
      "GET",
      "/repos/acme/shop/pulls?per_page=many",
      undefined,
      /per_page.*integer/,
    ],
    ["a word that is none", "GET", "/repos/acme/shop/pulls?state=merged", undefined, /state/],
    ["a path parameter of the wrong kind", "GET", "/repos/acme/shop/pulls/one", undefined, /pull_number/],
    ["a missing body", "POST", "/repos/acme/shop/issues/1/comments", undefined, /body is missing/],
    ["a missing property", "POST", "/repos/acme/shop/issues/1/comments", {}, /required property 'body'/],
    [
      "a property nobody knows",
      "POST",
      "/repos/acme/shop/issues/1/comments",
      { body: "b", text: "t" },
      /\/text/,
    ],
    [
      "a body where none is taken",
      "GET_BODY",
      "/repos/acme/shop/git/refs/heads/x",
      { x: 1 },
      /takes no body/,
    ],
    [
      "a property inside that nobody knows",
      "POST",
      "/repos/acme/shop/check-runs",
      { name: "n", head_sha: "0", conclusion: "success", output: { title: "t", summary: "s", body: "b" } },
      /\/output\/body/,
    ],
    [
      "more than 50 annotations at once",
      "POST",
      "/repos/acme/shop/check-runs",
      {
        name: "n",
        head_sha: "0",
        conclusion: "success",
        output: {
          title: "t",
          summary: "s",
          annotations: Array.from({ length: 51 }, () => ({
            path: "a",
            start_line: 1,
            end_line: 1,
            annotation_level: "notice",
            message: "m",
          })),
        },
      },
      /NOT have more than 50 items/,
    ],
  ])("%s is a violation, and disposing throws", async (_, method, path, body, said) => {
    const github = await startGitHub();
    expect(await raw(github, method === "GET_BODY" ? "DELETE" : method, path, body)).toBeGreaterThanOrEqual(
      404,
    );
    expect(github.violations.join("\n")).toMatch(said);
    await expect(github[Symbol.asyncDispose]()).rejects.toThrow(said);
  });

  test("a wrong answer of the stand-in itself is a violation", async () => {
    const github = await startGitHub();
    github.repository.openPull({ headSha: github.repository.commit({ branch: "main" }) });
    github.repository.addComment(1, "octocat", "b", "yesterday");
    expect(await raw(github, "GET", "/repos/acme/shop/issues/1/comments")).toBe(200);
    await expect(github[Symbol.asyncDispose]()).rejects.toThrow(
      /answer 200: \/0\/(created|updated)_at.*date-time/,
    );
  });

  test("violations that a test provoked can be taken out", async () => {
    await using github = await startGitHub();
    await raw(github, "GET", "/nowhere");
    expect(github.forgiveViolations()).toHaveLength(1);
    expect(github.violations).toEqual([]);
  });
});
