/** Neighbours that take processor or memory: containers of the sidecar's image, which has a node. */
import { PassThrough } from "node:stream";
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import { STRESS_CPU, STRESS_MEMORY } from "../stress-scripts.ts";

export interface Neighbour {
  readonly docker: Dockerode;
  readonly image: string;
  /** argv prefix that runs node in the image. */
  readonly node: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Cores it may run on: those of whom it shall disturb. */
  readonly cpuset: string | undefined;
}

const startOne = async (
  neighbour: Neighbour,
  script: string,
  argument: number,
): Promise<Dockerode.Container> => {
  const { docker, image, node, labels, cpuset } = neighbour;
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: [...node],
    Cmd: ["-e", script, String(argument)],
    Labels: { ...labels },
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      ...(cpuset === undefined ? {} : { CpusetCpus: cpuset }),
    },
  });
  try {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const output = new PassThrough();
    container.modem.demuxStream(stream, output, output);
    stream.once("end", () => output.end());
    await container.start();
    // Its first word says that it is at work; an end without one, that it is not.
    await new Promise<void>((resolve, reject) => {
      output.once("data", () => resolve());
      output.once("end", () => reject(new Error("it ended before it was at work")));
    });
    output.resume();
    return container;
  } catch (cause) {
    await container.remove({ force: true }).catch(() => undefined);
    throw new SquallError("internal", `A container that loads the machine did not start: ${String(cause)}`, {
      place: `stress of ${argument}`,
      remedy: "Ask for less: the machine may not have so much.",
      cause,
    });
  }
};

const endAll = async (containers: readonly Dockerode.Container[]): Promise<void> => {
  await Promise.all(
    containers.map(async (container) =>
      container.remove({ force: true }).catch((error: { statusCode?: number }) => {
        if (error.statusCode !== 404) throw error;
      }),
    ),
  );
};

const started = async (starts: readonly Promise<Dockerode.Container>[]): Promise<AsyncDisposable> => {
  const results = await Promise.allSettled(starts);
  const running = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    await endAll(running);
    throw failed.reason;
  }
  return { [Symbol.asyncDispose]: async () => endAll(running) };
};

export const stressCpu = (neighbour: Neighbour, workers: number, load: number): Promise<AsyncDisposable> =>
  started(Array.from({ length: workers }, () => startOne(neighbour, STRESS_CPU, load)));

/** @throws SquallError `fault-unsupported` where the engine's machine has not so much to spare */
export const stressMemory = async (
  neighbour: Neighbour,
  bytes: number,
  freeBytes: number | null,
): Promise<AsyncDisposable> => {
  // Asked before anything is taken: a machine out of memory ends whoever it likes, and not our neighbour first.
  if (freeBytes !== null && bytes > freeBytes) {
    throw new SquallError(
      "fault-unsupported",
      `memory-stress of ${bytes} bytes: only ${freeBytes} are free.`,
      {
        place: "memory-stress",
        remedy: "Ask for less than the machine has to spare.",
      },
    );
  }
  return started([startOne(neighbour, STRESS_MEMORY, bytes)]);
};
