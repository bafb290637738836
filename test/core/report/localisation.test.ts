import { expect, test } from "vitest";
import type { LocalisationResult } from "../../../src/core/localise/result.ts";
import { localisationLines, localisationMarkdown } from "../../../src/core/report/localisation.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { resultFor } from "./results.ts";

const found: LocalisationResult = {
  scenario: "llm-down",
  truth: ["llm"],
  suspects: [
    { place: "llm", type: "edge", score: 0.9, reasons: ["errors (5xx) 0 % -> 100 % of calls"] },
    { place: "client", type: "edge", score: 0.2, reasons: ["never shown"] },
  ],
  right: true,
  propagation: [
    { kind: "propagation", from: "llm", to: "client", text: "Clients' errors 0 % -> 90 % follow from llm." },
  ],
};
const missed: LocalisationResult = {
  scenario: "vector-slow",
  truth: ["vector"],
  suspects: [],
  right: false,
  propagation: [],
};

const withLocalisation = (localisation: readonly LocalisationResult[]): Result => ({
  ...resultFor("pass"),
  localisation,
});

test("one row a fault: first suspect, reasons, propagation, whether it was there, and the accuracy above", () => {
  const [section = ""] = localisationMarkdown(withLocalisation([found, missed]));
  expect(section).toContain("Where the faults were suspected: right in 1 of 2");
  expect(section).toMatch(
    /\| llm-down \| llm \| errors \(5xx\) 0 % -.{1,4} 100 % of calls; Clients' errors .* \| ✅ right \|/,
  );
  expect(section).toMatch(/\| vector-slow \| nothing deviated \| +\| ❌ it was vector \|/);
  expect(section).not.toContain("never shown");
});

test("one line on a terminal, with what was missed", () => {
  expect(localisationLines(withLocalisation([found, missed]))).toEqual([
    "Where the faults were, told from traffic and processes alone: right in 1 of 2; missed: vector-slow",
  ]);
  expect(localisationLines(withLocalisation([found]))).toEqual([
    "Where the faults were, told from traffic and processes alone: right in 1 of 1",
  ]);
});

test("reports have it where there is something to tell, and nothing of it where not", () => {
  const result = withLocalisation([found]);
  expect(renderMarkdown(result)).toContain("right in 1 of 1");
  expect(renderTerminal(result, { color: false, width: 100 })).toContain(
    "Where the faults were, told from traffic and processes alone: right in 1 of 1",
  );
  for (const none of [withLocalisation([]), resultFor("pass")])
    expect([...localisationMarkdown(none), ...localisationLines(none)]).toEqual([]);
});

test("a place's name cannot break the table, and many faults do not fill the page", () => {
  const hostile = {
    ...found,
    suspects: [{ ...(found.suspects[0] as (typeof found.suspects)[number]), place: "a|b\n<img>" }],
  };
  const [section = ""] = localisationMarkdown(withLocalisation(Array.from({ length: 70 }, () => hostile)));
  expect(section).not.toContain("<img>");
  expect(section.split("\n").filter((line) => line.startsWith("| llm-down"))).toHaveLength(60);
  expect(section).toContain("and 10 more in `result.json`");
});
