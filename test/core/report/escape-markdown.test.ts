import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeBlock, escapeMarkdown } from "../../../src/core/report/escape-markdown.ts";
import { plainText } from "../../../src/core/report/plain-text.ts";

/** What a reader sees: entities and backslash escapes undone, the zero width break gone. */
const seen = (markdown: string): string =>
  markdown
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replaceAll("&#8203;", "")
    .replaceAll("&#36;", "$")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        "@team",
        "#12",
        "GH-1",
        "org/repo#3",
        "https://evil.example",
        "www.evil.example",
        "<!-- x -->",
        "<img src=x>",
        "|",
        "`",
        "``",
        "*",
        "_",
        "[a](b)",
        "![a](b)",
        "\\",
        "\n",
        "\r\n",
        "\u0000",
        "\u001b[31m",
        "\u202e",
        "\u200b",
        ":tada:",
        "$x$",
        "&#64;",
        "~~",
        "- ",
        "1. ",
        "# ",
        "> ",
        "\ud800",
        "a",
        " ",
        "---",
        "===",
      ),
    )
    .map((parts) => parts.join("")),
);

describe("text from names in Markdown", () => {
  it("is shown as it is, on one line", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(seen(escapeMarkdown(text))).toBe(plainText(text));
        expect(escapeMarkdown(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it("begins nothing that Markdown or GitHub would act on", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeMarkdown(text);
        // Without the escapes nothing active may be left. Each still stands between its neighbours: ":a:\`b:" is no ":a:b:".
        const active = escaped.replace(/\\[!-/:-@[-`{-~]/g, " ");
        expect(active).not.toMatch(/[`*_~|[\]\\<$]/);
        expect(active).not.toMatch(/&(?!amp;|lt;|#36;|#8203;)/);
        expect(active).not.toMatch(/@(?!&#8203;)|#\d(?!6;|203;)|GH-\d|:\/\/|www\./i);
        expect(escaped).not.toMatch(/^([-+=#>]|\d+[.)](\s|$))/);
        expect(active).not.toMatch(/:[a-z0-9_+-]+:/i);
      }),
    );
  });

  it.each([
    ["@octocat please", "@&#8203;octocat please"],
    ["fixes #1", "fixes #&#8203;1"],
    ["a|b", "a\\|b"],
    ["<!-- squall-report -->", "&lt;!-- squall-report -->"],
    ["one\n\n# two", "one # two"],
    ["- item", "\\- item"],
    ["1. item", "1\\. item"],
    ["&#64;octocat", "&amp;#&#8203;64;octocat"],
    ["a\u202eb\u200bc", "abc"],
    ["main@919ad74", "main@&#8203;919ad74"],
    ["0.4 % -> 6.1 %", "0.4 % -> 6.1 %"],
  ])("%j becomes %j", (text, escaped) => expect(escapeMarkdown(text)).toBe(escaped));

  it("is cut to a length without breaking a character", () => {
    expect(escapeMarkdown("😀".repeat(500), 10)).toBe(`${"😀".repeat(9)}…`);
    expect(escapeMarkdown("x".repeat(5_000_000), 10)).toBe("xxxxxxxxx…");
  });
});

describe("a command as a code block", () => {
  it("cannot be left by what it holds", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [fence = "", ...rest] = codeBlock(text).split("\n");
        expect(rest).toHaveLength(2);
        expect(rest[1]).toBe(fence.replace("sh", ""));
        expect(rest[0]).not.toContain(rest[1]);
      }),
    );
  });
});
