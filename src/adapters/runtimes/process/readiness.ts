import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SquallError } from "../../../core/errors.ts";
import type { Child } from "./child.ts";

export interface Readiness {
  readonly child: Child;
  readonly port: number;
  /** Path of a GET that answers 2xx; absent: a connection is enough. */
  readonly path: string | undefined;
  readonly timeoutMs: number;
  readonly isService: boolean;
  readonly signal: AbortSignal;
}

const POLL_MS = 25;
const ATTEMPT_TIMEOUT_MS = 2000;

const connects = (port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: ATTEMPT_TIMEOUT_MS });
    const end = (answer: string | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(null));
    socket.once("timeout", () => end("no connection in time"));
    socket.once("error", (error) => end(error.message));
  });

const answers = async (port: number, path: string): Promise<string | null> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? null : `GET ${path} answered ${response.status}`;
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
};

const diedAtStart = ({ child, isService }: Readiness): SquallError => {
  const exit = child.exit;
  const how = exit?.signal ?? `exit code ${exit?.exitCode ?? "unknown"}`;
  return new SquallError(
    isService ? "service-start-failed" : "dependency-start-failed",
    `${child.name} ended with ${how} before it was ready.`,
    {
      detail: ["its last lines:", ...child.lastLines.map((line) => `| ${line}`)],
      remedy: "Run its command by hand with the same environment and mend what it says.",
    },
  );
};

/**
 * Ready means that a real request succeeded.
 *
 * @throws SquallError `service-start-failed` where the process ends first, `service-not-ready` after the timeout
 */
export const untilReady = async (readiness: Readiness): Promise<void> => {
  const { child, port, path, timeoutMs, signal } = readiness;
  const untilMs = performance.now() + timeoutMs;
  let reason: string | null = "it was never asked";
  while (performance.now() < untilMs) {
    if (child.exit !== null) throw diedAtStart(readiness);
    reason = path === undefined ? await connects(port) : await answers(port, path);
    if (reason === null) return;
    if (signal.aborted)
      throw new SquallError("interrupted", "The run was interrupted while it waited for readiness.");
    await Promise.race([sleep(POLL_MS), child.exited]);
  }
  throw new SquallError(
    "service-not-ready",
    `${child.name} was not ready within ${timeoutMs / 1000} s: ${reason}.`,
    {
      place: `port ${port}${path === undefined ? "" : `, GET ${path}`}`,
      detail: ["its last lines:", ...child.lastLines.map((line) => `| ${line}`)],
      remedy:
        "Does it listen on the port in PORT, on 127.0.0.1 or all addresses? Is `ready` the right path? Is readyTimeout long enough?",
    },
  );
};
