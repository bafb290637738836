import * as fc from "fast-check";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { html } from "../../../../src/core/report/page/html.ts";
import { plainText } from "../../../../src/core/report/plain-text.ts";

interface Parsed {
  readonly textContent: string;
  readonly children: { readonly length: number };
  getAttributeNames(): readonly string[];
  getAttribute(name: string): string | null;
}

const parsed = (markup: string): Parsed => {
  const { document } = parseHTML(`<!doctype html><html><body>${markup}</body></html>`);
  return document.querySelector("body > p") as Parsed;
};

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        "<",
        ">",
        '"',
        "'",
        "&",
        "&lt;",
        "&#60;",
        "<script>",
        "</p>",
        "<!--",
        "]]>",
        "`",
        " ",
        "a",
      ),
    )
    .map((parts) => parts.join("")),
);

test("any text stays text, within an element and within an attribute", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const p = parsed(html`<p title="${text}">${text}</p>`.text);
      expect(p.children.length).toBe(0);
      expect(p.getAttributeNames()).toEqual(["title"]);
      // Spaces at the ends are kept, and are one each.
      expect(p.textContent.trim()).toBe(plainText(text, 2000));
      expect(p.getAttribute("title")?.trim()).toBe(plainText(text, 2000));
    }),
    { numRuns: 1000 },
  );
});

test("a space at an end parts two values, a line break becomes one", () => {
  expect(html`${"blocks"}${" (availability)"}`.text).toBe("blocks (availability)");
  expect(html`${"a\n"}${"b"}${" "}${""}c`.text).toBe("a b c");
});

test("what is markup already is not escaped again, lists are joined, nothing is nothing", () => {
  expect(
    html`<ul>${["<a>", "b"].map((each) => html`<li>${each}</li>`)}${null}${undefined}${3}</ul>`.text,
  ).toBe("<ul><li>&lt;a&gt;</li><li>b</li>3</ul>");
});
