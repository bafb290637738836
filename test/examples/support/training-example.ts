/** A training example as a scheduler meets it: a process that is started, killed, and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const EXAMPLES = fileURLToPath(new URL("../../../examples/", import.meta.url));

export interface TrainingExample {
  readonly directory: string;
  readonly command: readonly string[];
  /** What it reads from, by the variable that holds its URL. */
  readonly servers: Readonly<Record<string, readonly string[]>>;
  /** Of a logged step: its number and its loss. */
  readonly step: RegExp;
  readonly saving: RegExp;
  readonly saved: RegExp;
  readonly loaded: RegExp;
  readonly fileOf: (step: number) => string;
}

export const TRAIN_JS: TrainingExample = {
  directory: path.join(EXAMPLES, "train-js"),
  command: [process.execPath, "train.ts"],
  servers: { DATA_URL: [process.execPath, "data-server.ts"] },
  step: /^iter (\d+): loss (\S+),/,
  saving: /^saving checkpoint at step (\d+)/,
  saved: /^saved checkpoint at step (\d+)/,
  loaded: /^resumed from checkpoint at step (\d+)/,
  fileOf: (step) => `step-${step}.ckpt`,
};

export const TRAIN_PYTHON: TrainingExample = {
  directory: path.join(EXAMPLES, "train-python"),
  command: [".venv/bin/python", "train.py"],
  servers: {
    CATALOG_URL: [".venv/bin/python", "data_server.py", "catalog"],
    DATA_URL: [".venv/bin/python", "data_server.py", "shards"],
  },
  step: /INFO - step: +(\d+) {2}loss: +(\S+)/,
  saving: /Saving the checkpoint at step (\d+)/,
  saved: /Finished saving the checkpoint/,
  loaded: /Loading the checkpoint at step (\d+)/,
  fileOf: (step) => `step-${step}.npz`,
};

export interface Servers extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

const untilAnswered = async (url: string, child: ChildProcess): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => null);
    await answer?.text();
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export const startServers = async ({ directory, servers }: TrainingExample): Promise<Servers> => {
  const stack = new AsyncDisposableStack();
  const env: Record<string, string> = {};
  for (const [variable, [program, ...args]] of Object.entries(servers)) {
    const port = await freePort();
    const child = spawn(program as string, args, {
      cwd: directory,
      env: { ...process.env, PORT: String(port) },
      stdio: "inherit",
    });
    stack.defer(async () => {
      if (child.exitCode !== null || !child.kill("SIGKILL")) return;
      await once(child, "exit");
    });
    env[variable] = `http://127.0.0.1:${port}`;
    await untilAnswered(`${env[variable]}/healthz`, child);
  }
  return { env, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

export interface Life {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
}

/** Starts the training, and waits for its end. `onLine` may kill it. */
export const train = async (
  example: TrainingExample,
  env: Readonly<Record<string, string>>,
  onLine: (line: string, kill: () => void) => void = () => undefined,
  onStart: (kill: () => void) => void = () => undefined,
): Promise<Life> => {
  const [program, ...args] = example.command;
  const child = spawn(program as string, args, {
    cwd: example.directory,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = (): void => void child.kill("SIGKILL");
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      onLine(line, kill);
    });
  }
  onStart(kill);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, lines };
};

/** Losses by step as they were logged: those of a step that was done twice must be equal. */
export const lossesOf = ({ step }: TrainingExample, lives: readonly Life[]): Map<number, string> => {
  const losses = new Map<number, string>();
  for (const [, number = "", loss = ""] of lives
    .flatMap(({ lines }) => lines)
    .flatMap((line) => [step.exec(line) ?? []])) {
    if (number === "") continue;
    const before = losses.get(Number(number));
    if (before !== undefined && before !== loss)
      throw new Error(`step ${number} had the loss ${before}, and ${loss} when it was done again`);
    losses.set(Number(number), loss);
  }
  return losses;
};
