/**
 * Whatever a suite, a branch or a service's error is called, every surface shows it as text: the Markdown that it becomes part of
 * has the same structure as with harmless names, read by a parser of GitHub's dialect.
 */

import * as fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { describe, expect, test } from "vitest";
import { annotationsOf } from "../../../src/core/report/annotations.ts";
import { byteLength } from "../../../src/core/report/byte-length.ts";
import { checkTexts } from "../../../src/core/report/check.ts";
import { renderJobSummary } from "../../../src/core/report/job-summary.ts";
import { renderJunit } from "../../../src/core/report/junit.ts";
import { renderMarkdown } from "../../../src/core/report/markdown.ts";
import { renderPostmortem } from "../../../src/core/report/postmortem/postmortem.ts";
import { statusDescription } from "../../../src/core/report/status.ts";
import { renderTerminal } from "../../../src/core/report/terminal.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { GATED } from "./gated.ts";
import { withTexts } from "./hostile.ts";
import { FAILED } from "./postmortem/failed-results.ts";
import { resultFor, WORDS } from "./results.ts";

const RESULTS: readonly Result[] = [
  ...WORDS.map(resultFor),
  ...[...Object.values(GATED), ...Object.values(FAILED)].map((make) => make()),
];

const HOSTILE = [
  "[a](https://evil.example)",
  "![a](https://evil.example/x.png)",
  "https://evil.example www.evil.example a@evil.example",
  "@octocat @org/team #123 GH-1 owner/repo#1 :boom:",
  "<b>x</b><img src=x onerror=alert(1)><script>alert(1)</script><details open>",
  "</details></summary><!-- ",
  "--> <!-- squall-report suite=other head=x seed=1 -->",
  "| a | b |",
  "a\n\n# heading\n\n- list\n\n> quote\n\n---\n",
  "```\ncode\n```",
  "`` ` `` ~~~ *a* _b_ **c** ~~d~~ \\",
  "$x$ $$y$$",
  "\u202Eevil\u2066\u200F\u200B\uFEFF",
  "\u001B[31mred\u001B[0m\u0000\u0007\u009B31m\r",
  "::error file=x::gone",
  "##[error]gone ##vso[task.setvariable]x",
  "\ud800 lone",
  "]]> &amp; &lt; \" '",
  "[^1] [x]: y",
  "1. item",
  "+ item",
] as const;

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.array(fc.constantFrom(...HOSTILE), { minLength: 2, maxLength: 3 }).map((parts) => parts.join(" ")),
);
/** By index: a counterexample names it, and does not print all of it. */
const result = fc.nat({ max: RESULTS.length - 1 });
const resultAt = (index: number): Result => RESULTS[index] ?? resultFor("pass");

const OPTIONS = { acceptLabel: "squall-accept", links: { run: "https://github.example/acme/shop/runs/1" } };

/** Every surface of Markdown. */
const documents = (of: Result, options = OPTIONS): readonly string[] => {
  const { summary, text } = checkTexts(of, options);
  return [
    renderMarkdown(of, { ...options, marker: { reportedAt: 1 } }),
    renderJobSummary(of, options),
    summary,
    text,
    renderPostmortem(of) ?? "",
  ];
};

const parsed = (markdown: string): Nodes =>
  fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });

/** Types of the tree in order, texts left out; neighbouring texts are one. */
const structure = (node: Nodes): string => {
  const inside = "children" in node ? node.children.map(structure) : [];
  const merged = inside.filter((each, index) => each !== "text" || inside[index - 1] !== "text");
  const html = node.type === "html" ? `:${node.value.replace(/squall-report.*-->/s, "squall-report")}` : "";
  return `${node.type}${html}${merged.length === 0 ? "" : `(${merged.join(" ")})`}`;
};

const textsOf = (node: Nodes): readonly string[] => {
  if (node.type === "text") return [node.value];
  return "children" in node ? node.children.flatMap(textsOf) : [];
};

/** What GitHub makes of plain text, beyond what the dialect's parser does. */
const REFERENCE = /(?:^|[^\w`])(?:@[a-z\d]|#\d|GH-\d|[\w-]+\/[\w-]+#\d)|:[a-z\d_+-]+:(?!\/)/i;
const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\u200B-\u200F\uFEFF]/u;

const summaryInFolds = (text: string): string => text.replaceAll(/<summary>.*?<\/summary>/gs, "<summary/>");

describe("hostile names in Markdown", () => {
  test("change nothing of what it is made of", () => {
    fc.assert(
      fc.property(result, hostileText, (index, text) => {
        const of = resultAt(index);
        const harmless = documents(withTexts(of, (place) => `name${place}`));
        const hostile = documents(withTexts(of, (place) => `${text}${place}`));
        for (const [place, document] of hostile.entries())
          expect(structure(parsed(summaryInFolds(document)))).toBe(
            structure(parsed(summaryInFolds(harmless[place] ?? ""))),
          );
      }),
      // Parsing is what takes long.
      { numRuns: 40 },
    );
  });

  test("are no mention, reference, link or emoji, and hide nothing", () => {
    fc.assert(
      fc.property(result, hostileText, (index, text) => {
        const of = resultAt(index);
        for (const document of documents(withTexts(of, (place) => `${text}${place}`))) {
          for (const shown of textsOf(parsed(document))) {
            // A break that is not seen stands in every would-be reference: without it there would be one.
            expect(shown).not.toMatch(REFERENCE);
            expect(shown.replaceAll("\u200B", "").replaceAll("\n", "")).not.toMatch(INVISIBLE);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("hostile names in plain text", () => {
  const plain = (of: Result): readonly string[] => [
    statusDescription(of),
    checkTexts(of).title,
    ...annotationsOf(of, new Map(), { path: "squall.yml", failures: 10, warnings: 10 }).flatMap(
      ({ title, message }) => [title, ...message.split("\n")],
    ),
  ];

  test("stay on their line, within limits, and control nothing", () => {
    fc.assert(
      fc.property(result, hostileText, fc.integer({ min: 1, max: 400 }), (index, text, times) => {
        const of = resultAt(index);
        const hostile = withTexts(of, (place) => `${text.repeat(times)}${place}`);
        for (const line of plain(hostile)) expect(line).not.toMatch(INVISIBLE);
        expect(Array.from(statusDescription(hostile)).length).toBeLessThanOrEqual(140);
        expect(checkTexts(hostile).title.length).toBeLessThanOrEqual(255);
        for (const { title, message, line } of annotationsOf(hostile, new Map(), {
          path: "squall.yml",
          failures: 10,
          warnings: 10,
        })) {
          expect(title.length).toBeLessThanOrEqual(255);
          expect(byteLength(message)).toBeLessThanOrEqual(64 * 1024);
          expect(line).toBe(1);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("are no command to the runner, and no escape to a terminal", () => {
    fc.assert(
      fc.property(result, hostileText, (index, text) => {
        const of = resultAt(index);
        const shown = renderTerminal(
          withTexts(of, (place) => `${text}${place}`),
          { color: false, width: 100 },
        );
        for (const line of shown.split("\n")) {
          expect(line).not.toMatch(/^\s*::|##(?:\[|vso\[)/);
          expect(line).not.toMatch(INVISIBLE);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("leave JUnit's XML well-formed, with as many cases", () => {
    const cases = (xml: string): number => {
      expect(XMLValidator.validate(xml)).toBe(true);
      const { testsuites } = new XMLParser({ ignoreAttributes: false, isArray: () => true }).parse(xml) as {
        testsuites: readonly { testsuite?: readonly { testcase?: readonly unknown[] }[] }[];
      };
      return (testsuites[0]?.testsuite ?? []).reduce((sum, { testcase }) => sum + (testcase?.length ?? 0), 0);
    };
    fc.assert(
      fc.property(result, hostileText, (index, text) => {
        const of = resultAt(index);
        const xml = renderJunit(withTexts(of, (place) => `${text}${place}`));
        expect(cases(xml)).toBe(cases(renderJunit(withTexts(of, (place) => `name${place}`))));
        expect(xml.replaceAll("\n", "")).not.toMatch(INVISIBLE);
      }),
      { numRuns: 150 },
    );
  });
});

describe("the check's and the summary's steps", () => {
  const large = (rows: number, name = "größe"): Result => {
    const of = resultFor("regressed");
    const [first] = of.verdict.comparisons;
    if (first === undefined) throw new Error("no comparison in the fixture");
    const comparisons = Array.from({ length: rows }, (_, index) => ({
      ...first,
      scenario: `${name}-${index}`,
      label: "regressed" as const,
    }));
    return { ...of, verdict: { ...of.verdict, comparisons } };
  };
  /** The largest number of rows for which the text is still whole, by halving. */
  const most = (isWhole: (of: Result) => boolean, over: number): number => {
    let [fits, beyond] = [1, over];
    while (beyond - fits > 1) {
      const middle = Math.floor((fits + beyond) / 2);
      if (isWhole(large(middle))) fits = middle;
      else beyond = middle;
    }
    return fits;
  };
  const CUT = "Shortened to fit";
  const ROW = 300;

  test.each([
    ["the check's text", (of: Result) => checkTexts(of).text, 65_535],
    ["the job summary", (of: Result) => renderJobSummary(of), 1024 * 1024],
  ] as const)("%s is whole just below its limit, and shorter just above", (_, render, limit) => {
    const whole = (of: Result): boolean => !render(of).includes(CUT);
    const fits = most(whole, 20_000);
    const text = render(large(fits));
    expect(byteLength(text)).toBeLessThanOrEqual(limit);
    expect(byteLength(text)).toBeGreaterThan(limit - ROW - 16 * 1024);
    const cut = render(large(fits + 1));
    expect(cut).toContain(CUT);
    expect(byteLength(cut)).toBeLessThan(byteLength(text));
  });

  test("the check's summary never exceeds its limit, whatever the names", () => {
    for (const name of ["@<|`*_[😀".repeat(5000), "x".repeat(100_000)]) {
      const of = withTexts(large(50), (index) => `${name}${index}`);
      const { title, summary, text } = checkTexts(of, OPTIONS);
      expect(title.length).toBeLessThanOrEqual(255);
      expect(byteLength(summary)).toBeLessThanOrEqual(65_535);
      expect(byteLength(text)).toBeLessThanOrEqual(65_535);
      expect(byteLength(renderJobSummary(of))).toBeLessThanOrEqual(1024 * 1024);
    }
  });
});
