/** Log files as the runtimes write them, read from a real disk. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLog } from "../../../src/adapters/runtimes/log-file.ts";
import { type MatchesLine, readLogPattern } from "../../../src/config/log-pattern.ts";
import { countLogLines } from "../../../src/run/signals/log-signal.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");
const at = (ms: number): string => new Date(START + ms).toISOString();

const pattern = (text: string): MatchesLine => {
  const reading = readLogPattern(text);
  if (!reading.ok) throw new Error(reading.message);
  return reading.value;
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-log-signal-"));
});
afterAll(() => rm(directory, { recursive: true }));

let files = 0;
const file = async (...lines: readonly string[]): Promise<string> => {
  const place = path.join(directory, `${files++}.log`);
  await writeFile(place, lines.map((line) => `${line}\n`).join(""));
  return place;
};

const values = async (
  paths: readonly string[],
  patterns: readonly MatchesLine[],
  endMs = 2000,
  patienceMs = 60_000,
) =>
  (await countLogLines(paths, patterns, { runStartMs: START, endMs: START + endMs, patienceMs })).map(
    (samples) => samples.map(({ value }) => value),
  );

describe("log lines that match", () => {
  test("are counted by half seconds of the run, over all replicas, for each pattern", async () => {
    const one = await file(
      `${at(-10)} stderr ERROR before the run`,
      `${at(100)} stderr ERROR no model`,
      `${at(499)} stdout ERROR again`,
      `${at(500)} stderr WARN slow`,
      `${at(1600)} stderr ERROR`,
      `${at(2000)} stderr ERROR after the run`,
    );
    const two = await file(`${at(1700)} stdout ERROR`);
    const counted = await countLogLines([one, two], [pattern("^ERROR"), pattern("WARN")], {
      runStartMs: START,
      endMs: START + 2000,
    });
    expect(counted[0]).toEqual([
      { atMs: 500, value: 2 },
      { atMs: 1000, value: 0 },
      { atMs: 1500, value: 0 },
      { atMs: 2000, value: 2 },
    ]);
    expect(counted[1]?.map(({ value }) => value)).toEqual([0, 1, 0, 0]);
  });

  test("are the service's own: not squall's notes, nor what is no line of the file's form", async () => {
    const log = await file(
      `${at(100)} squall ERROR restarted`,
      "ERROR",
      `${at(100)}stderr ERROR`,
      "",
      "\u0000ERROR",
    );
    expect(await values([log], [pattern("ERROR")])).toEqual([[0, 0, 0, 0]]);
  });

  test("match without their colours", async () => {
    const log = await file(`${at(100)} stderr \u001B[31mERROR\u001B[0m no model`);
    expect(await values([log], [pattern("^ERROR no")])).toEqual([[1, 0, 0, 0]]);
  });

  test("are counted in lines longer than any memory should hold, by their beginning", async () => {
    const long = "x".repeat(3_000_000);
    const log = await file(
      `${at(100)} stdout ERROR ${long}`,
      `${at(600)} stdout ${long} ERROR`,
      `${at(1100)} stdout ERROR`,
    );
    expect(await values([log], [pattern("ERROR")])).toEqual([[1, 0, 1, 0]]);
  });

  test("are unknown from where the log's limit was reached", async () => {
    const log = await file(
      `${at(100)} stderr ERROR`,
      `${at(1100)} squall log limit of 5 bytes reached: the rest is dropped`,
    );
    expect(await values([log], [pattern("ERROR")])).toEqual([[1, 0, null, null]]);
  });

  test("are unknown without a log, and where one of them cannot be read", async () => {
    const log = await file(`${at(100)} stderr ERROR`);
    const nothing = [[null, null, null, null]];
    expect(await values([], [pattern("ERROR")])).toEqual(nothing);
    expect(await values([log, path.join(directory, "none.log")], [pattern("ERROR")])).toEqual(nothing);
  });

  test("are unknown from where there was no more time", async () => {
    const log = await file(`${at(600)} stderr ERROR`, `${at(1600)} stderr ERROR`);
    expect(await values([log], [pattern("ERROR")], 2000, -1)).toEqual([[0, null, null, null]]);
  });

  test("are found in what a runtime really writes", async () => {
    const place = path.join(directory, "real.log");
    const runStartMs = Date.now();
    const log = openLog(place, (line) => line);
    const stream = new PassThrough();
    const captured = log.capture(stream, "stderr");
    stream.end("fine\nTraceback (most recent call last):\n");
    await captured;
    await log.close();
    const [counted = []] = await countLogLines([place], [pattern("Traceback")], {
      runStartMs,
      endMs: runStartMs + 600_000,
    });
    expect(counted.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(1);
  });
});
