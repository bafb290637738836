import { describe, expect, it } from "vitest";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import { resultFor, WORDS } from "./results.ts";

const plain = { color: false, width: 100 };

describe("the terminal report", () => {
  it.each(WORDS)("keeps to the width, and has no escapes without colour (%s)", (word) => {
    const text = renderTerminal(resultFor(word), plain);
    expect(text).not.toContain("\u001B");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("says the same words with colour", () => {
    for (const word of WORDS) {
      const coloured = renderTerminal(resultFor(word), { ...plain, color: true });
      const bare = coloured
        .split("\u001B")
        .map((part) => part.replace(/^\[\d+m/, ""))
        .join("");
      expect(bare).toBe(renderTerminal(resultFor(word), plain));
      expect(coloured).toContain("\u001B[1m");
    }
  });

  it("names seed and command", () => {
    const text = renderTerminal(resultFor("regressed"), plain);
    expect(text).toContain("Again: squall run --seed 1287 --experiment llm-rate-limited");
    expect(text).toContain("Seed:  1287");
  });

  it("tells what the run measured, with whole fault names where there is room", () => {
    const text = renderTerminal(resultFor("no-baseline"), plain);
    const lines = text.slice(text.indexOf("Answers")).split("\n");
    for (const name of ["calm traffic", "llm-rate-limited", "vector-slow", "service-killed"]) {
      expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(3);
    }
    expect(text).toMatch(/llm-rate-limited +1\.58 \(1\.57 x calm, struck 3\.9, most 5\) +1 \(most 1\)/);
  });

  it("lets no name write to the terminal", () => {
    const evil = "\u001B]0;owned\u0007\u001B[2J\r\n\u009b31m\u202Etxt";
    const base = resultFor("regressed");
    const text = renderTerminal(
      {
        ...base,
        reproduce: evil,
        scenarios: base.scenarios.map((scenario) => ({ ...scenario, description: evil })),
        measured: base.measured.map((each) => ({
          ...each,
          scenario: evil,
          calls: each.calls.map((calls) => ({ ...calls, edge: evil })),
        })),
        verdict: {
          ...base.verdict,
          headline: evil,
          findings: base.verdict.findings.map((finding, index) => ({
            ...finding,
            title: `${evil}${index}`,
            detail: [evil],
          })),
          comparisons: base.verdict.comparisons.map((each) => ({ ...each, scenario: evil, edge: evil })),
          hypotheses: base.verdict.hypotheses.map((each) => ({ ...each, text: evil, scenario: evil })),
        },
      },
      plain,
    );
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
