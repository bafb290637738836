import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatProblems } from "../../src/config/problems.ts";
import { parseSuite } from "../../src/config/suite.ts";

/**
 * Every file in bad-suites/ is a suite that must be refused, and NAME.txt beside NAME.yml is what a person reads then.
 * `UPDATE_GOLDEN=1` writes the texts anew: read the difference before it is committed.
 */
const FOLDER = new URL("./bad-suites/", import.meta.url);
const update = process.env["UPDATE_GOLDEN"] === "1";
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".yml"))
  .map((name) => name.slice(0, -4));

describe("bad suite files", () => {
  test("are at least sixty", () => {
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  test.each(names)("%s is refused with its message", (name) => {
    const text = readFileSync(new URL(`${name}.yml`, FOLDER), "utf8");
    const result = parseSuite(text, { file: `${name}.yml` });
    expect(result.ok).toBe(false);
    const shown = result.ok ? "" : `${formatProblems(result.problems, text)}\n`;
    const golden = new URL(`${name}.txt`, FOLDER);
    if (update) writeFileSync(golden, shown);
    expect(existsSync(golden)).toBe(true);
    expect(shown).toBe(readFileSync(golden, "utf8"));
    expect(shown).toMatch(new RegExp(`^${name}\\.yml:\\d+:\\d+`));
  });

  test("every expected message belongs to a suite", () => {
    const texts = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));
    expect(texts.map((name) => name.slice(0, -4)).sort()).toEqual([...names].sort());
  });
});
