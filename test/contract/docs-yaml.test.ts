/** What our documents tell users to copy: suites that the real door takes, and commands that there are. */
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadRequestSet } from "../../src/config/request-set/load.ts";
import { parseSuite } from "../../src/config/suite.ts";
import { makePlan } from "../../src/run/plan/plan.ts";
import { readSuite } from "../../src/surfaces/gate/read-suite.ts";
import { type Block, type Document, placeOf, ROOT, readDocuments } from "../support/docs/blocks.ts";
import { knownCommands, shownCommands } from "../support/docs/commands.ts";
import { fragmentProblems } from "../support/docs/fragments.ts";

const STAND_IN = '{"id": "first", "method": "GET", "path": "/"}\n';

let directory = "";
let documents: readonly Document[] = [];
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-docs-"));
  documents = await readDocuments();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const blocksOf = (language: string): readonly Block[] =>
  documents.flatMap(({ blocks }) => blocks.filter((block) => block.language === language));

const valueOf = (block: Block): unknown => parse(block.text) as unknown;

const isWhole = (value: unknown): boolean => Object(value).version === 1;

const wholeSuites = (): readonly Block[] => blocksOf("yaml").filter((block) => isWhole(valueOf(block)));

/** The JSON lines after a suite, up to the next one; a stand-in where there are none. */
const requestsOf = (suite: Block): string => {
  const after = documents
    .flatMap(({ file, blocks }) => (file === suite.file ? blocks : []))
    .filter(({ line }) => line > suite.line);
  const next = after.find((block) => block.language === "yaml" && isWhole(valueOf(block)));
  const lines = after.find(({ language }) => language === "jsonl");
  return lines !== undefined && lines.line < (next?.line ?? Infinity) ? `${lines.text}\n` : STAND_IN;
};

/** What is wrong with each, by its place: an empty object where nothing is. */
const problems = async (
  blocks: readonly Block[],
  of: (block: Block) => Promise<readonly string[]> | readonly string[],
): Promise<Record<string, readonly string[]>> => {
  const found: Record<string, readonly string[]> = {};
  for (const block of blocks) {
    const wrong = await of(block);
    if (wrong.length > 0) found[placeOf(block)] = wrong;
  }
  return found;
};

describe("a whole suite in a document", () => {
  test("is there to be read: in the README, the guide and each recipe", () => {
    const files = new Set(wholeSuites().map(({ file }) => file));
    for (const file of ["README.md", "docs/getting-started.md", "docs/jobs.md"])
      expect(files).toContain(file);
    const recipes = documents.map(({ file }) => file).filter((file) => /^docs\/recipes\/[a-z]/.test(file));
    expect(recipes.length).toBeGreaterThanOrEqual(5);
    expect([...files]).toEqual(expect.arrayContaining(recipes));
  });

  test("is taken by the door of suites, with the requests beside it", async () => {
    expect(
      await problems(wholeSuites(), async (block) => {
        const folder = await mkdtemp(path.join(directory, "suite-"));
        const file = path.join(folder, "squall.yml");
        await writeFile(file, block.text);
        const requests = (parse(block.text) as { workload: { requests?: string } }).workload.requests;
        if (requests !== undefined) {
          await mkdir(path.dirname(path.join(folder, requests)), { recursive: true });
          await writeFile(path.join(folder, requests), requestsOf(block));
        }
        return await readSuite(file).then(
          () => [],
          (error: unknown) => [String(error)],
        );
      }),
    ).toEqual({});
  });

  test("gives no warning, and its budget is enough for what it asks", async () => {
    const guides = wholeSuites().filter(({ file }) => /recipes|getting-started/.test(file));
    expect(guides.length).toBeGreaterThanOrEqual(6);
    expect(
      await problems(guides, (block) => {
        const result = parseSuite(block.text, { file: "squall.yml" });
        if (!result.ok) return ["is no suite"];
        const warnings = result.warnings.map(({ message }) => message);
        if (result.suite.job !== undefined) return warnings;
        const { requests } = loadRequestSet(requestsOf(block), { file: "requests.jsonl" });
        const plan = makePlan({ suite: result.suite, requests, seed: 1, attributable: () => true });
        return [...warnings, ...plan.notes];
      }),
    ).toEqual({});
  });
});

test("a fragment of YAML fits into a suite, or is a workflow's", async () => {
  const fragments = blocksOf("yaml").filter((block) => !isWhole(valueOf(block)));
  expect(fragments.length).toBeGreaterThan(50);
  expect(await problems(fragments, (block) => fragmentProblems(valueOf(block)))).toEqual({});
});

test("lines of JSON are requests", async () => {
  const lines = blocksOf("jsonl");
  expect(lines.length).toBeGreaterThanOrEqual(4);
  expect(
    await problems(lines, (block) => {
      try {
        loadRequestSet(block.text, { file: "requests.jsonl" });
        return [];
      } catch (error) {
        return [String(error)];
      }
    }),
  ).toEqual({});
});

test("a command that is shown exists, with its flags", async () => {
  const known = await knownCommands();
  expect([...known.keys()]).toEqual(expect.arrayContaining(["run", "baseline", "validate"]));
  expect(known.get("run")).toContain("--experiment");
  const shown = documents.flatMap(({ blocks }) => blocks.flatMap(shownCommands));
  expect(shown.length).toBeGreaterThan(50);
  const wrong = shown.flatMap(({ block, text, name, flags }) => {
    const takes = known.get(name);
    if (takes === undefined) return [`${placeOf(block)}: squall ${text}: no command ${name}`];
    return flags
      .filter((flag) => !takes.has(flag))
      .map((flag) => `${placeOf(block)}: squall ${text}: ${name} takes no ${flag}`);
  });
  expect(wrong).toEqual([]);
});

test("a link to a file of the repository leads to one", async () => {
  const dead: string[] = [];
  for (const { file, links } of documents)
    for (const link of links) {
      const [target = ""] = link.split("#");
      if (target === "" || /^[a-z]+:/.test(target)) continue;
      await access(path.join(ROOT, path.dirname(file), target)).catch(() => dead.push(`${file}: ${link}`));
    }
  expect(dead).toEqual([]);
});
