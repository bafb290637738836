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

const connects = (port: number, host = "127.0.0.1"): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ATTEMPT_TIMEOUT_MS });
    const end = (answer: string | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(null));
    socket.once("timeout", () => end("no connection in time"));
    socket.once("error", (error) => end(error.message));
  });

/** "localhost" is ::1 to some programs: said here, because their log looks as if all were well. */
const otherAddress = async (port: number): Promise<string[]> =>
  (await connects(port)) !== null && (await connects(port, "::1")) === null
    ? [`it listens on [::1]:${port} only: let it listen on 127.0.0.1`]
    : [];

const answers = async (port: number, path: string): Promise<string | null> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
      // Another path that answers is not this one, and a connection kept open would hold up its orderly stop.
      redirect: "manual",
      headers: { connection: "close" },
    });
    await response.body?.cancel();
    return response.ok ? null : `GET ${path} answered ${response.status}`;
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
};

const lastLines = async (child: Child): Promise<string[]> => {
  const lines = await child.lastLines();
  return lines.length === 0 ? ["it wrote nothing"] : ["its last lines:", ...lines.map((line) => `| ${line}`)];
};

const diedAtStart = async ({ child, isService }: Readiness): Promise<SquallError> => {
  const exit = child.exit;
  const how = exit?.signal ?? `exit code ${exit?.exitCode ?? "unknown"}`;
  return new SquallError(
    isService ? "service-start-failed" : "dependency-start-failed",
    `${child.name} ended with ${how} before it was ready.`,
    {
      place: child.name,
      detail: await lastLines(child),
      remedy: isService
        ? "Mend what it says. It gets PORT and what service.env in squall.yml names; of your own environment only PATH and the like."
        : "Run its command by hand with the same environment and mend what it says.",
    },
  );
};

/**
 * Ready means that a real request succeeded.
 *
 * @throws SquallError `service-start-failed` where the process ends first, `service-not-ready` after the timeout
 */
export const untilReady = async (readiness: Readiness): Promise<void> => {
  const { child, port, path, timeoutMs, isService, signal } = readiness;
  const untilMs = performance.now() + timeoutMs;
  let reason: string | null = "it was never asked";
  while (performance.now() < untilMs) {
    if (child.exit !== null) throw await diedAtStart(readiness);
    reason = path === undefined ? await connects(port) : await answers(port, path);
    // A process that died meanwhile did not answer: somebody else's did.
    if (reason === null && child.exit === null) return;
    if (signal.aborted)
      throw new SquallError("interrupted", "The run was interrupted while it waited for readiness.");
    await Promise.race([sleep(Math.min(POLL_MS, Math.max(1, untilMs - performance.now()))), child.exited]);
  }
  if (child.exit !== null) throw await diedAtStart(readiness);
  throw new SquallError(
    isService ? "service-not-ready" : "dependency-start-failed",
    `${child.name} was not ready within ${timeoutMs / 1000} s: ${reason}.`,
    {
      place: `port ${port}${path === undefined ? "" : `, GET ${path}`}`,
      detail: [...(await otherAddress(port)), ...(await lastLines(child))],
      remedy:
        "Does it listen on the port in PORT, on 127.0.0.1 or all addresses? Is `ready` the right path? Is readyTimeout long enough?",
    },
  );
};
