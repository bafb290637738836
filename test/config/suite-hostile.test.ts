import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { formatProblems } from "../../src/config/problems.ts";
import { parseSuite } from "../../src/config/suite.ts";
import { FAULT_KINDS } from "../../src/core/fault-catalogue.ts";
import { suiteWith } from "./support.ts";

/** What is wrong with an answer: no problems where there is no suite, places outside the text, unprintable words. */
const complaints = (text: string): string[] => {
  const result = parseSuite(text, { file: "squall.yml" });
  const problems = result.ok ? result.warnings : result.problems;
  const lines = text.split(/\r\n|\r|\n/).length;
  const found = !result.ok && problems.length === 0 ? ["neither a suite nor a problem"] : [];
  for (const { line, column, message } of problems) {
    if (!(line >= 1 && line <= lines + 1)) found.push(`line ${line} of ${lines}`);
    if (!(column >= 1)) found.push(`column ${column}`);
    if (message === "") found.push("no message");
  }
  if (/[^\n\P{Cc}]/u.test(formatProblems(problems, text))) found.push("control characters");
  return found;
};

const KEYS = [
  "version",
  "service",
  "command",
  "env",
  "dependencies",
  "llm",
  "stub",
  "url",
  "workload",
  "requests",
  "rate",
  "deadlines",
  "experiments",
  "name",
  "faults",
  "kind",
  "on",
  "delay",
  "fraction",
  "expect",
  "errorRate",
  "callsPerRequest",
  "pack",
  "gate",
  "budget",
  "minEffect",
  "docker",
  "toxiproxy",
  "image",
  "build",
  "context",
  "compose",
  "file",
  "cpus",
  "cpuset",
  "files",
  "source",
  "target",
  "volumes",
  "engine",
  "job",
  "steps",
  "patterns",
  "restart",
  "at",
  "every",
  "save",
  "forSteps",
  "__proto__",
  "constructor",
  "0",
];
const WORDS = [
  "node a.js",
  "{{llm}}",
  "{{",
  "openai",
  "30/s",
  "2s",
  "<= 2%",
  "20%",
  "../x",
  "tcp://a:1",
  "\u001b[2J",
  "\u202e",
  "a\nb",
  ...FAULT_KINDS.slice(0, 12),
];

const { tree } = fc.letrec<{ tree: unknown; list: unknown[]; map: Record<string, unknown>; leaf: unknown }>(
  (tie) => ({
    leaf: fc.oneof(
      fc.constantFrom<unknown>(...WORDS),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: "binary" }),
    ),
    list: fc.array(tie("tree"), { maxLength: 4 }),
    map: fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), tie("tree"), {
      maxKeys: 6,
      noNullPrototype: true,
    }),
    tree: fc.oneof({ depthSize: "medium", withCrossShrink: true }, tie("leaf"), tie("map"), tie("list")),
  }),
);

describe("anything", () => {
  test("as text is a suite or positioned problems", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(complaints(text)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("made of YAML's own characters is a suite or positioned problems", () => {
    const pieces = fc.constantFrom(
      "&a ",
      "*a",
      "<<: ",
      "- ",
      ": ",
      "\n",
      "  ",
      "\t",
      "{",
      "}",
      "[",
      "]",
      "|",
      ">",
      "'",
      '"',
      "#",
      "!!map ",
      "---\n",
      "? ",
      "a",
      "1",
      "\r",
      "%YAML 1.1\n",
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join("")),
        (text) => {
          expect(complaints(text)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("as a tree of values is a suite or positioned problems", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(complaints(stringify(value))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("in the place of one part of a good suite is a suite or positioned problems", () => {
    const parts = fc.constantFrom(
      "service",
      "dependencies",
      "workload",
      "experiments",
      "gate",
      "runtime",
      "docker",
      "toxiproxy",
      "seed",
    );
    fc.assert(
      fc.property(parts, tree, (part, value) => {
        expect(complaints(suiteWith({ [part]: value }))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("among the parameters of a fault is a suite or positioned problems", () => {
    fc.assert(
      fc.property(fc.constantFrom(...FAULT_KINDS), tree, (kind, value) => {
        const fault =
          typeof value === "object" && !Array.isArray(value) ? { ...value, kind } : { kind, on: value };
        expect(complaints(suiteWith({ experiments: [{ name: "a", faults: [fault] }] }))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("called __proto__ changes no other object", () => {
    expect(complaints('version: 1\nservice:\n  env:\n    __proto__: { polluted: "yes" }\n')).toEqual([]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
