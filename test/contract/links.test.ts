/** Relative links of the documentation lead to a file, and to a heading in it. */
import { readFileSync } from "node:fs";
import { glob, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { brokenLink, headingsOf, relativeLinksOf } from "../support/markdown.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const PLACES = ["*.md", "docs/**/*.md", "examples/**/*.md"];

const documents = async (): Promise<string[]> => {
  const found: string[] = [];
  const exclude = (name: string): boolean => /(?:^|\/)(?:node_modules|\.venv)$/.test(name);
  for (const place of PLACES)
    for await (const name of glob(place, { cwd: ROOT, exclude })) found.push(path.join(ROOT, name));
  return found;
};

test("every relative link of the documentation leads somewhere", async () => {
  const files = await documents();
  const links = files.flatMap((file) =>
    relativeLinksOf(readFileSync(file, "utf8")).map((target) => ({ file, target })),
  );
  expect(files.map((file) => path.relative(ROOT, file))).toContain("README.md");
  expect(links.length).toBeGreaterThan(50);
  const broken = links.flatMap(({ file, target }) => {
    const problem = brokenLink(file, target);
    return problem === null ? [] : [`${path.relative(ROOT, file)}: ${problem}`];
  });
  expect(broken).toEqual([]);
});

test("anchors are GitHub's", () => {
  const text = "# One `two`: three!\n## Same\n## Same\n```\n# no heading\n```\n### [A link](x.md) & more\n";
  expect(headingsOf(text).map(({ anchor }) => anchor)).toEqual([
    "one-two-three",
    "same",
    "same-1",
    "a-link--more",
  ]);
});

test("links are found, those to other sites and those in code are not", () => {
  const text =
    '[a](b.md#c) ![d](e.png "title") [f](https://example.org) [g](mailto:a@b) `[h](i.md)`\n[j]: k.md\n```\n[l](m.md)\n```\n';
  expect(relativeLinksOf(text)).toEqual(["b.md#c", "e.png", "k.md"]);
});

test("a link to no file and a link to no heading are seen", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "squall-links-"));
  try {
    const file = path.join(directory, "a.md");
    await writeFile(file, "# Here\n");
    expect(brokenLink(file, "#here")).toBeNull();
    expect(brokenLink(file, "a.md#here")).toBeNull();
    expect(brokenLink(file, "none.md")).toContain("no none.md");
    expect(brokenLink(file, "a.md#there")).toContain("#there");
    expect(brokenLink(file, "#there")).toContain("#there");
  } finally {
    await rm(directory, { recursive: true });
  }
});
