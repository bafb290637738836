import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readComposeFile } from "../../../src/config/compose/compose.ts";
import { SquallError } from "../../../src/core/errors.ts";

const environment = { A: "one", LONG: "x".repeat(5000) };

/** What is wrong with how a text is read; nothing where it is read, or refused with place and words. */
const complaint = (text: string): string | null => {
  try {
    const found = readComposeFile(text, { file: "compose.yml", environment });
    for (const service of found.values())
      for (const volume of service.volumes)
        if (volume.type === "bind" && !/^\.(\/|$)/.test(volume.source)) return `bind from ${volume.source}`;
    return null;
  } catch (error) {
    if (!(error instanceof SquallError)) return `threw ${String(error)}`;
    if (error.code !== "suite-invalid") return error.code;
    if (!/^compose\.yml:\d+:\d+$/.test(error.place ?? "")) return `place ${error.place}`;
    if (error.detail.some((line) => /\p{Cc}/u.test(line))) return "control characters";
    return error.detail.length === 0 ? "no words" : null;
  }
};

const KEYS = [
  "services",
  "app",
  "image",
  "build",
  "context",
  "dockerfile",
  "args",
  "command",
  "entrypoint",
  "environment",
  "ports",
  "target",
  "expose",
  "volumes",
  "type",
  "source",
  "read_only",
  "depends_on",
  "deploy",
  "resources",
  "limits",
  "cpus",
  "mem_limit",
  "memory",
  "tmpfs",
  "shm_size",
  "working_dir",
  "user",
  "privileged",
  "extends",
  "x-a",
  "<<",
  "constructor",
  "__proto__",
  "toString",
  "0",
];
const WORDS = [
  "${A}",
  "${A:-${B}}",
  "${",
  "$",
  "$$",
  "${LONG}${LONG}",
  "../x:/y",
  "/etc:/etc",
  "./a:/b",
  "a:/b:ro",
  "8080:80",
  "1-9",
  "bind",
  "512m",
  "node 'a b'",
  "a | b",
  "\u001b[2J",
  "\u202e",
  "a\nb",
  "true",
  "__proto__=1",
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

describe("anything, as a compose file,", () => {
  test("is read or refused with its place: as text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(complaint(text)).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  test("is read or refused with its place: as a tree, whole or in the place of one key of a service", () => {
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), tree, (key, value) => {
        expect(complaint(stringify(value))).toBeNull();
        const service = Object.fromEntries([
          ["image", "a"],
          [key, value],
        ]);
        expect(complaint(JSON.stringify({ services: { app: service } }))).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
