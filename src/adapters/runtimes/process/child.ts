/** One process of ours in a process group of its own, with its output kept. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { SquallErrorCode } from "../../../core/errors.ts";
import { SquallError } from "../../../core/errors.ts";

export interface ChildSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly startErrorCode: Extract<SquallErrorCode, "service-start-failed" | "dependency-start-failed">;
}

export interface ChildExit {
  readonly atMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

const LONGEST_LOG_BYTES = 64 * 1024 * 1024;
const LAST_LINES = 20;

/** Line-wise copy of one stream into the log, with ISO time and the stream's name. */
class LogFile {
  readonly #stream: WriteStream;
  readonly last: string[] = [];
  #bytes = 0;
  #open = 0;

  constructor(file: string) {
    this.#stream = createWriteStream(file, { flags: "a" });
    // A full disk must not end the run: what is lost is log lines, and the last ones are kept in memory.
    this.#stream.on("error", () => undefined);
  }

  follow(source: Readable, name: "out" | "err"): void {
    this.#open++;
    const lines = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on("line", (line) => this.#write(name, line));
    lines.on("close", () => {
      if (--this.#open === 0) this.#stream.end();
    });
    source.on("error", () => undefined);
  }

  #write(name: string, line: string): void {
    this.last.push(line.slice(0, 500));
    if (this.last.length > LAST_LINES) this.last.shift();
    if (this.#bytes > LONGEST_LOG_BYTES) return;
    const text = `${new Date().toISOString()} ${name} ${line}\n`;
    this.#bytes += text.length;
    this.#stream.write(this.#bytes > LONGEST_LOG_BYTES ? "(log cut off here: it passed 64 MiB)\n" : text);
  }
}

export class Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  readonly #log: LogFile;
  #exit: ChildExit | null = null;

  private constructor(spec: ChildSpec, child: ChildProcess, log: LogFile) {
    this.name = spec.name;
    this.pid = child.pid as number;
    this.#log = log;
    this.exited = new Promise((resolve) => {
      child.once("exit", (exitCode, signal) => {
        this.#exit = { atMs: Date.now(), exitCode, signal };
        resolve(this.#exit);
      });
    });
  }

  /** Spawns; resolves when the system has started it. @throws SquallError where the command cannot be started */
  static async start(spec: ChildSpec): Promise<Child> {
    const [file, ...args] = spec.command;
    if (file === undefined) throw new SquallError(spec.startErrorCode, `${spec.name} has an empty command.`);
    const child = spawn(file, args, {
      cwd: spec.cwd,
      env: spec.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = new LogFile(spec.logFile);
    if (child.stdout !== null) log.follow(child.stdout, "out");
    if (child.stderr !== null) log.follow(child.stderr, "err");
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause: NodeJS.ErrnoException) => {
        const why =
          cause.code === "ENOENT" ? `"${file}" was not found (or ${spec.cwd} does not exist)` : cause.message;
        reject(
          new SquallError(spec.startErrorCode, `${spec.name} could not be started: ${why}.`, {
            place: spec.command.join(" "),
            remedy: "Check the command, and that it is installed and on PATH.",
            cause,
          }),
        );
      });
    });
    return new Child(spec, child, log);
  }

  /** Null while it runs. */
  get exit(): ChildExit | null {
    return this.#exit;
  }

  get lastLines(): readonly string[] {
    return this.#log.last;
  }

  /** Sends a signal to the whole group; false where nothing is left of it. */
  signal(signal: NodeJS.Signals): boolean {
    return signalGroup(this.pid, signal);
  }
}

/** @returns false where the group is gone */
export const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
};
