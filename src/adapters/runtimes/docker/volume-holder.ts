/**
 * A container of ours that has one volume mounted for as long as it is asked to, so that a volume in memory keeps what is in it, and
 * that does a script's work there at once: a fault need not wait for a container to start.
 */
import { createInterface } from "node:readline";
import { type Duplex, PassThrough } from "node:stream";
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import { ScriptFailure } from "./faults/worker.ts";
import type { SidecarImage } from "./sidecar-image.ts";

export interface VolumeHolder {
  /** The script's answer, one call after another. @throws ScriptFailure with the script's words; SquallError `internal` */
  ask<Answer>(input: unknown): Promise<Answer>;
  /** Twice is once. */
  remove(): Promise<void>;
}

export interface HolderOptions {
  readonly docker: Dockerode;
  readonly image: SidecarImage;
  readonly labels: Readonly<Record<string, string>>;
  readonly volume: string;
  /** Where the script finds it. */
  readonly target: string;
  /** As of askWorker: defines `main`, and finds its `input`; synchronous. */
  readonly script: string;
}

/** One line in, one line out; it ends when its standard input does, and that when squall does. */
const LOOP = (script: string): string => `const fs = require("node:fs"); let input;
${script}
const answer = () => { try { return { answer: main() }; } catch (error) { return { failure: error.message }; } };
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => { input = JSON.parse(line); process.stdout.write(JSON.stringify(answer()) + "\\n"); })
  .on("close", () => process.exit(0));`;

type Answered = { readonly answer: unknown } | { readonly failure: string };

const create = ({ docker, image, labels, volume, target, script }: HolderOptions) =>
  docker.createContainer({
    Image: image.name,
    Entrypoint: [...image.node],
    Cmd: ["-e", LOOP(script)],
    User: "0:0",
    Labels: { ...labels },
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: {
      NetworkMode: "none",
      CapDrop: ["ALL"],
      // The directory may belong to the service's user alone.
      CapAdd: ["DAC_OVERRIDE"],
      Mounts: [{ Type: "volume", Source: volume, Target: target }],
    },
  });

/** @throws the engine's error; nothing of it is left then */
export const holdVolume = async (options: HolderOptions): Promise<VolumeHolder> => {
  const container = await create(options);
  const remove = async (): Promise<void> => {
    await container.remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
    });
  };
  try {
    const streams = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
    const stdin = (await container.attach(streams)) as Duplex;
    await container.start();
    return { ask: asking(container, stdin, options.volume), remove };
  } catch (error) {
    await remove();
    throw error;
  }
};

const asking = (container: Dockerode.Container, stdin: Duplex, volume: string): VolumeHolder["ask"] => {
  const waiting: PromiseWithResolvers<Answered>[] = [];
  const gone = (): void => {
    for (const { reject } of waiting.splice(0)) {
      reject(
        new SquallError("internal", "The container that holds a job's volume has ended.", {
          place: `volume ${volume}`,
          remedy: "Run again; if it happens again, look whether the machine runs out of memory.",
        }),
      );
    }
  };
  const stdout = new PassThrough();
  container.modem.demuxStream(stdin, stdout, new PassThrough().resume());
  createInterface({ input: stdout }).on("line", (line) => {
    waiting.shift()?.resolve(JSON.parse(line) as Answered);
  });
  stdin.on("end", gone).on("close", gone).on("error", gone);
  return async <Answer>(input: unknown): Promise<Answer> => {
    const asked = Promise.withResolvers<Answered>();
    waiting.push(asked);
    if (stdin.destroyed || stdin.readableEnded) gone();
    else stdin.write(`${JSON.stringify(input)}\n`);
    const answered = await asked.promise;
    if ("failure" in answered) throw new ScriptFailure(answered.failure);
    return answered.answer as Answer;
  };
};
