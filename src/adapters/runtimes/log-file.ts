import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";

/** One process's output, line by line, kept on disk and (its end) in memory. */
export interface LogFile {
  /** Resolves when the stream has ended. */
  capture(stream: Readable, name: "stdout" | "stderr"): Promise<void>;
  /** A line of squall's own. */
  note(text: string): void;
  /** The last lines, without terminal control codes. */
  tail(count: number): readonly string[];
  close(): Promise<void>;
}

/** Longer runs without a newline are cut into pieces, so that no output can fill the memory. */
const MAX_LINE = 64 * 1024;
/** A progress bar draws itself anew after each carriage return: every drawing is a line. One at the very end may yet be part of CR LF. */
const LINE_END = /\r\n|\n|\r(?!\n|$)/;
const KEPT_LINES = 100;
export const MAX_LOG_BYTES = 64 << 20;

/** Told of each line of a process as it is read, secrets struck out, control codes still in it. */
export type OnLine = (stream: "stdout" | "stderr", text: string) => void;

/**
 * Writes `<ISO time> <stream> <line>`; after `maxBytes` it says so and drops the rest. A full disk never ends the run.
 *
 * @param onLine is told of lines that are dropped, too
 */
export const openLog = (
  file: string,
  redact: (line: string) => string,
  maxBytes = MAX_LOG_BYTES,
  onLine?: OnLine,
): LogFile => {
  mkdirSync(dirname(file), { recursive: true });
  const output = createWriteStream(file, { flags: "a" });
  let broken = false;
  output.on("error", () => {
    broken = true;
  });
  const recent: string[] = [];
  const partial = new Map<string, string>();
  let written = 0;
  let full = false;

  const writeLine = (name: "stdout" | "stderr" | "squall", raw: string): void => {
    const line = redact(raw);
    if (name !== "squall") onLine?.(name, line);
    if (name !== "squall") recent.push(stripVTControlCharacters(line));
    if (recent.length > KEPT_LINES) recent.shift();
    if (full || broken) return;
    const text = `${new Date().toISOString()} ${name} ${line}\n`;
    const bytes = Buffer.byteLength(text);
    full = written + bytes > maxBytes;
    written += bytes;
    output.write(
      full
        ? `${new Date().toISOString()} squall log limit of ${maxBytes} bytes reached: the rest is dropped\n`
        : text,
    );
  };

  return {
    capture: (stream, name) => {
      const decoder = new StringDecoder("utf8");
      const take = (text: string): void => {
        const lines = ((partial.get(name) ?? "") + text).split(LINE_END);
        let rest = lines.pop() ?? "";
        for (const line of lines) writeLine(name, line);
        for (; rest.length > MAX_LINE; rest = rest.slice(MAX_LINE)) writeLine(name, rest.slice(0, MAX_LINE));
        partial.set(name, rest);
      };
      return new Promise((resolve) => {
        stream.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
        stream.on("error", () => undefined);
        stream.once("close", () => {
          const rest = (partial.get(name) ?? "") + decoder.end();
          partial.delete(name);
          if (rest !== "") writeLine(name, rest);
          resolve();
        });
      });
    },
    note: (text) => writeLine("squall", text),
    tail: (count) =>
      [
        ...recent,
        ...[...partial.values()]
          .filter((text) => text !== "")
          .map((text) => stripVTControlCharacters(redact(text))),
      ].slice(-count),
    close: () => new Promise((resolve) => void (broken ? resolve() : output.end(() => resolve()))),
  };
};
