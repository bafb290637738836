/** Logs as the runtimes write them (adapters/runtimes/log-file.ts): each line bears the time at which it came out of its process. */
import { createReadStream } from "node:fs";
import { LONGEST_LINE } from "../../config/log-pattern.ts";

/** A runtime stops at so much of each file. */
const LARGEST_BYTES = 65 << 20;
/** `2026-03-01T12:00:00.000Z stdout text` */
const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (stdout|stderr|squall) /;
const PREFIX = 64;

export interface DatedLine {
  /** Epoch ms. */
  readonly atMs: number;
  /** `squall`: a note of the runtime's own. */
  readonly stream: "stdout" | "stderr" | "squall";
  /** Its beginning; control codes are still in it. */
  readonly text: string;
}

/** Lines of a file one by one, each cut to its beginning; memory is bounded whatever the file holds. */
const linesOf = async function* (path: string): AsyncGenerator<string> {
  const longest = PREFIX + LONGEST_LINE;
  let open = "";
  for await (const chunk of createReadStream(path, { encoding: "utf8", end: LARGEST_BYTES })) {
    const lines = `${open}${chunk as string}`.split("\n");
    open = (lines.pop() ?? "").slice(0, longest);
    for (const line of lines) yield line.slice(0, longest);
  }
  if (open !== "") yield open;
};

/** What is no line of the file's form is passed over. @throws where the file cannot be read */
export const datedLines = async function* (path: string): AsyncGenerator<DatedLine> {
  for await (const line of linesOf(path)) {
    const [prefix = "", time = "", stream] = LINE.exec(line) ?? [];
    if (prefix === "") continue;
    yield {
      atMs: Date.parse(time),
      stream: stream as DatedLine["stream"],
      text: line.slice(prefix.length),
    };
  }
};
