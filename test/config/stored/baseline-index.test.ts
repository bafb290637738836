import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BaselineIndex, decodeIndex, encodeIndex } from "../../../src/config/stored/baseline-index.ts";
import { SquallError } from "../../../src/core/errors.ts";

const INDEX: BaselineIndex = {
  schemaVersion: 1,
  kind: "squall-baseline-index",
  suite: "answers\n`",
  keep: 5,
  writes: 12,
  runs: [
    { id: "20260102T000000000Z-abc-1", suiteHash: "s", frameHash: "f", commit: null, startedAt: "2026" },
    { id: "20260103T000000000Z-abc-2", suiteHash: "s", frameHash: "", commit: "abc", startedAt: "" },
  ],
};
const OPTIONS = { file: "answers/index.json", remedy: "Delete it." };

/** A usable index, or our own error with file and remedy: anything else fails. */
const read = (content: Buffer): BaselineIndex | null => {
  try {
    return decodeIndex(content, OPTIONS);
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    expect([error.code, error.place]).toEqual(["baseline-invalid", OPTIONS.file]);
    expect(error.remedy).toContain("Delete it.");
    return null;
  }
};

describe("the index of stored runs", () => {
  it("is read as it was written", () => {
    expect(decodeIndex(encodeIndex(INDEX), OPTIONS)).toEqual(INDEX);
  });

  it("is refused or whole, whatever bytes were changed", () => {
    const content = encodeIndex(INDEX);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(content.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const changed = Buffer.from(content);
          for (const [at, byte] of changes) changed[at] = byte;
          const index = read(changed);
          for (const { id } of index?.runs ?? []) expect(id).toMatch(/^[A-Za-z0-9][\w.-]*$/);
        },
      ),
    );
  });

  it("is refused or whole, whatever JSON it is", () => {
    const plausible = fc.record(
      {
        schemaVersion: fc.oneof(fc.constant(1), fc.jsonValue()),
        kind: fc.constant("squall-baseline-index"),
        suite: fc.oneof(fc.string(), fc.jsonValue()),
        keep: fc.oneof(fc.nat(), fc.jsonValue()),
        writes: fc.oneof(fc.nat(), fc.double()),
        runs: fc.array(
          fc.record(
            {
              id: fc.oneof(fc.string(), fc.constantFrom("..", "a/b", "-x", "x", "")),
              suiteHash: fc.string(),
              frameHash: fc.string(),
              commit: fc.option(fc.string()),
              startedAt: fc.oneof(fc.string(), fc.jsonValue()),
            },
            { requiredKeys: ["id", "suiteHash", "frameHash", "commit"] },
          ),
          { maxLength: 4 },
        ),
      },
      { requiredKeys: ["schemaVersion", "kind", "suite"] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), plausible), (value) => {
        const index = read(Buffer.from(JSON.stringify(value)));
        const ids = index?.runs.map(({ id }) => id) ?? [];
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9][\w.-]*$/);
      }),
    );
  });

  it.each([
    ["of five megabytes", Buffer.alloc(5_000_000, " ")],
    [
      "of many runs",
      encodeIndex({
        ...INDEX,
        runs: Array.from({ length: 1001 }, (_, n) => ({
          ...(INDEX.runs[0] as BaselineIndex["runs"][number]),
          id: `r${n}`,
        })),
      }),
    ],
    ["with __proto__", Buffer.from('{"schemaVersion":1,"__proto__":{"kind":"squall-baseline-index"}}')],
  ])("is refused %s", (_, content) => {
    expect(read(content)).toBeNull();
  });
});
