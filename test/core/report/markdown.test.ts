import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteLength } from "../../../src/core/report/byte-length.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { markerOf, readMarker, writeMarker } from "../../../src/core/report/marker.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { comparison, resultFor, WORDS } from "./results.ts";

/** A regressed result whose table has this many rows, each a scenario with a name of this length. */
const large = (rows: number, name = "fault"): Result => {
  const result = resultFor("regressed");
  const comparisons = Array.from({ length: rows }, (_, index) =>
    comparison({ scenario: `${name}-${index}`, label: "regressed", change: 0.05, head: 0.054 }),
  );
  return { ...result, verdict: { ...result.verdict, comparisons } };
};

const stepOf = (text: string): string => {
  if (text.includes("findings and figures are in")) return "headline";
  if (text.includes("the full matrix is in")) return "changed-only";
  return text.includes("Base against head") ? "charts" : "full";
};

describe("the pull request comment", () => {
  it.each(WORDS)("answers in its first three lines: may I merge, what broke, can I trust it (%s)", (word) => {
    const result = resultFor(word);
    const [merge, broke, trust] = renderMarkdown(result).split("\n\n");
    expect(merge).toMatch(/^### \S+ \S/);
    expect(broke?.length).toBeGreaterThan(20);
    expect(trust).toContain("b18e51d");
  });

  it("shows changed cells only, at most ten, and says how many more there are", () => {
    const text = renderMarkdown(large(25));
    const visible = text.slice(0, text.indexOf("<details>"));
    expect(visible.split("\n").filter((line) => line.startsWith("| fault-"))).toHaveLength(10);
    expect(visible).toContain("And 15 more rows");
    expect(visible).not.toContain("no change that matters |");
  });

  it("gives the worst scenario's most telling metric first", () => {
    const rows = renderMarkdown(resultFor("regressed"))
      .split("\n")
      .filter((line) => line.startsWith("| llm-rate-limited |"));
    expect(rows[0]).toContain(
      "| errors | 0.4 % | 6.1 % | +5.7 points (+3.9..+7.6) | +1 point | ❌ worse (availability) |",
    );
  });

  it.each(WORDS)("tells under a fold what the run measured, whatever it is compared with (%s)", (word) => {
    const text = renderMarkdown(resultFor(word));
    const folded = text.slice(text.indexOf("What this run measured"));
    expect(folded).toContain("| llm-rate-limited | 410 | 6.1 % | 311 ms | failed | 42 ms | 87 % |");
    expect(folded).toContain("| llm-rate-limited | 1.58 (1.57 x calm, struck 3.9, most 5) | 1 (most 1) |");
    expect(folded).toContain("| service-killed | 12 of 12, 5 falsely | 7 of 12 | 3 after 20 | 1 | 1 core |");
  });

  it("tells the first sixty scenarios, leaves out columns that hold nothing, and says how many more there are", () => {
    const result = resultFor("no-baseline");
    const [calm] = result.measured;
    if (calm === undefined) throw new Error("no calm traffic in the fixture");
    const measured = Array.from({ length: 70 }, (_, index) => ({ ...calm, scenario: `fault-${index}` }));
    const text = renderMarkdown({ ...result, measured });
    expect(text.split("\n").filter((line) => line.startsWith("| fault-"))).toHaveLength(3 * 60);
    expect(text).toContain("And 10 more in `result.json`.");
    expect(text).not.toContain("Recovery");
    expect(renderMarkdown({ ...result, measured: [] })).not.toContain("What this run measured");
  });

  it("shows no figures of a failed measurement as changes", () => {
    const result = resultFor("invalid");
    const verdict = { ...result.verdict, comparisons: [comparison({ label: "regressed" })] };
    const text = renderMarkdown({ ...result, verdict });
    expect(text.slice(0, text.indexOf("<details>"))).not.toContain("❌ worse");
  });

  it("steps down from charts to full to changed cells to headline, each as soon as the fuller one does not fit", () => {
    const result = large(200, "x");
    const charts = byteLength(renderMarkdown(result));
    expect(stepOf(renderMarkdown(result, { maxBytes: charts }))).toBe("charts");
    const full = byteLength(renderMarkdown(result, { maxBytes: charts - 1 }));
    expect(stepOf(renderMarkdown(result, { maxBytes: full }))).toBe("full");
    const changed = renderMarkdown(result, { maxBytes: full - 1 });
    expect(stepOf(changed)).toBe("changed-only");
    expect(stepOf(renderMarkdown(result, { maxBytes: byteLength(changed) }))).toBe("changed-only");
    expect(stepOf(renderMarkdown(result, { maxBytes: byteLength(changed) - 1 }))).toBe("headline");
  });

  it("stands just under and steps down just over 65,536 bytes, counted in UTF-8", () => {
    const at = (rows: number): string => renderMarkdown(large(rows, "größe"));
    // The largest number of rows that still fits whole, by halving.
    let [fits, over] = [1, 2000];
    while (over - fits > 1) {
      const middle = Math.floor((fits + over) / 2);
      if (["charts", "full"].includes(stepOf(at(middle)))) fits = middle;
      else over = middle;
    }
    const row = 200;
    expect(byteLength(at(fits))).toBeGreaterThan(65_536 - row);
    expect(byteLength(at(fits))).toBeLessThanOrEqual(65_536);
    expect(stepOf(at(over))).toBe("changed-only");
    expect(at(fits).length).toBeLessThan(byteLength(at(fits)));
  });

  it("fits 4,096 bytes whatever the names, with its marker", () => {
    const nasty = "@<|`*_[😀".repeat(20_000);
    const base = large(50, nasty);
    const result: Result = {
      ...base,
      suite: nasty,
      reproduce: nasty,
      notes: [nasty],
      scenarios: base.scenarios.map((scenario) => ({ ...scenario, name: nasty, description: nasty })),
      measured: base.measured.map((each) => ({ ...each, scenario: nasty })),
      head: { ...base.head, provenance: { ...base.head.provenance, branch: nasty, commit: nasty } },
      verdict: {
        ...base.verdict,
        headline: nasty,
        worstScenario: nasty,
        findings: base.verdict.findings.map((finding) => ({ ...finding, title: nasty, detail: [nasty] })),
      },
    };
    for (const maxBytes of [4096, 65_536]) {
      const text = renderMarkdown(result, { maxBytes, marker: { reportedAt: 0 } });
      expect(byteLength(text)).toBeLessThanOrEqual(maxBytes);
      const { suite, head } = markerOf(result, { reportedAt: 0 });
      expect(readMarker(text)).toMatchObject({ suite, head });
    }
    expect(() => renderMarkdown(result, { maxBytes: 100 })).toThrow(RangeError);
  });
});

const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "-->",
    "<!-- squall-report suite=other head=x seed=1 -->",
    "a\n<!-- squall-report suite=other head=x seed=1 -->",
    "</details>",
    "| a | b |",
    "```",
    "@all",
    "x -- y",
    "\ud800",
  ),
);

describe("the marker", () => {
  it("is the last line, and the only comment of the text, whatever the names hold", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const base = resultFor("regressed");
        const result: Result = {
          ...base,
          suite: one,
          reproduce: other,
          notes: [one, other],
          head: { ...base.head, provenance: { ...base.head.provenance, branch: one, commit: other } },
          scenarios: base.scenarios.map((scenario) => ({ ...scenario, description: other })),
          measured: base.measured.map((each) => ({
            ...each,
            scenario: one,
            calls: each.calls.map((calls) => ({ ...calls, edge: other })),
          })),
          verdict: {
            ...base.verdict,
            headline: one,
            findings: base.verdict.findings.map((f) => ({ ...f, title: one })),
          },
        };
        const text = renderMarkdown(result, { marker: { reportedAt: 17 } });
        const marker = markerOf(result, { reportedAt: 17 });
        expect(text.endsWith(writeMarker(marker))).toBe(true);
        expect(readMarker(text)).toEqual(marker);
        const outside = text.replace(/^(`{3,})sh\n.*\n\1$/gm, "");
        expect(outside.match(/<!--/g)).toHaveLength(1);
        expect(outside.match(/<(?!details>|\/details>|summary>|\/summary>|!--)/g)).toBeNull();
        expect(outside.match(/<details>/g)?.length).toBe(outside.match(/<\/details>/g)?.length);
      }),
      { numRuns: 60 },
    );
  });

  it("tells suites apart, also by the end of a very long name", () => {
    const marker = (suite: string): string =>
      markerOf({ ...resultFor("pass"), suite }, { reportedAt: 0 }).suite;
    expect(marker("a-b")).not.toBe(marker("a_b"));
    expect(marker(`${"x".repeat(500)}1`)).not.toBe(marker(`${"x".repeat(500)}2`));
  });

  it("is not read from anywhere but a last line of exactly its form", () => {
    const marker = {
      suite: "a",
      head: "b",
      seed: 3,
      run: 4,
      attempt: 1,
      reportedAt: 5,
      findings: ["a b/regression"],
    };
    const line = writeMarker(marker);
    expect(readMarker(`text\n\n${line}\n`)).toEqual(marker);
    expect(readMarker(`${line}\ntext`)).toBeNull();
    expect(readMarker(`text ${line}`)).toBeNull();
    expect(readMarker("")).toBeNull();
  });
});
