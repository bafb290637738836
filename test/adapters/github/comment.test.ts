import { describe, expect, test } from "vitest";
import { findComment, publishComment } from "../../../src/adapters/github/comment.ts";
import { connectForge } from "../../../src/adapters/github/forge.ts";
import { suiteMark, writeMarker } from "../../../src/core/report/marker.ts";
import { connectTo } from "../../support/github/connect.ts";
import { type GitHubServer, startGitHub } from "../../support/github/server.ts";

const open = (github: GitHubServer) => {
  github.repository.commit({ branch: "main", files: { a: "1" } });
  return github.repository.openPull({
    headSha: github.repository.commit({ parents: [], files: { a: "2" } }),
  });
};

const body = (head: string, run: number, text = `run ${run}`, suite = "tiny"): string =>
  `${text}\n\n${writeMarker({ suite: suiteMark(suite), head, seed: 1, run, attempt: 1, reportedAt: 10, findings: [] })}`;

describe("our comment", () => {
  test("is created once, then updated; one for each suite", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    const forge = connectTo(github);
    const publish = async (run: number, suite: string) =>
      publishComment(forge, {
        pullRequest: pull.number,
        body: body(pull.headSha, run, `run ${run}`, suite),
        create: true,
      });
    expect((await publish(1, "tiny")).kind).toBe("created");
    expect((await publish(2, "tiny")).kind).toBe("updated");
    expect((await publish(2, "tiny")).kind).toBe("unchanged");
    expect((await publish(1, "other")).kind).toBe("created");
    expect(github.repository.commentsOf(pull.number).map((comment) => comment.body.split("\n")[0])).toEqual([
      "run 2",
      "run 1",
    ]);
  });

  test("in a locked conversation is refused with what helps, which is no permission", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    const message = "Unable to create comment because issue is locked.";
    github.fail({ method: "POST", path: /comments$/ }, { status: 403, body: { message } });
    const publish = publishComment(connectTo(github), {
      pullRequest: pull.number,
      body: body(pull.headSha, 1),
      create: true,
    });
    await expect(publish).rejects.toMatchObject({
      code: "api-refused",
      remedy: "Unlock the conversation, or leave the comment out: input comment: never.",
    });
  });

  test("is not created where there is nothing to say", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    const outcome = await publishComment(connectTo(github), {
      pullRequest: pull.number,
      body: body(pull.headSha, 1),
      create: false,
    });
    expect(outcome).toEqual({ kind: "nothing", url: null });
  });

  test("of an older run that finishes last leaves the newer one's as it is", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    const forge = connectTo(github);
    const publish = async (run: number) =>
      publishComment(forge, { pullRequest: pull.number, body: body(pull.headSha, run), create: true });
    await publish(8);
    expect((await publish(7)).kind).toBe("newer-exists");
    expect(github.repository.commentsOf(pull.number)[0]?.body).toContain("run 8");
  });

  test("of a head that is gone gives way, even to an earlier run of the head that is there", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    const forge = connectTo(github);
    const publish = async (head: string, run: number) =>
      publishComment(forge, { pullRequest: pull.number, body: body(head, run), create: true });
    const gone = "0123456789abcdef0123456789abcdef01234567";
    await publish(gone, 9);
    expect((await publish(pull.headSha, 8)).kind).toBe("updated");
    expect((await publish(gone, 10)).kind).toBe("newer-exists");
  });

  test("is found behind a thousand others, and a stranger's with our marker is not taken for it", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    for (let n = 0; n < 1000; n++) github.repository.addComment(pull.number, "octocat", `talk ${n}`);
    github.repository.addComment(pull.number, "stranger", body(pull.headSha, 99, "forged"));
    const forge = connectTo(github);
    expect(await findComment(forge, pull.number, "tiny")).toBeNull();
    await publishComment(forge, { pullRequest: pull.number, body: body(pull.headSha, 1), create: true });
    expect((await findComment(forge, pull.number, "tiny"))?.body).toContain("run 1");
  });

  test("of two runs that create at once only one stays, with the newer report", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    const publish = async (run: number) =>
      publishComment(connectTo(github), {
        pullRequest: pull.number,
        body: body(pull.headSha, run),
        create: true,
      });
    // Both have looked before either has written.
    let looked = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    github.before(async ({ method, path }) => {
      if (method !== "POST" || !path.endsWith("/comments")) return;
      if (++looked === 2) resolve();
      await promise;
    });
    await Promise.all([publish(1), publish(2)]);
    const comments = github.repository.commentsOf(pull.number);
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain("run 2");
  });

  test("that a newer run wrote into right after its creation stays as it is", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    // Between our POST and our look at the list another run brings the comment up to date.
    github.before(({ method, path }) => {
      const [comment] = github.repository.commentsOf(pull.number);
      if (method === "GET" && path.endsWith("/comments") && comment !== undefined)
        comment.body = body(pull.headSha, 9);
    });
    const outcome = await publishComment(connectTo(github), {
      pullRequest: pull.number,
      body: body(pull.headSha, 1),
      create: true,
    });
    expect(outcome.kind).toBe("newer-exists");
    expect(github.repository.commentsOf(pull.number)).toMatchObject([{ body: body(pull.headSha, 9) }]);
  });

  test("is created after all, and once, where its creation met a failure", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    github.fail({ method: "POST", path: /comments$/ }, { status: 502 });
    const publish = async () =>
      publishComment(connectTo(github), {
        pullRequest: pull.number,
        body: body(pull.headSha, 1),
        create: true,
      });
    expect((await publish()).kind).toBe("created");
    expect(github.repository.commentsOf(pull.number)).toHaveLength(1);
  });

  test("names the permission that is missing", async () => {
    await using github = await startGitHub();
    const pull = open(github);
    const forge = connectForge({
      token: github.token({ permissions: { contents: "read", "pull-requests": "read" } }),
      apiUrl: github.apiUrl,
      repository: `${github.owner}/${github.repo}`,
      log: () => undefined,
    });
    await expect(
      publishComment(forge, { pullRequest: pull.number, body: body(pull.headSha, 1), create: true }),
    ).rejects.toMatchObject({
      code: "api-refused",
      remedy: expect.stringMatching(/(issues|pull-requests): write/),
    });
  });
});
