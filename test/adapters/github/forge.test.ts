/** What the API may do to us, and what becomes of it: never half an answer, never a token in a message. */
import { describe, expect, test } from "vitest";
import { branchBaselineStore } from "../../../src/adapters/baselines/branch-store.ts";
import { connectForge, type Forge } from "../../../src/adapters/github/forge.ts";
import { forgeGitData } from "../../../src/adapters/github/git-data.ts";
import { readRepository } from "../../../src/adapters/github/pull-requests.ts";
import { profile } from "../../config/profiles.ts";
import { type GitHubServer, startGitHub } from "../../support/github/server.ts";

const connect = (github: GitHubServer, token = github.token(), log: string[] = []): Forge =>
  connectForge({
    token,
    apiUrl: github.apiUrl,
    repository: `${github.owner}/${github.repo}`,
    log: (line) => log.push(line),
    pauseScale: 0.001,
    timeoutMs: 500,
  });

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

describe("the data branch", () => {
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
