import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { SquallError } from "../../../src/core/errors.ts";
import { parseTape } from "../../../src/sidecar/cassettes/parse-tape.ts";
import { startReplay } from "../../../src/sidecar/cassettes/replay.ts";
import { tapeHead, tapeLine } from "../../../src/sidecar/cassettes/tape.ts";

const GOOD = {
  fingerprint: "f",
  method: "GET",
  path: "/a",
  status: 200,
  headers: [["x", "y"]],
  headMs: 1,
  chunks: [{ atMs: 2, text: "a" }],
  endMs: 3,
  end: "complete",
};
const tape = (...lines: readonly unknown[]): string =>
  tapeHead() + lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");

const problem = (text: string): SquallError => {
  try {
    parseTape(text, "tape.jsonl");
  } catch (error) {
    if (error instanceof SquallError) return error;
    throw error;
  }
  throw new Error("was accepted");
};

test("a good tape is read; blank lines, a byte order mark and CRLF do no harm", () => {
  const text = `\uFEFF${tapeHead().trimEnd()}\r\n${JSON.stringify(GOOD)}\r\n\r\n`;
  expect(parseTape(text, "t").recordings).toMatchObject([
    { path: "/a", chunks: [{ bytes: Buffer.from("a") }] },
  ]);
});

test.each([
  ["", 1, "no JSON"],
  ["{}", 1, "first line must say"],
  ['{"squall":"cassette","version":2}', 1, "version 2 is not 1"],
  [tape(GOOD, "{"), 3, "no JSON"],
  [tape(GOOD, "", "[]"), 4, "the line is not an object"],
  [tape({ ...GOOD, fingerprint: 1 }), 2, "fingerprint"],
  [tape({ ...GOOD, status: 99 }), 2, "status 99"],
  [tape({ ...GOOD, status: 101 }), 2, "status 101"],
  [tape({ ...GOOD, status: "200" }), 2, 'status "200"'],
  [tape({ ...GOOD, headers: [["x", "a\r\nset-cookie: b"]] }), 2, "headers[0] has no header value"],
  [tape({ ...GOOD, headers: [["x y", "a"]] }), 2, "headers[0] has no header name"],
  [tape({ ...GOOD, headers: [["x", "a", "b"]] }), 2, "headers[0]"],
  [tape({ ...GOOD, headers: Array.from({ length: 501 }, () => ["x", "y"]) }), 2, "more than 500 headers"],
  [tape({ ...GOOD, headMs: -1 }), 2, "headMs -1"],
  [tape({ ...GOOD, headMs: 1e300 }), 2, "headMs 1e+300"],
  [tape({ ...GOOD, chunks: [{ atMs: 0, text: "a" }] }), 2, "chunks[0].atMs 0"],
  [tape({ ...GOOD, chunks: [{ atMs: 2 }] }), 2, "neither text nor base64"],
  [tape({ ...GOOD, chunks: [{ atMs: 2, base64: "***" }] }), 2, "neither text nor base64"],
  [tape({ ...GOOD, endMs: 1 }), 2, "endMs 1"],
  [tape({ ...GOOD, end: "sudden" }), 2, 'end "sudden"'],
  [tape({ ...GOOD, end: "\u001b[31m" }), 2, "end"],
])("a broken tape is refused with its line: %#", (text, line, message) => {
  const error = problem(text);
  expect(error.code).toBe("cassette-invalid");
  expect(error.place).toBe(`tape.jsonl:${line}`);
  expect(error.message).toContain(message);
  expect(error.remedy).toBeDefined();
  expect(error.message.includes("\u001b")).toBe(false);
});

test("any text is read or refused, never anything else", () => {
  assert(
    property(string({ maxLength: 200 }), (line) => {
      let code = "cassette-invalid";
      try {
        parseTape(`${tapeHead()}${line}`, "t");
      } catch (error) {
        code = error instanceof SquallError ? error.code : String(error);
      }
      expect(code).toBe("cassette-invalid");
    }),
  );
});

test("what is written is what is read", () => {
  const recording = {
    ...GOOD,
    end: "closed" as const,
    headers: [["X-A", "b"]] as const,
    chunks: [
      { atMs: 1.5, bytes: Buffer.from("é\u0000") },
      { atMs: 2, bytes: Buffer.from([255]) },
    ],
  };
  expect(parseTape(tapeHead() + tapeLine(recording), "t").recordings).toEqual([recording]);
});

test("a cassette that is not there is refused with its path and what to do", async () => {
  await expect(startReplay("/nowhere/tape.jsonl")).rejects.toMatchObject({
    code: "cassette-invalid",
    place: "/nowhere/tape.jsonl",
    remedy: expect.stringContaining("record"),
  });
});
