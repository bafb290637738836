/** The workers of a training job in containers (run/job/job-ports.ts). */
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import type { JobControl } from "../../../run/job/job-ports.ts";
import type { RunContainer } from "./container.ts";
import { type ContainerFile, readInContainer } from "./container-file.ts";
import { JOB_DIRECTORIES } from "./job-volumes.ts";
import type { RunContainers } from "./run-containers.ts";
import type { WorkerStrikes } from "./worker-strikes.ts";

export interface DockerJobControl extends JobControl {
  /** The run is over: waits for what is under way, which could make something again behind its removal, and does nothing more. */
  close(): Promise<void>;
}

export interface JobControlParts {
  readonly containers: RunContainers;
  readonly strikes: WorkerStrikes;
  readonly metricsUrl: string;
}

const MAX_FILE_BYTES = 16 << 20;

/**
 * Calls on one worker are done one after another. A worker's processes are its container's: all of them end with the first one, so
 * that `orphans` is 0 by construction.
 */
export const jobControl = ({ containers, strikes, metricsUrl }: JobControlParts): DockerJobControl => {
  const workers = containers.services;
  const last = new Map<RunContainer, Promise<unknown>>();
  let isClosed = false;
  let lastRead: ContainerFile | null = null;
  const workerAt = (worker: number): RunContainer => {
    const container = workers[worker];
    if (container === undefined)
      throw new SquallError("internal", `There is no worker ${worker} among ${workers.length}.`);
    return container;
  };
  const after = async (before: Promise<unknown> | undefined, work: () => Promise<void>): Promise<void> => {
    await before?.catch(() => undefined);
    if (isClosed) throw new SquallError("interrupted", "The run is over: its workers stay as they are.");
    await work();
  };
  const inTurn = async (worker: number, work: (worker: RunContainer) => Promise<void>): Promise<void> => {
    const container = workerAt(worker);
    const done = after(last.get(container), async () => work(container));
    last.set(container, done);
    await done;
  };
  /** The checkpoints are the same in all of them; the first may be about to be made anew. */
  const readFrom = (directory: "checkpoints" | "disk"): Dockerode.Container | undefined =>
    (directory === "disk" ? workers.slice(0, 1) : workers).find(({ container }) => container !== null)
      ?.container ?? undefined;

  return {
    workers: workers.length,
    start: (worker) =>
      inTurn(worker, async (container) => {
        await container.launch();
        strikes.started(container);
      }),
    end: (worker) => inTurn(worker, async (container) => container.end()),
    replaceNode: (worker) => inTurn(worker, async (container) => containers.replaceWorker(container)),
    readFile: async (directory, path) => {
      const container = readFrom(directory);
      if (container === undefined) return null;
      lastRead = await readInContainer(container, JOB_DIRECTORIES[directory], path, MAX_FILE_BYTES, lastRead);
      return lastRead?.text ?? null;
    },
    metricsUrl,
    orphans: () => Promise.resolve(0),
    close: async () => {
      isClosed = true;
      await Promise.allSettled(last.values());
    },
  };
};
