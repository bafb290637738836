import { chmod, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gitAncestry,
  gitSourceFiles,
  repositoryRoot,
  resolveCommit,
} from "../../../src/adapters/git/checkout.ts";
import { SquallError } from "../../../src/core/errors.ts";
import { cloneOf, freshRepository, type Repository } from "../../support/git/repository.ts";

const NOWHERE = "1".repeat(40);

const refusal = async (promise: Promise<unknown>): Promise<SquallError> => {
  const error: unknown = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error instanceof SquallError) return error;
  throw error instanceof Error ? error : new Error("nothing was refused");
};

/**
 * root - a1 - a2 - merge   main
 *     \- b1 ------/        side
 *      \- c1               other
 */
const withHistory = async (): Promise<{ repository: Repository; at: Record<string, string> }> => {
  const repository = await freshRepository();
  const at: Record<string, string> = { root: await repository.commit("root") };
  await repository.git("checkout", "-q", "-b", "side");
  at["b1"] = await repository.commit("b1");
  await repository.git("checkout", "-q", "-b", "other", at["root"] as string);
  at["c1"] = await repository.commit("c1");
  await repository.git("checkout", "-q", "main");
  at["a1"] = await repository.commit("a1");
  at["a2"] = await repository.commit("a2");
  await repository.git("merge", "-q", "--no-ff", "-m", "merge", "side");
  at["merge"] = await repository.git("rev-parse", "HEAD");
  return { repository, at };
};

const emptyFolder = async (): Promise<{ directory: string } & AsyncDisposable> => {
  const directory = await realpath(await mkdtemp(path.join(tmpdir(), "squall-plain-")));
  return { directory, [Symbol.asyncDispose]: async () => rm(directory, { recursive: true, force: true }) };
};

describe("the history of a checkout", () => {
  it("counts the commits from an ancestor, all sides of a merge", async () => {
    const { repository, at } = await withHistory();
    await using _ = repository;
    const ancestry = gitAncestry(repository.directory);
    const distance = async (from: string, to: string) => ancestry.distance(at[from] ?? from, at[to] ?? to);
    expect(await distance("merge", "merge")).toBe(0);
    expect(await distance("a2", "merge")).toBe(2); // The merge, and b1.
    expect(await distance("root", "merge")).toBe(4);
    expect(await distance("c1", "merge")).toBeNull();
    expect(await distance("merge", "root")).toBeNull();
    expect(await distance(NOWHERE, "merge")).toBeUndefined();
    expect(await distance("root", NOWHERE)).toBeUndefined();
    // Short ids, names and options are no commits of a store.
    for (const odd of ["abc", "main", "", "--all", `${at["root"]}\n`, (at["root"] ?? "").slice(0, 12)]) {
      expect(await distance(odd, "merge")).toBeUndefined();
    }
  });

  it("finds the newest common ancestor", async () => {
    const { repository, at } = await withHistory();
    await using _ = repository;
    const ancestry = gitAncestry(repository.directory);
    const base = async (one: string, other: string) => ancestry.mergeBase(at[one] ?? one, at[other] ?? other);
    expect(await base("merge", "c1")).toBe(at["root"]);
    expect(await base("merge", "b1")).toBe(at["b1"]);
    expect(await base("merge", NOWHERE)).toBeNull();
    expect(await base("--all", "b1")).toBeNull();
    await repository.git("checkout", "-q", "--orphan", "alone");
    at["alone"] = await repository.commit("alone");
    expect(await base("alone", "merge")).toBeNull();
  });

  it("says nothing of what a shallow clone does not hold", async () => {
    const { repository, at } = await withHistory();
    await using _ = repository;
    await using clone = await cloneOf(repository, "--depth", "2", "--no-single-branch");
    const ancestry = gitAncestry(clone.directory);
    const { merge = "", a2 = "", c1 = "", root = "", a1 = "" } = at;
    expect(await ancestry.distance(merge, merge)).toBe(0);
    // All are here, an ancestor and one that is none; but with the history cut git counts 3 for the one, and would find no way
    // to other ancestors.
    expect(await ancestry.distance(a2, merge)).toBeUndefined();
    expect(await ancestry.distance(c1, merge)).toBeUndefined();
    expect(await ancestry.distance(a1, merge)).toBeUndefined();
    expect(await ancestry.mergeBase(root, a1)).toBeNull();
  });

  it("is an error where there is no repository", async () => {
    await using folder = await emptyFolder();
    const error = await refusal(gitAncestry(folder.directory).distance(NOWHERE, "2".repeat(40)));
    expect([error.code, error.message]).toEqual([
      "api-failed",
      expect.stringContaining("not a git repository"),
    ]);
    expect(error.remedy).toContain("inside a git checkout");
    const gone = await refusal(
      gitAncestry(path.join(folder.directory, "gone")).distance(NOWHERE, "2".repeat(40)),
    );
    expect(gone.message).toContain("no git here");
  });
});

describe("files at a commit", () => {
  it("are as they were then, byte for byte", async () => {
    await using repository = await freshRepository();
    const bytes = Buffer.from([0, 255, 13, 10, 200, 0, 27]);
    const first = await repository.commit("one", {
      "squall.yml": "suite: one\n",
      "a/b c/ü*.bin": bytes,
      ":(top)x": "magic",
      "-dash": "dash",
    });
    const second = await repository.commit("two", { "squall.yml": "suite: two\r\n" });
    const files = gitSourceFiles(repository.directory);
    expect(String(await files.read("squall.yml", first))).toBe("suite: one\n");
    expect(String(await files.read("squall.yml", second))).toBe("suite: two\r\n");
    expect(await files.read("a/b c/ü*.bin", first)).toEqual(bytes);
    expect(String(await files.read(":(top)x", first))).toBe("magic");
    expect(String(await files.read("-dash", first))).toBe("dash");
    expect(await files.read("a/b c/*", first)).toBeNull();
    expect(await files.read("none.yml", first)).toBeNull();
    expect(await files.read("a", first)).toBeNull();
  });

  it("are read from below the root too, and links are not followed", async () => {
    await using repository = await freshRepository();
    await mkdir(path.join(repository.directory, "sub"));
    await symlink("/etc/passwd", path.join(repository.directory, "link"));
    const commit = await repository.commit("one", { "squall.yml": "x" });
    await repository.git("add", "link");
    await repository.git("commit", "-q", "-m", "link");
    const head = await repository.git("rev-parse", "HEAD");
    const files = gitSourceFiles(path.join(repository.directory, "sub"));
    expect(String(await files.read("squall.yml", commit))).toBe("x");
    expect(await files.read("link", head)).toBeNull();
  });

  it("of a commit that is not here cannot be told", async () => {
    await using repository = await freshRepository();
    await repository.commit("one");
    const files = gitSourceFiles(repository.directory);
    for (const commit of [NOWHERE, "main", "--all", "HEAD"]) {
      const error = await refusal(files.read("squall.yml", commit));
      expect([error.code, error.remedy]).toEqual(["api-refused", expect.stringContaining("fetch-depth")]);
    }
  });

  it.each(["", "../x", "a/../../x", "/etc/passwd", "a//b", "./a", "a/", "a\0b"])(
    "are never outside: %j",
    async (file) => {
      await using repository = await freshRepository();
      const commit = await repository.commit("one", { a: "x" });
      expect((await refusal(gitSourceFiles(repository.directory).read(file, commit))).code).toBe(
        "argument-invalid",
      );
    },
  );
});

describe("a commit that a person names", () => {
  it("is found by branch, tag, id, and parent", async () => {
    const { repository, at } = await withHistory();
    await using _ = repository;
    const { merge = "", a2 = "", b1 = "", root = "" } = at;
    await repository.git("tag", "-a", "v1.0", "-m", "x", root);
    const resolve = async (name: string) => resolveCommit(repository.directory, name);
    expect(await resolve("HEAD")).toBe(merge);
    expect(await resolve("side")).toBe(b1);
    expect(await resolve("refs/heads/side")).toBe(b1);
    expect(await resolve("v1.0")).toBe(root);
    expect(await resolve(a2.slice(0, 12))).toBe(a2);
    expect(await resolve("HEAD~1")).toBe(a2);
    expect(await resolve("HEAD^2")).toBe(b1);
    expect(await resolve("nope")).toBeNull();
    expect(await resolve("HEAD~99")).toBeNull();
    await repository.git("tag", "tree", `${root}^{tree}`);
    expect(await resolve("tree")).toBeNull();
  });

  it("may be a branch that was only fetched", async () => {
    const { repository, at } = await withHistory();
    await using _ = repository;
    await using clone = await cloneOf(repository);
    expect(await resolveCommit(clone.directory, "side")).toBe(at["b1"]);
    expect(await resolveCommit(clone.directory, "origin/side")).toBe(at["b1"]);
  });

  it("is none outside of a repository", async () => {
    await using folder = await emptyFolder();
    expect(await resolveCommit(folder.directory, "HEAD")).toBeNull();
  });

  it.each([
    "--upload-pack=touch x",
    "-q",
    "",
    "a b",
    "a..b",
    "HEAD@{upstream}",
    ":/text",
    "main:squall.yml",
    "a\nb",
    "v1^{/text}",
    "HEAD^{tree}",
    "a*",
    "x".repeat(300),
    ".hidden",
    "a.lock",
    "a/",
  ])("is not %j", async (name) => {
    await using repository = await freshRepository();
    await repository.commit("one");
    expect((await refusal(resolveCommit(repository.directory, name))).code).toBe("argument-invalid");
  });

  it("is a whole id or nothing, whatever is asked", async () => {
    await using repository = await freshRepository();
    const commit = await repository.commit("one");
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.stringMatching(/^[-~^@{}:./a-fHEAD0-9]{1,12}$/),
          fc.constantFrom("HEAD", "main", "--help", "@", "HEAD^0"),
        ),
        async (name) => {
          const found = await resolveCommit(repository.directory, name).catch((error: unknown) => {
            if (error instanceof SquallError && error.code === "argument-invalid") return null;
            throw error;
          });
          expect([null, commit]).toContain(found);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the state of a checkout", () => {
  it("has a root, whatever the environment of a hook says", async () => {
    await using repository = await freshRepository();
    await using other = await freshRepository();
    const sub = path.join(repository.directory, "a b ");
    await mkdir(sub);
    await using folder = await emptyFolder();
    process.env["GIT_DIR"] = path.join(other.directory, ".git");
    try {
      expect(await repositoryRoot(sub)).toBe(repository.directory);
    } finally {
      delete process.env["GIT_DIR"];
    }
    expect(await repositoryRoot(folder.directory)).toBeNull();
    expect(await repositoryRoot(path.join(folder.directory, "gone"))).toBeNull();
  });

  it("is not guessed where git will not look: another user's checkout", async () => {
    await using repository = await freshRepository();
    const commit = await repository.commit("one");
    await chmod(repository.directory, 0o755);
    process.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1";
    try {
      for (const asked of [
        async () => repositoryRoot(repository.directory),
        async () => resolveCommit(repository.directory, "HEAD"),
        async () => gitAncestry(repository.directory).distance(NOWHERE, commit),
        async () => gitSourceFiles(repository.directory).read("x", commit),
      ]) {
        const error = await refusal(asked());
        expect([error.code, error.remedy]).toEqual(["api-failed", expect.stringContaining("safe.directory")]);
      }
    } finally {
      delete process.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"];
    }
  });
});
