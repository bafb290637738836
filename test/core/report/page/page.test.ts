import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { Observation } from "../../../../src/core/observation.ts";
import type { Profile } from "../../../../src/core/profile.ts";
import { renderMarkdown } from "../../../../src/core/report/markdown.ts";
import { html } from "../../../../src/core/report/page/html.ts";
import { type PageInput, renderPage } from "../../../../src/core/report/page/page.ts";
import { headlineOf } from "../../../../src/core/report/summary.ts";
import { CASES, crowdedResult, sampled } from "../../../browser/cases.ts";
import { resultFor } from "../results.ts";

const bytes = (text: string): number => Buffer.byteLength(text);

const onlyPage = (word: "pass" | "regressed"): PageInput => ({
  result: resultFor(word),
  head: null,
  baselines: [],
});

/** As many requests as an hour of measuring gives, on the windows of a small run. */
const large = (profile: Profile, count: number): Profile => ({
  ...profile,
  observations: Array.from({ length: count }, (_, index): Observation => {
    const like = profile.observations[index % profile.observations.length] as Observation;
    return { ...like, slot: index, latencyMs: like.latencyMs * (1 + (index % 97) / 1000) };
  }),
});

describe("the page", () => {
  test.each(CASES.map(({ name, input }) => [name, input] as const))(
    "%s has the headline in the comment's words, as heading and as title",
    (_, input) => {
      const { result } = input();
      const { document } = parseHTML(renderPage(input()));
      const heading = (document.querySelector("h1")?.textContent ?? "").trim();
      expect(heading).toBe(headlineOf(result));
      expect(document.querySelector("title")?.textContent).toBe(`${heading} (${result.suite})`);
      const [first = ""] = renderMarkdown(result).split("\n");
      // The comment's escapes of Markdown and mentions are no words.
      const words = (text: string): string => text.replaceAll(/&#8203;|\\/g, "").replace(/^### \S+ /, "");
      expect(words(first)).toBe(heading);
    },
  );

  test("is the same for the same input", () => {
    expect(renderPage(sampled())).toBe(renderPage(sampled()));
  });

  test("stays below 1 MB for 60,000 requests under 60 faults with 600 comparisons", () => {
    const { head, baselines } = sampled();
    const result = crowdedResult(60);
    expect(result.verdict.comparisons).toHaveLength(600);
    const input = {
      result,
      head: large(head as Profile, 60_000),
      baselines: baselines.map((each) => large(each, 60_000)),
    };
    const page = renderPage(input);
    expect(bytes(page)).toBeLessThanOrEqual(1_000_000);
    expect(page).toContain('id="provenance"');
    expect(page).toContain('id="matrix"');
  });
});

describe("a page that grows too large", () => {
  /** Parts of so many KB each, by what is given up first. */
  const places = (sizes: Readonly<Record<string, readonly [kilobytes: number, expendable: number]>>) =>
    Object.entries(sizes).map(([id, [kilobytes, expendable]]) => ({
      expendable,
      make: () => ({
        id,
        title: id,
        body: html`${Array.from({ length: kilobytes }, () => "x".repeat(1000))}`,
      }),
    }));
  const sectionsOf = (page: string): readonly string[] =>
    [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id = ""]) => id);

  test.each([
    ["all fit", { a: [300, 0], b: [300, 2], c: [300, 1] }, ["a", "b", "c"]],
    ["the first is given up", { a: [300, 0], b: [300, 2], c: [500, 1] }, ["a", "b", "left-out"]],
    ["then the second", { a: [300, 0], b: [800, 2], c: [500, 1], d: [100, 3] }, ["a", "d", "left-out"]],
    ["what explains most always stays", { a: [1200, 0], b: [10, 1], c: [10, 9] }, ["a", "left-out"]],
  ] as const)("%s", (_, sizes, kept) => {
    const page = renderPage(onlyPage("pass"), places(sizes));
    expect(sectionsOf(page)).toEqual(kept);
    expect(page.includes("Some charts were left out")).toBe(kept.some((id) => id === "left-out"));
  });

  test("links to what is left of it alone", () => {
    const page = renderPage(onlyPage("pass"), places({ a: [600, 0], b: [600, 1] }));
    expect([...page.matchAll(/<li><a href="#([^"]+)"/g)].map(([, id]) => id)).toEqual(["a", "left-out"]);
  });

  test("a part that cannot be drawn says so in its place, and leaves the others", () => {
    const broken = {
      make: () => {
        throw new RangeError("<b>no room</b>");
      },
      expendable: 0,
    };
    const [whole] = places({ a: [10, 0] });
    const page = renderPage(onlyPage("pass"), whole === undefined ? [] : [broken, whole, broken]);
    expect(sectionsOf(page)).toEqual(["not-drawn-0", "a", "not-drawn-2"]);
    expect(page).toContain("RangeError: &lt;b&gt;no room&lt;/b&gt;");
  });
});
