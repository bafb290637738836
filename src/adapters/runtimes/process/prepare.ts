/** Runs a command to its end before something is started: dependencies of a checkout, a build. */
import { SquallError } from "../../../core/errors.ts";
import { baseEnvironment } from "../base-environment.ts";
import { redactor } from "../redactor.ts";
import { Child } from "./child.ts";

export interface Preparation {
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Where its output is kept. */
  readonly logFile: string;
  readonly redact: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** @throws SquallError `build-failed` with its last lines, `interrupted`; nothing of it runs on then */
export const prepare = async (preparation: Preparation): Promise<void> => {
  const { command, cwd, logFile, redact, timeoutMs, signal } = preparation;
  const child = await Child.start({
    name: "prepare",
    command,
    cwd,
    env: baseEnvironment(process.env),
    logFile,
    redact: redactor({}, redact),
    startErrorCode: "service-start-failed",
  });
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = (): void => void child.signal("SIGKILL");
  const either = AbortSignal.any([timeout, signal]);
  either.addEventListener("abort", stop);
  if (either.aborted) stop();
  const { exitCode } = await child.exited;
  either.removeEventListener("abort", stop);
  // What it left running in its group would disturb the measurement.
  child.signal("SIGKILL");
  if (signal.aborted) throw new SquallError("interrupted", "Interrupted while the reference was prepared.");
  if (exitCode === 0) return;
  const why = timeout.aborted ? `took longer than ${timeoutMs / 1000} s` : `ended with exit code ${exitCode}`;
  throw new SquallError("build-failed", `The reference's \`prepare\` ${why}.`, {
    place: command.join(" "),
    detail: await child.lastLines(),
    remedy: `See ${logFile}; try the command in a fresh checkout of that commit.`,
  });
};
