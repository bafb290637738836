import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { ProgressEvent } from "../../../src/run/ports.ts";
import { startProgress } from "../../../src/surfaces/gate/progress.ts";

const EVENTS: readonly ProgressEvent[] = [
  { phase: "start", text: "starting the service" },
  { phase: "calm-pass", text: "calm pass over 12 requests" },
  {
    phase: "window",
    text: "calm, round 1",
    window: 1,
    windows: 9,
    requests: 0,
    errors: 0,
    leftMs: 20_400,
  },
  {
    phase: "window",
    text: "calm, round 1",
    window: 1,
    windows: 9,
    requests: 20,
    errors: 1,
    leftMs: 19_900,
  },
  {
    phase: "window",
    text: "llm-fails, round 1",
    window: 2,
    windows: 9,
    requests: 60,
    errors: 4,
    leftMs: 18_000,
  },
];

/** What a stream of this kind was told, by the events in their order. */
const written = (stream: Partial<NodeJS.WriteStream>, quiet = false, inCi = false): string => {
  const sink = Object.assign(new PassThrough(), stream) as unknown as NodeJS.WriteStream;
  {
    using progress = startProgress(quiet, sink, inCi);
    for (const event of EVENTS) progress.on(event);
  }
  // Node 26 gives one piece a read, older ones all of them.
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = (sink as unknown as PassThrough).read() as Buffer | null;
    if (piece === null) return Buffer.concat(pieces).toString("utf8");
    pieces.push(piece);
  }
};

test("a log gets one plain line for each phase and window", () => {
  expect(written({ isTTY: false }).split("\n")).toEqual([
    "starting the service",
    "calm pass over 12 requests",
    "window 1/9: calm, round 1, 0 requests, 0 failed, 21 s of load left",
    "window 2/9: llm-fails, round 1, 60 requests, 4 failed, 18 s of load left",
    "",
  ]);
});

test("a terminal gets one line, rewritten at each event and gone at the end", () => {
  const text = written({ isTTY: true, columns: 100, rows: 30 });
  const shown = stripVTControlCharacters(text);
  // Every event, also those that a log leaves out.
  expect(shown).toContain("window 1/9: calm, round 1, 0 requests, 0 failed, 21 s of load left");
  expect(shown).toContain("window 1/9: calm, round 1, 20 requests, 1 failed, 20 s of load left");
  expect(shown).toContain("window 2/9: llm-fails, round 1, 60 requests, 4 failed, 18 s of load left");
  expect(screenOf(text)).toBe("");
});

test("a CI that gives its steps a terminal gets plain lines all the same", () => {
  expect(written({ isTTY: true, columns: 100, rows: 30 }, false, true)).toBe(written({ isTTY: false }));
});

test("quiet says nothing, wherever it is", () => {
  expect(written({ isTTY: true, columns: 100, rows: 30 }, true)).toBe("");
  expect(written({ isTTY: false }, true)).toBe("");
});

const ESCAPE = "\u001b[";

/** What stands on a screen after these bytes: lines, cursor up, erase line. Enough of ECMA-48 for one live line. */
const screenOf = (bytes: string): string => {
  const lines = [""];
  let row = 0;
  const write = (text: string): void => {
    const [first = "", ...rest] = text.replaceAll("\r", "").split("\n");
    lines[row] += first;
    for (const line of rest) {
      row++;
      lines[row] = (lines[row] ?? "") + line;
    }
  };
  const [plain = "", ...commands] = bytes.split(ESCAPE);
  write(plain);
  for (const command of commands) {
    const [whole = "", count = "", letter] = /^\??([\d;]*)([a-zA-Z])/.exec(command) ?? [];
    if (letter === "A") row = Math.max(0, row - Number(count === "" ? 1 : count));
    if (letter === "K") lines[row] = "";
    if (letter === "J") lines.splice(row, lines.length, "");
    write(command.slice(whole.length));
  }
  return lines.join("\n").trim();
};
