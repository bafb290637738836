import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseResult } from "../../../../src/config/result-file.ts";
import { byteLength } from "../../../../src/core/report/byte-length.ts";
import { formatMs } from "../../../../src/core/report/format.ts";
import { renderJobSummary } from "../../../../src/core/report/job-summary.ts";
import { renderJson } from "../../../../src/core/report/json.ts";
import { postmortemOf, renderPostmortem } from "../../../../src/core/report/postmortem/postmortem.ts";
import type { Statement } from "../../../../src/core/report/postmortem/statement.ts";
import { renderTerminal } from "../../../../src/core/report/terminal.ts";
import type { Result } from "../../../../src/core/verdict.ts";
import { GATED } from "../gated.ts";
import { JOB_RESULTS } from "../job-results.ts";
import { resultFor, WORDS } from "../results.ts";
import { FAILED } from "./failed-results.ts";

const UPDATE = process.env["UPDATE_GOLDEN"] === "1";
const DIRECTORY = path.join(import.meta.dirname, "../../../golden/report");

const everyStatement = (result: Result): readonly Statement[] =>
  (postmortemOf(result) ?? []).flatMap(({ statements }) => statements);

/** RFC 6901. */
const resolve = (document: unknown, pointer: string): unknown =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (value, part) =>
        typeof value === "object" && value !== null ? (value as Record<string, unknown>)[part] : undefined,
      document,
    );

const leaves = (value: unknown): readonly unknown[] =>
  typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [value];

/** How a number may be written: as itself, per cent, seconds, binary units, with up to three decimals. */
const writings = (value: number): ReadonlySet<string> => {
  const scales = [1, 100, 1 / 1000, 1 / 1024 ** 2, 1 / 1024 ** 3];
  const size = Math.abs(value);
  const fixed = scales.flatMap((scale) =>
    [0, 1, 2, 3].map((digits) => String(Number((size * scale).toFixed(digits)))),
  );
  const minutes = [value, value * 1000].flatMap((ms) => formatMs(ms).match(/\d+(?:\.\d+)?/g) ?? []);
  return new Set([...fixed, ...minutes]);
};

/** The level of every interval is the format's, not the run's. */
const numbersIn = (text: string): readonly string[] =>
  (text.replaceAll("95 % CI", "").match(/\d+(?:[.,]\d+)*/g) ?? []).map((number) =>
    number.replaceAll(/,(?=\d{3})/g, ""),
  );

const unfounded = (document: unknown, { text, sources }: Statement): readonly string[] => {
  const found = sources.flatMap((source) => leaves(resolve(document, source)));
  const texts = found.filter((leaf) => typeof leaf === "string");
  const numbers = found.filter((leaf) => typeof leaf === "number").map(writings);
  return numbersIn(text).filter(
    (number) =>
      !texts.some((each) => numbersIn(each).includes(number) || each.includes(number)) &&
      !numbers.some((each) => each.has(number)),
  );
};

describe("a post-mortem reads as its golden file", () => {
  const golden = { ...FAILED, "postmortem-job": JOB_RESULTS["job-regressed"] ?? (() => resultFor("pass")) };
  it.each(Object.entries(golden))("%s", (name, make) => {
    const file = path.join(DIRECTORY, `${name}.md`);
    const text = renderPostmortem(make()) ?? "";
    if (UPDATE) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });
});

describe("nothing in a post-mortem is invented", () => {
  const results: Readonly<Record<string, () => Result>> = {
    ...FAILED,
    regressed: () => resultFor("regressed"),
    ...JOB_RESULTS,
    ...GATED,
  };

  it.each(Object.entries(results))("every statement of %s rests on what result.json holds", (_, make) => {
    const document: unknown = JSON.parse(renderJson(make()));
    const statements = everyStatement(make());
    const wrong = statements.flatMap((statement) => {
      const { text, sources, absent = [] } = statement;
      const reasons = [
        ...(sources.length + absent.length === 0 ? ["no source"] : []),
        ...sources.filter((source) => resolve(document, source) === undefined),
        ...absent.filter((source) => resolve(document, source) !== undefined),
        ...unfounded(document, statement),
      ];
      return reasons.map((reason) => `${text} <- ${reason}`);
    });
    expect(wrong).toEqual([]);
  });

  it("is checked by a rule that finds a number from nowhere", () => {
    const statement: Statement = { text: "4.8 s, 71 % and 3", sources: ["/a", "/b"], as: "line" };
    expect(unfounded({ a: 4800, b: [0.71], c: 3 }, statement)).toEqual(["3"]);
  });

  it("says of what was not looked at that it was not", () => {
    const text = renderPostmortem(FAILED["postmortem-bare"]?.() ?? resultFor("pass")) ?? "";
    expect(text).toContain("Not measured in this run: when what happened; what detectors saw;");
    expect(text).toContain("Nothing was tried to restore it.");
    const explained = renderPostmortem(FAILED["postmortem-explained"]?.() ?? resultFor("pass"));
    expect(explained).not.toContain("Not measured in this run");
  });
});

describe("a post-mortem", () => {
  it("is of failed runs alone", () => {
    expect(WORDS.filter((word) => renderPostmortem(resultFor(word)) !== null)).toEqual(["regressed"]);
    // What a run saw that did not measure what it set out to blames nobody.
    const failed = resultFor("regressed").verdict.findings;
    const invalid = resultFor("invalid");
    expect(renderPostmortem({ ...invalid, verdict: { ...invalid.verdict, findings: failed } })).toBeNull();
    expect(GATED["gate-weakened"] && renderPostmortem(GATED["gate-weakened"]())).toBeNull();
  });

  it("is named in one line at the terminal and in the job summary, where there is one", () => {
    const postmortem = ".squall/2026-03-01-answers/postmortem.md";
    const options = { color: false, width: 100 };
    const result = resultFor("regressed");
    expect(renderTerminal(result, { ...options, files: { postmortem } })).toContain(
      `\nPost-mortem: ${postmortem}`,
    );
    expect(renderTerminal(result, options)).not.toContain("Post-mortem");
    expect(renderJobSummary(result, { files: { postmortem } })).toContain(`\nPost-mortem: ${postmortem}\n`);
    expect(renderJobSummary(result)).not.toContain("Post-mortem");
    const page = ".squall/2026-03-01-answers/report.html";
    expect(renderTerminal(result, { ...options, files: { page, postmortem } })).toContain(
      `\nReport: ${page}\nPost-mortem: ${postmortem}`,
    );
    expect(renderJobSummary(result, { files: { page } })).toContain(`\nReport: ${page}\n`);
  });

  it("tells what restored the steady state, and makes an action with an empty owner of it", () => {
    const text = renderPostmortem(FAILED["postmortem-explained"]?.() ?? resultFor("pass")) ?? "";
    expect(text).toMatch(/two attempts, 100 ms apart, on llm: restored it: errors 0\.5 %/);
    expect(text).toMatch(/^- \[ \] Decide on this in the service itself: two attempts.* Owner:$/m);
    expect(text).toMatch(/Add a signal that shows this/);
  });

  it("says that nothing that was tried restored it, where that is so", () => {
    const text = renderPostmortem(FAILED["postmortem-killed"]?.() ?? resultFor("pass")) ?? "";
    expect(text).toContain("Nothing that was tried restored it.");
    expect(text).toContain("injected at service, and was not found there");
  });

  it("of a stored result is the same as of the result itself", () => {
    for (const make of [...Object.values(FAILED), ...Object.values(JOB_RESULTS)]) {
      const stored = parseResult(renderJson(make()), { file: "result.json" });
      expect(renderPostmortem(stored)).toBe(renderPostmortem(make()));
    }
  });

  it("stays within its size, whatever was measured", () => {
    const result = FAILED["postmortem-explained"]?.() ?? resultFor("pass");
    const long = "[&<$".repeat(2000);
    const huge: Result = {
      ...result,
      notes: Array.from({ length: 5000 }, () => long),
      verdict: {
        ...result.verdict,
        findings: result.verdict.findings.flatMap((finding) =>
          Array.from({ length: 300 }, (_, index) => ({
            ...finding,
            scenario: `${long}${index}`,
            title: long,
            detail: Array.from({ length: 50 }, () => long),
          })),
        ),
      },
    };
    const text = renderPostmortem(huge) ?? "";
    expect(byteLength(text)).toBeLessThanOrEqual(256 * 1024);
    expect(text).toContain("## Reproduction");
    expect(text).toContain("The rest is in `result.json`");
  });
});
