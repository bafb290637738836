import { Octokit } from "@octokit/rest";
import { describe, expect, test } from "vitest";
import { type GitHubServer, startGitHub } from "./server.ts";

const ignore = (): void => undefined;

const at = { owner: "acme", repo: "shop" };

const get = (github: GitHubServer, path = "/repos/acme/shop"): Promise<Response> =>
  fetch(`${github.apiUrl}${path}`, { headers: { authorization: `Bearer ${github.token()}` } });

const commentOn = (github: GitHubServer): Promise<Response> =>
  fetch(`${github.apiUrl}/repos/acme/shop/issues/1/comments`, {
    method: "POST",
    headers: { authorization: `Bearer ${github.token()}` },
    body: JSON.stringify({ body: "b" }),
  });

const withPull = async (): Promise<GitHubServer> => {
  const github = await startGitHub();
  github.repository.openPull({ headSha: github.repository.commit({ branch: "main" }) });
  return github;
};

describe("faults", () => {
  test("strike the matching requests, so often, and are no violation", async () => {
    await using github = await startGitHub();
    const fault = { status: 429, headers: { "retry-after": "7" }, body: { message: "slow down" } };
    github.fail({ method: "GET", path: /^\/repos\/acme\/shop$/u }, fault, 2);
    expect((await get(github, "/rate_limit")).status).toBe(200);
    const first = await get(github);
    expect([first.status, first.headers.get("retry-after")]).toEqual([429, "7"]);
    expect((await get(github)).status).toBe(429);
    expect((await get(github)).status).toBe(200);
  });

  test("drop: the request is not served; drop-after: it is, and nobody is told", async () => {
    await using github = await withPull();
    github.fail({ method: "POST" }, "drop");
    github.fail({ method: "POST" }, "drop-after");
    await expect(commentOn(github)).rejects.toThrow(/fetch failed/);
    expect(github.repository.commentsOf(1)).toHaveLength(0);
    await expect(commentOn(github)).rejects.toThrow(/fetch failed/);
    expect(github.repository.commentsOf(1)).toHaveLength(1);
    expect(github.requests.map(({ status }) => status)).toEqual([0, 0]);
  });

  test("truncate: the answer breaks off in the middle", async () => {
    await using github = await startGitHub();
    github.fail({}, "truncate");
    const answer = await get(github);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow(/terminated/);
  });

  test("a delay holds the answer back, and ends with the server", async () => {
    const github = await startGitHub();
    github.fail({}, { delayMs: 60 });
    const sent = performance.now();
    await get(github);
    expect(performance.now() - sent).toBeGreaterThan(55);
    github.fail({}, { delayMs: 3_600_000 });
    const arrived = Promise.withResolvers<void>();
    github.before(() => arrived.resolve());
    const held = get(github).catch(() => "closed");
    await arrived.promise;
    await github[Symbol.asyncDispose]();
    await held;
  });

  test("a hook orders racing requests", async () => {
    await using github = await withPull();
    const second = Promise.withResolvers<void>();
    github.before(async ({ body }) => {
      if (JSON.stringify(body).includes("late")) await second.promise;
    });
    const kit = new Octokit({ auth: github.token(), baseUrl: github.apiUrl });
    const write = (body: string) => kit.rest.issues.createComment({ ...at, issue_number: 1, body });
    const late = write("late");
    await write("early");
    second.resolve();
    await late;
    expect(github.repository.commentsOf(1).map(({ body }) => body)).toEqual(["early", "late"]);
  });
});

describe("headers", () => {
  test("tell the rate limit and an id on every answer, refusals too", async () => {
    await using github = await startGitHub();
    for (const answer of [await get(github), await get(github, "/repos/acme/shop/git/ref/heads/none")]) {
      expect(answer.headers.get("x-ratelimit-limit")).toBe("5000");
      expect(Number(answer.headers.get("x-ratelimit-reset"))).toBeGreaterThan(Date.now() / 1000);
      expect(answer.headers.get("x-github-request-id")).toMatch(/^[0-9A-F]+:[0-9A-F]+$/u);
    }
  });

  test("the token a request brought is recorded", async () => {
    await using github = await startGitHub();
    const auth = github.token();
    await new Octokit({ auth, baseUrl: github.apiUrl }).rest.repos.get(at);
    expect(github.requests).toMatchObject([
      { token: auth, method: "GET", path: "/repos/acme/shop", operation: "repos/get" },
    ]);
  });
});

describe("graphql", () => {
  test("knows the viewer, and what a test teaches it", async () => {
    await using github = await startGitHub();
    const kit = new Octokit({ auth: github.token({ login: "alice" }), baseUrl: github.apiUrl });
    expect(await kit.graphql("{ viewer { login } }")).toEqual({ viewer: { login: "alice" } });
    github.graphql(({ variables, login }) => ({ data: { seen: [login, variables["x"] ?? null] } }));
    expect(await kit.graphql("query($x: Int) { seen }", { x: 3 })).toEqual({ seen: ["alice", 3] });
    github.graphql(() => ({ errors: [{ type: "NOT_FOUND", message: "no such thing" }] }));
    await expect(kit.graphql("{ nothing }")).rejects.toThrow(/no such thing/);
  });
});

describe("Gitea", () => {
  const gitea = async () => {
    const github = await startGitHub({ kind: "gitea" });
    const head = github.repository.commit({ branch: "main", files: { "a.txt": "a" } });
    github.repository.openPull({ headSha: head });
    const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    const kit = new Octokit({ auth: github.token(), baseUrl: github.apiUrl, log: quiet });
    return { github, head, kit };
  };
  const statusOf = (asked: Promise<{ status: number }>): Promise<number> =>
    asked.then(({ status }) => status).catch((error: { status: number }) => error.status);

  test("comments, statuses and contents are there, in its own words", async () => {
    const { github, head, kit } = await gitea();
    await using _ = github;
    expect(github.apiUrl).toMatch(/\/api\/v1$/u);
    const comment = await kit.rest.issues.createComment({ ...at, issue_number: 1, body: "b" });
    expect(comment.data.user).toMatchObject({ login: "github-actions[bot]" });
    expect(comment.data.user).not.toHaveProperty("type");
    const status = await kit.rest.repos.createCommitStatus({ ...at, sha: head, state: "success" });
    expect(status.data).toMatchObject({ status: "success" });
    expect(status.data).not.toHaveProperty("state");
    expect(await statusOf(kit.rest.repos.getContent({ ...at, path: "a.txt" }))).toBe(200);
    expect(comment.headers["x-ratelimit-limit"]).toBeUndefined();
  });

  test("check runs, writing of git objects, GraphQL and the rate limit are not", async () => {
    const { github, head, kit } = await gitea();
    await using _ = github;
    expect(await statusOf(kit.rest.checks.create({ ...at, name: "n", head_sha: head }))).toBe(404);
    expect(await statusOf(kit.rest.git.createBlob({ ...at, content: "c" }))).toBe(404);
    expect(await statusOf(kit.rest.git.updateRef({ ...at, ref: "heads/main", sha: head }))).toBe(404);
    expect(await statusOf(kit.rest.rateLimit.get())).toBe(404);
    expect((await get(github, "/graphql")).status).toBe(404);
    github.forgiveViolations();
  });

  test("a path that GitHub does not know is a violation there too", async () => {
    const { github } = await gitea();
    await get(github, "/repos/acme/shop/anything");
    await expect(github[Symbol.asyncDispose]()).rejects.toThrow(/no such operation/);
  });
});
