import { expect, test } from "vitest";
import { forgeAncestry } from "../../../src/adapters/github/ancestry.ts";
import { readRepository } from "../../../src/adapters/github/pull-requests.ts";
import { forgeSourceFiles } from "../../../src/adapters/github/source-files.ts";
import { connectTo } from "../../support/github/connect.ts";
import { startGitHub } from "../../support/github/server.ts";

test.each(["github", "gitea"] as const)(
  "files of %s come byte for byte, whatever they hold; a folder is none; what is not there is null",
  async (kind) => {
    await using github = await startGitHub({ kind });
    const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00, 0xc3, 0x28, 0x80]);
    const commit = github.repository.commit({
      branch: "main",
      files: { "a/packed.gz": bytes, "a/list.json": "[1]", "squall.yml": "version: 1", empty: "" },
    });
    const files = forgeSourceFiles(connectTo(github));
    expect(await files.read("a/packed.gz", commit)).toEqual(bytes);
    expect((await files.read("a/list.json", commit))?.toString()).toBe("[1]");
    expect((await files.read("squall.yml", commit))?.toString()).toBe("version: 1");
    expect((await files.read("empty", commit))?.length).toBe(0);
    expect(await files.read("gone", commit)).toBeNull();
    await expect(files.read("a", commit)).rejects.toMatchObject({ code: "api-refused" });
    await expect(files.read("squall.yml", "0123456789abcdef0123456789abcdef01234567")).rejects.toMatchObject({
      code: "api-refused",
    });
  },
);

test("distances are git's; a stranger is null, an unknown commit undefined, a failure asked again", async () => {
  await using github = await startGitHub();
  const { repository } = github;
  const first = repository.commit({ branch: "main", files: { a: "1" } });
  const second = repository.commit({ branch: "main", files: { a: "2" } });
  const aside = repository.commit({ parents: [first], files: { a: "3" } });
  const ancestry = forgeAncestry(connectTo(github));
  github.fail({ path: /compare/ }, { status: 502 }, 4);
  await expect(ancestry.distance(first, second)).rejects.toMatchObject({ code: "api-failed" });
  expect(await ancestry.distance(first, second)).toBe(1);
  expect(await ancestry.distance(second, second)).toBe(0);
  expect(await ancestry.distance(aside, second)).toBeNull();
  expect(await ancestry.distance("0123456789abcdef0123456789abcdef01234567", second)).toBeUndefined();
  expect(await ancestry.mergeBase(aside, second)).toBe(first);
});

test("a page or nothing under a status that says all is well is a failure", async () => {
  await using github = await startGitHub();
  github.fail({ path: /./ }, { status: 200, headers: { "content-type": "text/html" }, body: "<html>" }, 9);
  await expect(readRepository(connectTo(github))).rejects.toMatchObject({ code: "api-failed" });
});
