/** One process of ours in a process group of its own, with its output kept. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { SquallErrorCode } from "../../../core/errors.ts";
import { SquallError } from "../../../core/errors.ts";
import { type LogFile, MAX_LOG_BYTES, type OnLine, openLog } from "../log-file.ts";
import { signalGroup } from "./group-signal.ts";

export interface ChildSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Strikes secrets out of every line of output. */
  readonly redact: (line: string) => string;
  /** Told of its output as it comes. */
  readonly onLine?: OnLine;
  readonly startErrorCode: Extract<SquallErrorCode, "service-start-failed" | "dependency-start-failed">;
}

export interface ChildExit {
  readonly atMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** The pipes of a dead process end at once, unless something it started still holds them. */
const DRAIN_MS = 250;
const LAST_LINES = 20;

export class Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  readonly #log: LogFile;
  readonly #drained: Promise<unknown>;
  #exit: ChildExit | null = null;

  private constructor(spec: ChildSpec, child: ChildProcess, log: LogFile, drained: Promise<unknown>) {
    this.name = spec.name;
    this.pid = child.pid as number;
    this.#log = log;
    this.#drained = drained;
    log.note(`started as process ${this.pid}`);
    this.exited = new Promise((resolve) => {
      child.once("exit", (exitCode, signal) => {
        this.#exit = { atMs: Date.now(), exitCode, signal };
        log.note(`ended with ${signal ?? `exit code ${exitCode}`}`);
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
    const log = openLog(spec.logFile, spec.redact, MAX_LOG_BYTES, spec.onLine);
    const drained = Promise.all([log.capture(child.stdout, "stdout"), log.capture(child.stderr, "stderr")]);
    void drained.then(() => log.close());
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause: NodeJS.ErrnoException) => {
        const why =
          cause.code !== "ENOENT"
            ? cause.message
            : existsSync(spec.cwd)
              ? `"${file}" was not found`
              : `its working directory ${spec.cwd} does not exist`;
        reject(
          new SquallError(spec.startErrorCode, `${spec.name} could not be started: ${why}.`, {
            place: spec.command.join(" "),
            remedy: "Check the command, and that it is installed and on PATH.",
            cause,
          }),
        );
      });
    });
    return new Child(spec, child, log, drained);
  }

  /** Null while it runs. */
  get exit(): ChildExit | null {
    return this.#exit;
  }

  /** Of a dead process: all it wrote has been read, or something that it started still holds its pipes. */
  async drained(): Promise<void> {
    await Promise.race([this.#drained, sleep(DRAIN_MS)]);
  }

  /** The last lines of its output; of a dead process, once all it wrote has been read. */
  async lastLines(): Promise<readonly string[]> {
    if (this.#exit !== null) await this.drained();
    return this.#log.tail(LAST_LINES);
  }

  /** Sends a signal to the whole group; false where nothing is left of it. */
  signal(signal: NodeJS.Signals): boolean {
    return signalGroup(this.pid, signal);
  }
}
