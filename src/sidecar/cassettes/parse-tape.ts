import { SquallError } from "../../core/errors.ts";
import { type Recording, type Skipped, TAPE_VERSION, type TapeChunk, type TapeEnd } from "./tape.ts";

/** Bounds of what is believed: a cassette comes with a repository, and a fork's repository is hostile input. */
const MAX_LINES = 100_000;
const MAX_CHUNKS = 1_000_000;
const MAX_HEADERS = 500;
const MAX_MS = 24 * 60 * 60 * 1_000;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
/** RFC 9110 5.5: no line breaks, so that no value can write headers of its own. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]{0,65536}$/;

export interface Tape {
  readonly recordings: readonly Recording[];
  readonly skipped: readonly Skipped[];
}

class TapeProblem extends Error {}

/**
 * Reads a cassette's text.
 *
 * @throws SquallError `cassette-invalid` with file and line
 */
export const parseTape = (text: string, file: string): Tape => {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const recordings: Recording[] = [];
  const skipped: Skipped[] = [];
  let chunks = 0;
  for (const [index, line] of lines.entries()) {
    try {
      if (index === 0) {
        checkHead(line);
        continue;
      }
      if (line.trim() === "") continue;
      if (index > MAX_LINES) throw new TapeProblem(`more than ${MAX_LINES} lines`);
      const entry = readEntry(parseLine(line));
      if ("skipped" in entry) skipped.push(entry);
      else {
        recordings.push(entry);
        chunks += entry.chunks.length;
        if (chunks > MAX_CHUNKS) throw new TapeProblem(`more than ${MAX_CHUNKS} chunks in the file`);
      }
    } catch (error) {
      if (!(error instanceof TapeProblem)) throw error;
      throw new SquallError(
        "cassette-invalid",
        `The cassette ${file}:${index + 1} is broken: ${error.message}.`,
        {
          place: `${file}:${index + 1}`,
          remedy: "Record it again, or take the line out.",
        },
      );
    }
  }
  return { recordings, skipped };
};

const checkHead = (line: string): void => {
  const head = object(parseLine(line), "the first line");
  if (head["squall"] !== "cassette") throw new TapeProblem('the first line must say {"squall":"cassette"}');
  if (head["version"] !== TAPE_VERSION) {
    throw new TapeProblem(
      `version ${show(head["version"])} is not ${TAPE_VERSION}, the one this squall reads`,
    );
  }
};

const parseLine = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw new TapeProblem("no JSON");
  }
};

const readEntry = (value: unknown): Recording | Skipped => {
  const entry = object(value, "the line");
  const known = {
    fingerprint: text(entry, "fingerprint", 256),
    method: text(entry, "method", 64),
    path: text(entry, "path", 65_536),
  };
  if ("skipped" in entry) return { ...known, skipped: text(entry, "skipped", 1_000) };
  const status = entry["status"];
  if (typeof status !== "number" || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new TapeProblem(`status ${show(status)} is not a whole number from 200 to 599`);
  }
  const headMs = instant(entry["headMs"], "headMs", 0);
  let lastMs = headMs;
  const chunks = array(entry["chunks"], "chunks").map((item, index) => {
    const chunk = readChunk(item, `chunks[${index}]`, lastMs);
    lastMs = chunk.atMs;
    return chunk;
  });
  return {
    ...known,
    status,
    headers: array(entry["headers"], "headers").map((item, index) => readHeader(item, `headers[${index}]`)),
    headMs,
    chunks,
    endMs: instant(entry["endMs"], "endMs", lastMs),
    end: readEnd(entry["end"]),
  };
};

const readHeader = (value: unknown, where: string): readonly [string, string] => {
  const [name, content, ...more] = array(value, where);
  if (typeof name !== "string" || !HEADER_NAME.test(name))
    throw new TapeProblem(`${where} has no header name`);
  if (typeof content !== "string" || !HEADER_VALUE.test(content) || more.length > 0) {
    throw new TapeProblem(`${where} has no header value`);
  }
  return [name, content];
};

const readChunk = (value: unknown, where: string, afterMs: number): TapeChunk => {
  const chunk = object(value, where);
  const atMs = instant(chunk["atMs"], `${where}.atMs`, afterMs);
  if (typeof chunk["text"] === "string") return { atMs, bytes: Buffer.from(chunk["text"]) };
  if (typeof chunk["base64"] !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(chunk["base64"])) {
    throw new TapeProblem(`${where} has neither text nor base64`);
  }
  return { atMs, bytes: Buffer.from(chunk["base64"], "base64") };
};

const readEnd = (value: unknown): TapeEnd => {
  if (value === "complete" || value === "reset" || value === "closed") return value;
  throw new TapeProblem(`end ${show(value)} is none of complete, reset, closed`);
};

const instant = (value: unknown, where: string, least: number): number => {
  if (typeof value === "number" && value >= least && value <= MAX_MS) return value;
  throw new TapeProblem(`${where} ${show(value)} is not a number of ms from ${least} to ${MAX_MS}`);
};

const object = (value: unknown, where: string): Readonly<Record<string, unknown>> => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new TapeProblem(`${where} is not an object`);
};

const array = (value: unknown, where: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw new TapeProblem(`${where} is not a list`);
  if (where === "headers" && value.length > MAX_HEADERS)
    throw new TapeProblem(`more than ${MAX_HEADERS} headers`);
  return value as readonly unknown[];
};

const text = (entry: Readonly<Record<string, unknown>>, name: string, longest: number): string => {
  const value = entry[name];
  if (typeof value === "string" && value.length <= longest) return value;
  throw new TapeProblem(`${name} is not a text of at most ${longest} characters`);
};

/** A value in a message: short, and without control characters. */
const show = (value: unknown): string =>
  (JSON.stringify(value) ?? "(absent)").slice(0, 40).replaceAll(/[^\x20-\x7e]/g, "?");
