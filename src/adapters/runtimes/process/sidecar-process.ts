import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { SquallError } from "../../../core/errors.ts";
import type { EdgeConfig, SidecarConfig, SidecarReady } from "../../../core/sidecar-protocol.ts";
import { entryFile } from "../../../run/entries.ts";
import { HttpSidecarControl } from "../sidecar-control.ts";

export interface SidecarProcess extends AsyncDisposable {
  readonly control: HttpSidecarControl;
  /** Listening port of each edge. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface SidecarStart {
  readonly edges: readonly EdgeConfig[];
  readonly redact: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly onSpawn: (pid: number) => void;
}

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 3000;

const firstLine = (child: ChildProcess, logFile: string): Promise<SidecarReady> =>
  new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      clearTimeout(timer);
      reject(
        new SquallError("sidecar-failed", `The sidecar did not start: ${why}.`, {
          place: logFile,
          remedy: "Read its log; a fault in the sidecar itself should be reported.",
          cause,
        }),
      );
    };
    const timer = setTimeout(() => fail(`no word within ${START_TIMEOUT_MS / 1000} s`), START_TIMEOUT_MS);
    child.once("error", (error) => fail(error.message, error));
    child.once("exit", (code, signal) => fail(`it ended with ${signal ?? `exit code ${code}`}`));
    if (child.stdout === null) return fail("it has no standard output");
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      try {
        resolve(JSON.parse(line) as SidecarReady);
      } catch (error) {
        fail(`its first line was ${JSON.stringify(line.slice(0, 200))}`, error);
      }
    });
  });

/** Starts the sidecar as a child that leaves when we do: its standard input is our pipe. */
export const startSidecarProcess = async (start: SidecarStart): Promise<SidecarProcess> => {
  const token = randomBytes(24).toString("base64url");
  const config: SidecarConfig = {
    token,
    controlHost: "127.0.0.1",
    controlPort: 0,
    edges: start.edges,
    redact: start.redact,
    exitWithParent: true,
  };
  const child = spawn(process.execPath, [entryFile("sidecar")], {
    env: start.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined);
  child.stderr.pipe(createWriteStream(start.logFile, { flags: "a" }));
  // Known at once: a squall that dies while it waits for the first line must not leave it.
  if (child.pid !== undefined) start.onSpawn(child.pid);
  child.stdin.write(`${JSON.stringify(config)}\n`);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    const ready = await firstLine(child, start.logFile);
    const control = new HttpSidecarControl(ready.controlPort, token);
    return {
      control,
      ports: ready.ports,
      [Symbol.asyncDispose]: async () => {
        await control.stop();
        child.stdin.end();
        const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
        await exited;
        clearTimeout(timer);
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
};
