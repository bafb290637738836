/** Short-lived containers that do a fault's work where squall itself has no hand: in a volume, a network, a namespace. */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { SquallError } from "../../../../core/errors.ts";
import { tarOf } from "../tar.ts";
import type { DockerFaultContext } from "./fault.ts";

export interface Worker {
  readonly image: string;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** A network's name, or `container:<id>` for the namespace of another; absent: none. */
  readonly network?: string;
  /** The only ones it has. */
  readonly capabilities?: readonly string[];
  readonly mounts?: Dockerode.MountConfig;
  /** Texts by path, put into it before it starts. */
  readonly files?: Readonly<Record<string, string>>;
  readonly host?: Dockerode.HostConfig & { readonly CgroupnsMode?: "host" };
}

export interface WorkerEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** All of them do small things: one that takes longer hangs. */
const LIMIT_MS = 60_000;

const optionsOf = ({
  image,
  command,
  labels,
  env = {},
  network,
  capabilities = [],
  mounts,
  host,
}: Worker) => ({
  Image: image,
  Entrypoint: [command[0] ?? ""],
  Cmd: command.slice(1),
  User: "0:0",
  Labels: { ...labels },
  Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  HostConfig: {
    NetworkMode: network ?? "none",
    CapDrop: ["ALL"],
    CapAdd: [...capabilities],
    ...(mounts === undefined ? {} : { Mounts: mounts }),
    ...host,
  },
});

const putFiles = async (
  container: Dockerode.Container,
  files: Readonly<Record<string, string>>,
): Promise<void> => {
  const entries = Object.entries(files).map(([file, content]) => ({
    name: file.replace(/^\//, ""),
    mode: 0o644,
    content: { text: content },
  }));
  await container.putArchive(tarOf(entries), { path: "/" });
};

/** Resolves when attached, which must be before the start: an engine may keep no logs. */
const attach = async (
  container: Dockerode.Container,
): Promise<{ readonly read: Promise<[string, string]> }> => {
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  container.modem.demuxStream(stream, stdout, stderr);
  const end = (): void => {
    stdout.end();
    stderr.end();
  };
  stream.once("end", end).once("close", end).once("error", end);
  return { read: Promise.all([text(stdout), text(stderr)]) };
};

const start = async (container: Dockerode.Container): Promise<number> => {
  await container.start();
  const signal = AbortSignal.timeout(LIMIT_MS);
  const { StatusCode } = (await container.wait({ abortSignal: signal })) as { StatusCode: number };
  return StatusCode;
};

/** Runs it to its end and removes it, whatever happens. @throws SquallError `internal` where the engine does not run it */
export const runWorker = async (docker: Dockerode, worker: Worker): Promise<WorkerEnd> => {
  let container: Dockerode.Container | undefined;
  try {
    container = await docker.createContainer(optionsOf(worker));
    if (worker.files !== undefined) await putFiles(container, worker.files);
    const output = await attach(container);
    const exitCode = await start(container);
    const [stdout, stderr] = await output.read;
    return { exitCode, stdout, stderr };
  } catch (cause) {
    throw new SquallError("internal", `A container that does a fault's work did not run: ${String(cause)}`, {
      place: worker.image,
      remedy: "Check that the Docker engine can start containers.",
      cause,
    });
  } finally {
    await container?.remove({ force: true, v: true }).catch(() => undefined);
  }
};

/** A script by which a worker answers one JSON value. It throws `Error` with words that a person can read. */
export interface Script extends Omit<Worker, "image" | "command" | "labels"> {
  readonly script: string;
  /** Reaches the script as `input`. */
  readonly input: unknown;
}

/** What every script may use; `main` is the script's own, and may be async. */
const FRAME = (
  script: string,
): string => `const fs = require("node:fs"); const input = JSON.parse(process.argv[1]);
${script}
Promise.resolve().then(() => main()).then(
  (answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0)),
  (error) => process.stderr.write(error.message, () => process.exit(9)));`;

/** A script gave up, in its own words. */
export class ScriptFailure extends Error {}

/** Runs a script in node. @throws ScriptFailure with the script's words; SquallError `internal` where it did not run */
export const askWorker = async <Answer>(context: DockerFaultContext, asked: Script): Promise<Answer> => {
  const { script, input, ...rest } = asked;
  const image = await context.nodeImage();
  const { exitCode, stdout, stderr } = await runWorker(context.docker, {
    ...rest,
    image: image.name,
    command: [...image.node, "-e", FRAME(script), JSON.stringify(input)],
    labels: context.labels,
  });
  if (exitCode === 9) throw new ScriptFailure(stderr);
  if (exitCode !== 0) {
    throw new SquallError(
      "internal",
      `A container that does a fault's work ended with exit code ${exitCode}.`,
      {
        place: image.name,
        detail: stderr.trim().split("\n").slice(-10),
        remedy: "Run again; if it happens again, report it with these lines.",
      },
    );
  }
  return JSON.parse(stdout) as Answer;
};
