/** The service that a change is held against, from a real repository. */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReferenceSource } from "../../../src/core/suite.ts";
import { openReference } from "../../../src/surfaces/gate/pairs/open-reference.ts";
import { readSuite } from "../../../src/surfaces/gate/read-suite.ts";
import { freshRepository, type Repository } from "../../support/git/repository.ts";

const suiteText = (command: string): string => `version: 1
name: tiny
service: { command: ${command}, image: "shop:head", port: 8000 }
dependencies: { llm: { stub: openai } }
workload: { requests: requests.jsonl, rate: 40/s }
experiments:
  - { name: llm-fails, faults: [{ kind: http-error, on: llm, status: 503, fraction: 50% }] }
`;

let repository: Repository;
let runDirectory: string;
let base: string;
beforeAll(async () => {
  repository = await freshRepository();
  runDirectory = await mkdtemp(path.join(tmpdir(), "squall-open-"));
  base = await repository.commit("base", {
    "chaos/squall.yml": suiteText("node old.mjs"),
    "chaos/requests.jsonl": '{"id":"q","method":"GET","path":"/"}\n',
  });
  await repository.commit("head", { "chaos/squall.yml": suiteText("node new.mjs") });
});
afterAll(async () => {
  await repository[Symbol.asyncDispose]();
  await rm(runDirectory, { recursive: true, force: true });
});

const open = async (
  source: ReferenceSource,
  over: { readonly base?: string | null; readonly signal?: AbortSignal } = {},
) =>
  openReference({
    source,
    read: await readSuite(path.join(repository.directory, "chaos/squall.yml")),
    file: "chaos/squall.yml",
    base: over.base === undefined ? base : over.base,
    buildArgs: undefined,
    runDirectory,
    signal: over.signal ?? new AbortController().signal,
    progress: () => undefined,
  });

const worktrees = async (): Promise<number> => (await repository.git("worktree", "list")).split("\n").length;

describe("a checkout", () => {
  test("is the base's service in a folder of its own, and gone afterwards", async () => {
    const reference = await open({ type: "checkout", ref: "base" });
    expect(reference.suite.service.process?.command).toEqual(["node", "old.mjs"]);
    expect(reference.provenance.commit).toBe(base);
    expect(await readFile(path.join(reference.directory, "squall.yml"), "utf8")).toContain("old.mjs");
    await reference[Symbol.asyncDispose]();
    expect(existsSync(reference.directory)).toBe(false);
    expect(await worktrees()).toBe(1);
    // What is checked out here is as it was.
    expect(await repository.git("status", "--porcelain")).toBe("");
  });

  test("is prepared first, without what the gate's environment holds", async () => {
    process.env["SQUALL_TEST_TOKEN"] = "hunter2-hunter2";
    try {
      const script = "require('node:fs').writeFileSync('seen', JSON.stringify(process.env))";
      await using reference = await open({ type: "checkout", ref: "base", prepare: ["node", "-e", script] });
      expect(await readdir(reference.directory)).toContain("seen");
      expect(await readFile(path.join(reference.directory, "seen"), "utf8")).not.toContain("hunter2");
    } finally {
      delete process.env["SQUALL_TEST_TOKEN"];
    }
  });

  test("whose preparation fails or is interrupted leaves nothing behind, and says why", async () => {
    const failing = open({
      type: "checkout",
      ref: "base",
      prepare: ["node", "-e", "console.error('no such package'); process.exit(3)"],
    });
    await expect(failing).rejects.toMatchObject({
      code: "build-failed",
      message: expect.stringContaining("exit code 3"),
      detail: expect.arrayContaining([expect.stringContaining("no such package")]),
    });
    const never = ["node", "-e", "setInterval(() => {}, 1000)"];
    const interrupted = open(
      { type: "checkout", ref: "base", prepare: never },
      { signal: AbortSignal.abort() },
    );
    await expect(interrupted).rejects.toMatchObject({ code: "interrupted" });
    expect(await worktrees()).toBe(1);
  });

  test("of nobody knows what is refused, with what to do", async () => {
    await expect(open({ type: "checkout", ref: "base" }, { base: null })).rejects.toMatchObject({
      code: "argument-invalid",
      remedy: expect.stringContaining("--base main"),
    });
    await expect(open({ type: "checkout", ref: "gone" })).rejects.toMatchObject({
      code: "argument-invalid",
      remedy: expect.stringContaining("fetch-depth: 0"),
    });
    await expect(open({ type: "checkout", ref: "--upload-pack=x" })).rejects.toMatchObject({
      code: "argument-invalid",
    });
  });

  test("runs no hook of the repository", async () => {
    const hook = path.join(repository.directory, ".git/hooks/post-checkout");
    const { chmod, writeFile } = await import("node:fs/promises");
    await writeFile(hook, `#!/bin/sh\ntouch "${runDirectory}/hooked"\n`);
    await chmod(hook, 0o755);
    await (await open({ type: "checkout", ref: "base" }))[Symbol.asyncDispose]();
    expect(existsSync(path.join(runDirectory, "hooked"))).toBe(false);
  });
});

test("an image or a command stands in the place of the service's own", async () => {
  const image = await open({ type: "image", image: "shop:main" });
  expect(image.suite.service.container?.source).toEqual({ type: "image", image: "shop:main" });
  const command = await open({ type: "command", command: ["node", "main.mjs"] });
  expect(command.suite.service.process?.command).toEqual(["node", "main.mjs"]);
  expect(command.directory).toBe(path.join(repository.directory, "chaos"));
});
