import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/core/diagnosis/outcome.ts";
import type { Remedy } from "../../../src/core/remedy/remedy.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { CACHE, errorSubject, HEDGE, RETRY, trial } from "../../support/trials.ts";
import { resultFor } from "./results.ts";

const FAILING = { errors: 30, hitErrors: 30, late: 30 };

const diagnosed = (...more: readonly Remedy[]): Result => ({
  ...resultFor("regressed"),
  diagnoses: [
    diagnose(errorSubject(), [
      trial(null, FAILING),
      trial(HEDGE, FAILING),
      trial(RETRY),
      trial(CACHE, {}, { invalid: "not tried: a cheaper one restored it" }),
      ...more.map((remedy) => trial(remedy)),
    ]),
  ],
});

describe("what would fix it", () => {
  test("is a table in the comment, with what restored it, what did nothing and what was not tried", () => {
    const text = renderMarkdown(diagnosed());
    expect(text).toContain("#### What would fix it");
    expect(text).toMatch(
      /\| one retry after 100 ms on llm \| errors \| 20 % \| 0 % \| 100 % \| ✅ restored it \|/,
    );
    expect(text).toMatch(/\| 20 % \| 20 % \| 0 % \| ➖ did nothing: no difference beyond chance \|/);
    expect(text).toMatch(/\| n\/a \| n\/a \| ⏭️ not tried: a cheaper one restored it \|/);
  });

  test("is on the terminal too", () => {
    const text = renderTerminal(diagnosed(), { color: false, width: 160 });
    expect(text).toContain("What would fix it\nfault");
    expect(text).toMatch(/one retry after 100 ms on\s/);
    expect(text).toContain("restored it");
  });

  test("is not spoken of where nothing was tried", () => {
    for (const word of ["pass", "regressed"] as const) {
      expect(renderMarkdown(resultFor(word))).not.toContain("fix it");
      expect(renderTerminal(resultFor(word), { color: false, width: 120 })).not.toContain("fix it");
    }
  });

  test("mentions nobody and breaks no table, whatever a stranger's samples name", () => {
    const hostile: Remedy = { on: "@everyone | <img src=x>\n# h\u202e", kind: "replica" };
    const text = renderMarkdown(diagnosed(hostile));
    expect(text).not.toMatch(/@everyone|<img|\u202e|\n# h/);
    const table = text.split("\n").filter((line) => line.includes("one more replica of"));
    expect(table).toHaveLength(1);
    expect(table[0]?.split(/(?<!\\)\|/)).toHaveLength(9);
  });
});
