import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { experimentsYaml, withExperiments } from "../../../src/config/discover/experiments-text.ts";
import type { Proposal } from "../../../src/config/discover/propose.ts";

const proposal = (name: string, reason = "Because."): Proposal => ({
  name,
  on: "llm",
  faults: [{ kind: "http-error", on: "llm", status: 429, headers: { "retry-after": "2" }, fraction: "20%" }],
  score: 1,
  reasons: [reason, "14 lines: look # like: rate limits."],
});

const ITEM = `- name: llm-x
  faults: [{ kind: http-error, on: llm, status: 429, headers: { retry-after: "2" }, fraction: 20% }]
`;
const at = (indent: number): string =>
  `# Because.\n# 14 lines: look # like: rate limits.\n${ITEM}`.replace(/^(?=.)/gm, " ".repeat(indent));

const HEAD = `# my suite
version: 1   # aligned by hand
service: {command: node x}

`;
const OWN = `experiments:
  # the first
  - name: mine
    faults: [{kind: pause}]   # odd spacing

  - name: other
    faults:
      - kind: pause
`;

describe("experiments put into a suite file", () => {
  test.each([
    {
      what: "a block list in the middle",
      before: `${HEAD}${OWN}`,
      after: "\n  # stays where it is\ngate: { budget: 44s }\n",
      indent: 2,
    },
    { what: "a block list at the end", before: `${HEAD}${OWN}`, after: "", indent: 2 },
    {
      what: "a list at the key's own indent",
      before: "a: 1\nexperiments:\n- name: mine\n  faults: []\n",
      after: "b: 2\n",
      indent: 0,
    },
    { what: "a deeper list", before: "experiments:\n      - name: mine\n", after: "b: 2\n", indent: 6 },
  ])("$what: they follow the last one, and every other byte stays", ({ before, after, indent }) => {
    expect(withExperiments(before + after, [proposal("llm-x")])).toBe(before + at(indent) + after);
  });

  test("a last line without its end gets one", () => {
    expect(withExperiments("experiments:\n  - name: mine", [proposal("llm-x")])).toBe(
      `experiments:\n  - name: mine\n${at(2)}`,
    );
  });

  test("without the key it is added at the end", () => {
    expect(withExperiments(HEAD, [proposal("llm-x")])).toBe(`${HEAD}\nexperiments:\n${at(2)}`);
  });

  test("line ends of Windows stay so", () => {
    const text = `${HEAD}${OWN}gate: 1\n`.replaceAll("\n", "\r\n");
    const merged = withExperiments(text, [proposal("llm-x")]) ?? "";
    expect(merged.replaceAll("\r\n", "")).not.toContain("\n");
    expect(merged.replaceAll("\r\n", "\n")).toBe(`${HEAD}${OWN}${at(2)}gate: 1\n`);
  });

  test.each([
    ["an empty list", `${HEAD}experiments: [] # none yet\ngate: 1 # kept\n`],
    ["nothing", `${HEAD}experiments:\ngate: 1 # kept\n`],
    ["a flow list", `${HEAD}experiments: [{ name: mine, faults: [] }]\ngate: 1 # kept\n`],
    ["JSON", JSON.stringify({ a: 1, experiments: [{ name: "mine" }], gate: 1 }, null, 2)],
    ["JSON without the key", JSON.stringify({ a: 1, gate: 1 })],
  ])("%s: the file is written anew, with its comments and order", (_, text) => {
    const merged = withExperiments(text, [proposal("llm-x")]) ?? "";
    const [before, after] = [text, merged].map((each) => parse(each) as { experiments?: unknown[] });
    expect(Object.keys(after ?? {}).filter((key) => key !== "experiments")).toEqual(
      Object.keys(before ?? {}).filter((key) => key !== "experiments"),
    );
    expect(after?.experiments?.slice(0, -1)).toEqual(before?.experiments ?? []);
    expect(after?.experiments?.at(-1)).toEqual({ name: "llm-x", faults: proposal("").faults });
    for (const [comment] of text.matchAll(/# (?:my suite|aligned by hand|kept)/g))
      expect(merged).toContain(comment);
  });

  test("anchors and what a file has before it are kept", () => {
    const text = `%YAML 1.2\n---\nx: &f { kind: pause }\nexperiments:\n  - name: mine\n    faults: [*f]\n`;
    expect(withExperiments(text, [proposal("llm-x")])).toBe(text + at(2));
  });

  test.each(["experiments: 5", "- a list", "a: [", "experiments: { a: 1 }"])("%s is refused", (text) => {
    expect(withExperiments(text, [proposal("llm-x")])).toBeNull();
  });

  test("no proposal leaves the text as it is", () => expect(withExperiments(OWN, [])).toBe(OWN));

  test("no reason can end its comment or add a key, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (reason) => {
        const text = experimentsYaml([proposal("llm-x", `${reason}\n- evil: true\r\u2028- evil: true`)]);
        expect(parse(text)).toEqual({ experiments: [{ name: "llm-x", faults: proposal("").faults }] });
      }),
    );
  });
});
