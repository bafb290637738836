import { setTimeout as sleep } from "node:timers/promises";
import { SquallError } from "../../../core/errors.ts";
import type { HttpSidecarControl } from "../sidecar-control.ts";
import type { RunContainer } from "./container.ts";
import { startRemedy } from "./container-plan.ts";
import type { PresentImage } from "./images/pull.ts";

export interface ContainerReadiness {
  readonly container: RunContainer;
  readonly sidecar: HttpSidecarControl;
  /** Its name in the run's network. */
  readonly host: string;
  readonly port: number;
  /** Path of a GET that answers 2xx; absent: a connection is enough. */
  readonly path: string | undefined;
  readonly timeoutMs: number;
  readonly isService: boolean;
  readonly image: PresentImage;
  readonly engineArch: string;
  readonly signal: AbortSignal;
}

const POLL_MS = 50;

const details = async ({ container, image, engineArch }: ContainerReadiness): Promise<string[]> => {
  const lines = await container.lastLines();
  return [
    ...(image.arch === engineArch
      ? []
      : [`its image is for ${image.arch}, this engine's processor is ${engineArch}`]),
    ...(lines.length === 0 ? ["it wrote nothing"] : ["its last lines:", ...lines.map((line) => `| ${line}`)]),
  ];
};

const deathRemedy = (
  outOfMemory: boolean,
  otherProcessor: string | null,
  lines: readonly string[],
): string => {
  if (outOfMemory) return "Give it more memory (`memory:`).";
  if (otherProcessor !== null) return `Build or pull the image for ${otherProcessor}.`;
  return startRemedy(lines.join("\n"));
};

const diedAtStart = async (readiness: ContainerReadiness): Promise<SquallError> => {
  const { container, isService, image, engineArch } = readiness;
  const exit = container.exit;
  const how = exit?.signal ?? `exit code ${exit?.exitCode ?? "unknown"}`;
  const outOfMemory = exit?.outOfMemory === true;
  const detail = await details(readiness);
  return new SquallError(
    isService ? "service-start-failed" : "dependency-start-failed",
    `${container.plan.name} ended with ${how}${outOfMemory ? " (out of memory)" : ""} before it was ready.`,
    {
      place: image.name,
      detail,
      remedy: deathRemedy(outOfMemory, image.arch === engineArch ? null : engineArch, detail),
    },
  );
};

/**
 * Ready means that a real request succeeded, from where the sidecar is.
 *
 * @throws SquallError `service-start-failed` where the container ends first, `service-not-ready` after the timeout
 */
export const untilContainerReady = async (readiness: ContainerReadiness): Promise<void> => {
  const { container, sidecar, host, port, path, timeoutMs, isService, signal } = readiness;
  const untilMs = performance.now() + timeoutMs;
  let reason = "it was never asked";
  while (performance.now() < untilMs) {
    if (container.exit !== null) throw await diedAtStart(readiness);
    const answer = await sidecar.probe(host, port, path);
    if (answer.ok) return;
    reason = answer.reason ?? "no answer";
    if (signal.aborted)
      throw new SquallError("interrupted", "The run was interrupted while it waited for readiness.");
    await Promise.race([sleep(POLL_MS), container.exited.catch(() => undefined)]);
  }
  if (container.exit !== null) throw await diedAtStart(readiness);
  throw new SquallError(
    isService ? "service-not-ready" : "dependency-start-failed",
    `${container.plan.name} was not ready within ${timeoutMs / 1000} s: ${reason}.`,
    {
      place: `port ${port} in the container${path === undefined ? "" : `, GET ${path}`}`,
      detail: await details(readiness),
      remedy:
        "Does it listen on that port on all addresses (0.0.0.0), not on 127.0.0.1 alone? Is `ready` the right path? Is readyTimeout long enough?",
    },
  );
};
