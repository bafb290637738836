import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderJunit } from "../../../src/core/report/junit.ts";
import type { Result } from "../../../src/core/verdict.ts";
import { comparison, resultFor, WORDS } from "./results.ts";

/** Strict enough to refuse what an XML 1.0 parser refuses in a document of elements, attributes and text. */
const faults = (xml: string): readonly string[] => {
  const found: string[] = [];
  const must = (holds: boolean, what: string): void => {
    if (!holds) found.push(what);
  };
  must(!/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(xml), "a character XML cannot hold");
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  must(body !== xml, "no declaration");
  const open: string[] = [];
  const token =
    /<(\/?)([a-z]+)((?: [a-z]+="(?:[^<&"]|&(?:amp|lt|gt|quot|apos);)*")*)(\/?)>|((?:[^<&]|&(?:amp|lt|gt|quot|apos);)+)/gy;
  let end = 0;
  for (const [whole, closing, tag = "", attributes = "", empty] of body.matchAll(token)) {
    end += whole.length;
    if (tag === "") continue;
    const names = Array.from(attributes.matchAll(/ ([a-z]+)=/g), ([, key]) => key);
    must(new Set(names).size === names.length, `an attribute twice in ${tag}`);
    if (closing === "/") must(open.pop() === tag, `${tag} closed out of turn`);
    else if (empty !== "/") open.push(tag);
  }
  must(end === body.length, `not XML from ${body.slice(end, end + 20)}`);
  must(open.length === 0, "an element left open");
  return found;
};

const attribute = (xml: string, key: string): number =>
  Number(new RegExp(`<testsuites[^>]* ${key}="(\\d+)"`).exec(xml)?.[1]);

describe("JUnit", () => {
  it.each(WORDS)("is well-formed and its totals add up (%s)", (word) => {
    const xml = renderJunit(resultFor(word));
    expect(faults(xml)).toEqual([]);
    expect(attribute(xml, "tests")).toBe(xml.match(/<testcase /g)?.length);
    expect(attribute(xml, "failures")).toBe(xml.match(/<failure /g)?.length ?? 0);
    expect(attribute(xml, "errors")).toBe(xml.match(/<error /g)?.length ?? 0);
    expect(attribute(xml, "skipped")).toBe(xml.match(/<skipped /g)?.length ?? 0);
  });

  it("fails only where the verdict does", () => {
    const outcome = (word: Parameters<typeof resultFor>[0]) => {
      const xml = renderJunit(resultFor(word));
      return [attribute(xml, "failures") > 0, attribute(xml, "errors") > 0];
    };
    expect(outcome("pass")).toEqual([false, false]);
    expect(outcome("regressed")).toEqual([true, false]);
    expect(outcome("inconclusive")).toEqual([false, false]);
    expect(outcome("invalid")).toEqual([false, true]);
    expect(outcome("no-baseline")).toEqual([false, false]);
  });

  it("has one case for each primary metric of a scenario", () => {
    const base = resultFor("pass");
    const comparisons = [
      comparison({}),
      comparison({ metric: "hit50", unit: "ms" }),
      comparison({ metric: "p99", primary: false }),
    ];
    const xml = renderJunit({ ...base, verdict: { ...base.verdict, comparisons, hypotheses: [] } });
    const names = Array.from(xml.matchAll(/<testcase classname="[^"]*" name="([^"]*)"/g), ([, name]) => name);
    expect(names).toEqual(["verdict", "errors", "median latency of struck requests"]);
  });

  it("stays well-formed whatever the names hold", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "]]>",
        "<!--",
        "&x;",
        "\u0000\u0008\uFFFE",
        "\ud800",
        "\u009f",
        `"'><x/>`,
        `${"x".repeat(1999)}😀`,
      ),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const base = resultFor("regressed");
        const result: Result = {
          ...base,
          suite: one,
          reproduce: other,
          head: { ...base.head, provenance: { ...base.head.provenance, startedAt: other } },
          scenarios: base.scenarios.map((scenario) => ({ ...scenario, name: one, description: other })),
          verdict: {
            ...base.verdict,
            headline: one,
            findings: base.verdict.findings.map((finding) => ({
              ...finding,
              kind: "death",
              title: other,
              detail: [one],
            })),
            comparisons: base.verdict.comparisons.map((each) => ({ ...each, scenario: one, edge: other })),
            hypotheses: base.verdict.hypotheses.map((each) => ({ ...each, text: one, scenario: other })),
          },
        };
        expect(faults(renderJunit(result))).toEqual([]);
      }),
    );
  });
});
