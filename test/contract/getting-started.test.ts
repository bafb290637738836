/** docs/getting-started.md is pasted line by line: what it pastes fits its example, and what it shows is what comes out. */
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { proposeSuite } from "../../src/config/init/propose.ts";
import { formatProblems } from "../../src/config/problems.ts";
import { parseSuite } from "../../src/config/suite.ts";
import { type Block, ROOT, readDocuments } from "../support/docs/blocks.ts";

const EXAMPLE = path.join(ROOT, "examples/support-bot");

let directory = "";
let blocks: readonly Block[] = [];
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-guide-"));
  await cp(EXAMPLE, directory, { recursive: true });
  blocks = (await readDocuments()).find(({ file }) => file === "docs/getting-started.md")?.blocks ?? [];
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const shown = (language: string): string =>
  blocks.flatMap((block) => (block.language === language ? [block.text] : [])).join("\n");

const suite = (): string => blocks.find(({ language }) => language === "yaml")?.text ?? "";

test("`squall init` says of the example what the guide shows", async () => {
  const names = await readdir(EXAMPLE);
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(path.join(EXAMPLE, name), "utf8")] as const),
  );
  const proposal = proposeSuite(new Map(files));
  expect([...shown("text").matchAll(/^- (.*)$/gm)].map(([, note]) => note)).toEqual(proposal.notes);
  // What the guide keeps of the proposed suite.
  for (const line of ['  command: ["node", "server.js"]', "  ready: /healthz", "  slo: 2s"]) {
    expect(proposal.suite).toContain(line);
    expect(suite()).toContain(line);
  }
});

test("its patches fit the example, one after the other, and the program is still one", async () => {
  const patches = [...shown("sh").matchAll(/git apply <<'END'\n(.*?\n)END\n/gs)].map(
    ([, patch]) => patch ?? "",
  );
  expect(patches).toHaveLength(2);
  for (const patch of patches) {
    execFileSync("git", ["apply", "-"], { cwd: directory, input: patch });
    execFileSync(process.execPath, ["--check", "model.js"], { cwd: directory });
  }
  const model = await readFile(path.join(directory, "model.js"), "utf8");
  expect(model).toContain("await wait(seconds * 1000)");
  expect(model).toContain("response instanceof Error");
});

test("its two typing errors give the problems that it shows", () => {
  const wrong = suite()
    .replace("rate: 20/s", "ratee: 20/s")
    .replace("on: llm, fraction: 10%", "on: lmm, fraction: 10%");
  const result = parseSuite(wrong, { file: "squall.yml" });
  const lines = result.ok ? [] : formatProblems(result.problems, wrong).split("\n");
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(shown("text")).toContain(line);
});
