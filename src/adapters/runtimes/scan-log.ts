/** Reads a log for known error patterns, as a stream: never more than a piece of a line is held, and no line is kept. */
import { createReadStream } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { LONGEST_LINE, LogTally } from "../../config/discover/log-tally.ts";
import type { LogFinding } from "../../config/discover/observed.ts";
import { SquallError } from "../../core/errors.ts";

/** Beyond it the rest of a log is left unread. */
const MOST_LOG_BYTES = 256 << 20;

export interface LogScan {
  readonly findings: readonly LogFinding[];
  /** False: the log is longer than what was read of it. */
  readonly whole: boolean;
}

/**
 * Counts the lines of a file by pattern. Lines longer than `LONGEST_LINE` count once, by their beginning.
 *
 * @param name how the log is named in findings
 * @param dependencies names that are looked for in its lines
 * @throws SquallError `argument-invalid` where it cannot be read
 */
export const scanLog = async (
  file: string,
  name: string,
  dependencies: readonly string[],
  mostBytes = MOST_LOG_BYTES,
): Promise<LogScan> => {
  const tally = new LogTally(name, dependencies);
  const decoder = new StringDecoder("utf8");
  let line = "";
  let bytes = 0;
  const take = (text: string): void => {
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      tally.add(line + text.slice(from, Math.min(end, from + LONGEST_LINE)));
      line = "";
      from = end + 1;
    }
    if (line.length < LONGEST_LINE) line += text.slice(from, from + LONGEST_LINE);
  };
  try {
    // One byte more than is read tells whether there is more.
    for await (const chunk of createReadStream(file, { end: mostBytes })) {
      bytes += (chunk as Buffer).length;
      take(decoder.write(chunk as Buffer));
    }
  } catch (cause) {
    throw new SquallError("argument-invalid", `The log cannot be read: ${(cause as Error).message}.`, {
      place: file,
      remedy: "Name a file that can be read.",
      cause,
    });
  }
  if (line !== "") tally.add(line);
  return { findings: tally.findings(), whole: bytes <= mostBytes };
};
