/** docs/troubleshooting.md and the codes of core/errors.ts are one list. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { SQUALL_ERROR_CODES, SquallError } from "../../src/core/errors.ts";
import { brokenLink, headingsOf, relativeLinksOf } from "../support/markdown.ts";

const FILE = path.resolve(import.meta.dirname, "../../docs/troubleshooting.md");
const TEXT = readFileSync(FILE, "utf8");

/** Verdicts have headings that begin with a code span too; an error's is the span alone. */
const sections = headingsOf(TEXT).filter(({ level, text }) => level === 3 && /^`[a-z-]+`$/.test(text));
const codeOf = (heading: string): string => heading.replaceAll("`", "");
const VERDICTS = ["inconclusive", "no-baseline"];

test("every code has one section, and no section has a code that does not exist", () => {
  const codes = sections.map(({ text }) => codeOf(text)).filter((code) => !VERDICTS.includes(code));
  expect(codes.toSorted()).toEqual(SQUALL_ERROR_CODES.toSorted());
});

test.each([...SQUALL_ERROR_CODES])("%s names the exit code it ends with", (code) => {
  const body = sections.find(({ text }) => codeOf(text) === code)?.body ?? "";
  const said = [...body.matchAll(/Exit code (\d+)/g)].map(([, number]) => Number(number));
  // As a command ends: 130 where it was interrupted, else the error's own.
  const { exitCode } = new SquallError(code, "");
  expect(said).toEqual([code === "interrupted" ? 130 : exitCode]);
});

test("a section is found by the code as its anchor", () => {
  const anchors = headingsOf(TEXT).map(({ anchor }) => anchor);
  for (const code of SQUALL_ERROR_CODES) expect(anchors).toContain(code);
});

test("its links lead somewhere", () => {
  const links = relativeLinksOf(TEXT);
  expect(links.length).toBeGreaterThan(10);
  expect(links.flatMap((target) => brokenLink(FILE, target) ?? [])).toEqual([]);
});
