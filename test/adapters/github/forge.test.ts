/** What the API may do to us, and what becomes of it: never half an answer, never a token in a message. */
import { describe, expect, test } from "vitest";
import { branchBaselineStore } from "../../../src/adapters/baselines/branch-store.ts";
import type { Forge } from "../../../src/adapters/github/forge.ts";
import { forgeGitData } from "../../../src/adapters/github/git-data.ts";
import { readRepository } from "../../../src/adapters/github/pull-requests.ts";
import { profile } from "../../config/profiles.ts";
import { connectTo } from "../../support/github/connect.ts";
import type { GraphqlHandler } from "../../support/github/graphql.ts";
import { type GitHubServer, startGitHub } from "../../support/github/server.ts";

const connect = (github: GitHubServer, token?: string, log: string[] = []): Forge =>
  connectTo(github, { log, timeoutMs: 500, ...(token === undefined ? {} : { token }) });

describe("a failure", () => {
  test.each([
    ["5xx once", { status: 502 }, 1],
    ["429 with retry-after", { status: 429, headers: { "retry-after": "2" } }, 1],
    ["a dropped connection", "drop", 1],
    ["a body cut off", "truncate", 1],
    ["no answer", { delayMs: 3000 }, 1],
  ] as const)("that passes is not seen: %s", async (_, fault, times) => {
    await using github = await startGitHub();
    github.fail({ path: /./ }, fault, times);
    expect(await readRepository(connect(github))).toEqual({ defaultBranch: "main" });
  });

  test.each([
    ["5xx", { status: 503 }, "api-failed"],
    ["429 for an hour", { status: 429, headers: { "retry-after": "3600" } }, "api-failed"],
    ["dropped connections", "drop", "api-failed"],
    ["bodies cut off", "truncate", "api-failed"],
    ["403", { status: 403 }, "api-refused"],
    ["404", { status: 404 }, "api-refused"],
    ["409", { status: 409 }, "api-refused"],
    ["422", { status: 422 }, "api-refused"],
  ] as const)("that stays is told, without the token: %s", async (_, fault, code) => {
    await using github = await startGitHub();
    github.fail({ path: /./ }, fault, 50);
    const log: string[] = [];
    const token = github.token();
    const error: unknown = await readRepository(connect(github, token, log)).catch((each: unknown) => each);
    expect(error).toMatchObject({ code, message: expect.stringContaining("Reading acme/shop") });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack, log])).not.toContain(
      token,
    );
  });
});

describe("pauses", () => {
  const answered = (github: GitHubServer) => github.requests.map(({ status }) => status);

  test("are as long as a date asks, too", async () => {
    await using github = await startGitHub();
    const log: string[] = [];
    const at = new Date(Date.now() + 30_000).toUTCString();
    github.fail({ path: /./ }, { status: 429, headers: { "retry-after": at } });
    await readRepository(connect(github, undefined, log));
    expect(log.join()).toMatch(/again in (29|30) s, as it asks/);
  });

  test("of a server that fails are the client's own: it is asked four times, whatever it asks for", async () => {
    await using github = await startGitHub();
    github.fail({ path: /./ }, { status: 503, headers: { "retry-after": "30" } }, 50);
    await expect(readRepository(connect(github))).rejects.toMatchObject({ code: "api-failed" });
    expect(answered(github)).toHaveLength(4);
  });

  test("that are too long are told, by the limit that is in force", async () => {
    await using github = await startGitHub();
    const headers = { "retry-after": "300", "x-ratelimit-reset": "4102444800" };
    github.fail(
      { path: /./ },
      { status: 403, headers, body: { message: "You have exceeded a secondary rate limit" } },
      9,
    );
    await expect(readRepository(connect(github))).rejects.toMatchObject({
      remedy: "Run the step again in 300 s.",
    });
  });
});

test("a token that the server says again is in no message", async () => {
  await using github = await startGitHub();
  const token = github.token();
  github.fail({ path: /./ }, { status: 403, body: { message: `${token} may not` } }, 9);
  const error: unknown = await readRepository(connect(github, token)).catch((each: unknown) => each);
  expect((error as Error).message).toContain("REDACTED may not");
});

/** GitHub's `updateRefs`, of one branch: compares, then moves. */
const updatesReferences =
  ({ repository }: GitHubServer): GraphqlHandler =>
  ({ query, variables }) => {
    const update = variables["update"] as Record<string, string>;
    const { name = "", beforeOid, afterOid = "" } = update;
    if (!query.includes("updateRefs") || repository.refs.get(name) !== beforeOid)
      return { errors: [{ type: "UNPROCESSABLE", message: "reference was not where it was said to be" }] };
    repository.refs.set(name, afterOid);
    return { data: { updateRefs: { clientMutationId: null } } };
  };

describe("a branch's history", () => {
  test("goes by compare and swap: not where the branch has moved on", async () => {
    await using github = await startGitHub();
    const from = github.repository.commit({ branch: "data", files: { a: "1" } });
    const root = github.repository.commit({ parents: [], files: { a: "1" } });
    github.graphql(updatesReferences(github));
    const git = forgeGitData(connect(github));
    expect(await git.replaceBranch?.("data", from, root)).toBe(true);
    expect(github.repository.branch("data")).toBe(root);
    const moved = github.repository.commit({ branch: "data", files: { a: "2" } });
    expect(await git.replaceBranch?.("data", root, from)).toBe(false);
    expect(github.repository.branch("data")).toBe(moved);
  });

  test("stays where the server refuses", async () => {
    await using github = await startGitHub();
    const from = github.repository.commit({ branch: "data", files: { a: "1" } });
    github.graphql(() => ({
      errors: [{ type: "FORBIDDEN", message: "Resource not accessible by integration" }],
    }));
    const replaced = forgeGitData(connect(github)).replaceBranch?.("data", from, from);
    await expect(replaced).rejects.toMatchObject({
      message: expect.stringContaining("Replacing branch data"),
    });
  });
});

describe("the data branch", () => {
  test("is refused where a folder of it is larger than an answer: what is not seen would be removed", async () => {
    await using github = await startGitHub();
    const files = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, name]));
    github.repository.commit({ branch: "squall-baselines", files });
    github.repository.maxTreeEntries = 3;
    await expect(
      branchBaselineStore({ git: forgeGitData(connect(github)) }).read("answers"),
    ).rejects.toMatchObject({ code: "api-refused", message: expect.stringContaining("more files than") });
  });

  test("takes the runs of twenty pushes at once, and loses none", async () => {
    await using github = await startGitHub();
    github.repository.commit({ branch: "main", files: { a: "1" } });
    const seeds = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(
      seeds.map(async (seed) =>
        branchBaselineStore({
          git: forgeGitData(connect(github)),
          sleep: async () => new Promise((resolve) => setImmediate(resolve)),
        }).append("answers", profile({ seed }, 5), 20),
      ),
    );
    const read = await branchBaselineStore({ git: forgeGitData(connect(github)) }).read("answers");
    expect(read?.profiles.map(({ seed }) => seed).toSorted((a, b) => a - b)).toEqual(seeds);
  }, 60_000);

  test("is none in an empty repository, and an error where it may not be read", async () => {
    await using github = await startGitHub({ private: true });
    const none = branchBaselineStore({ git: forgeGitData(connect(github)) });
    expect(await none.read("answers")).toBeNull();
    const blind = connect(github, github.token({ permissions: { metadata: "read" } }));
    await expect(branchBaselineStore({ git: forgeGitData(blind) }).read("answers")).rejects.toMatchObject({
      code: "api-refused",
      remedy: expect.stringContaining("contents: read"),
    });
  });
});
