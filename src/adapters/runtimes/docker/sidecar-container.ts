/** The sidecar in a container of the run's networks: closed in, configured over its standard input, gone when we are. */
import { createInterface } from "node:readline";
import { type Duplex, PassThrough } from "node:stream";
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import type { SidecarReady } from "../../../core/sidecar-protocol.ts";
import { type LogFile, openLog } from "../log-file.ts";
import { HttpSidecarControl } from "../sidecar-control.ts";
import { createOptions, putFiles, type SidecarContainerStart } from "./sidecar-container-options.ts";

export type { SidecarContainerStart } from "./sidecar-container-options.ts";

export interface SidecarContainer extends AsyncDisposable {
  readonly control: HttpSidecarControl;
  readonly containerId: string;
  /** Its IPv4 address by network name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Port on `engine.host` of a published edge; throws for any other. */
  hostPort(edge: string): number;
}

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 3000;
/** The last output may come after the end is known. */
const DRAIN_TIMEOUT_MS = 500;
const LAST_LINES = 20;

/**
 * Starts it and waits until its control API answers.
 *
 * @throws SquallError `sidecar-failed` with its last lines; nothing of it is left then
 */
export const startSidecarContainer = async (start: SidecarContainerStart): Promise<SidecarContainer> => {
  const log = openLog(start.logFile, (line) => line);
  let running: Running | null = null;
  try {
    running = await Running.create(start, log);
    return await running.start();
  } catch (error) {
    await running?.remove();
    await log.close();
    throw failure(error, log, start.logFile);
  }
};

const failure = (cause: unknown, log: LogFile, logFile: string): SquallError => {
  const why = cause instanceof Error ? cause.message.trim() : String(cause);
  const lines = log.tail(LAST_LINES);
  return new SquallError("sidecar-failed", `The sidecar's container did not start: ${why}`, {
    place: logFile,
    detail:
      lines.length === 0 ? ["it wrote nothing"] : ["its last lines:", ...lines.map((line) => `| ${line}`)],
    remedy: /no such image/i.test(why)
      ? "Run again: the image was removed in between."
      : "Read its log; where the image is your own (docker.sidecarImage), it must have Node 24 for this engine.",
    cause,
  });
};

/**
 * Created through dockerode itself: testcontainers' GenericContainer puts a container with aliases on the default bridge
 * as well, and waits 10 s for the ports of one that has ended, where we can tell at once why.
 */
class Running {
  readonly #start: SidecarContainerStart;
  readonly #container: Dockerode.Container;
  readonly #log: LogFile;
  readonly #stdin: Duplex;
  readonly #firstLine: Promise<string>;
  readonly #drained: Promise<unknown>;
  /** Resolves with its exit code when it has ended; null where the engine does not say. */
  readonly #ended: Promise<number | null>;

  private constructor(
    start: SidecarContainerStart,
    container: Dockerode.Container,
    log: LogFile,
    stdin: Duplex,
  ) {
    this.#start = start;
    this.#container = container;
    this.#log = log;
    this.#stdin = stdin;
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    container.modem.demuxStream(stdin, stdout, stderr);
    const end = (): void => {
      stdout.end();
      stderr.end();
    };
    stdin.on("end", end).on("close", end).on("error", end);
    this.#drained = log.capture(stderr, "stderr");
    this.#firstLine = new Promise((resolve) => {
      createInterface({ input: stdout }).once("line", resolve);
    });
    this.#ended = container.wait({ condition: "removed" }).then(
      ({ StatusCode }: { readonly StatusCode: number }) => StatusCode,
      () => null,
    );
  }

  static async create(start: SidecarContainerStart, log: LogFile): Promise<Running> {
    const { docker } = start.engine;
    const container = await docker.createContainer(createOptions(start));
    try {
      // Engines before API 1.44 take one network at creation.
      for (const { name, aliases } of start.networks.slice(1)) {
        const endpoint = { Container: container.id, EndpointConfig: { Aliases: [...aliases] } };
        await docker.getNetwork(name).connect(endpoint);
      }
      await putFiles(container, start);
      // Before the start: its first words are not missed, and it never sees a closed standard input.
      const streams = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
      return new Running(start, container, log, (await container.attach(streams)) as Duplex);
    } catch (error) {
      await container.remove({ force: true, v: true }).catch(() => undefined);
      throw error;
    }
  }

  async start(): Promise<SidecarContainer> {
    const { engine, networks, publish, controlPort, configOf } = this.#start;
    await this.#container.start();
    const { NetworkSettings } = await this.#container.inspect();
    const addresses = Object.fromEntries(
      networks.map(({ name }) => [name, NetworkSettings.Networks[name]?.IPAddress ?? ""]),
    );
    const hostPortOf = (inside: number | undefined): number =>
      Number(NetworkSettings.Ports[`${inside}/tcp`]?.[0]?.HostPort ?? 0);
    const config = configOf(addresses);
    this.#stdin.write(`${JSON.stringify(config)}\n`);
    await this.#ready();
    const control = new HttpSidecarControl(`http://${engine.host}:${hostPortOf(controlPort)}`, config.token);
    // Proves that the published port leads to it.
    await control.active();
    return {
      control,
      containerId: this.#container.id,
      addresses,
      hostPort: (edge) => {
        const port = hostPortOf(publish[edge]);
        if (port === 0) throw new SquallError("internal", `Edge ${edge} is not published.`);
        return port;
      },
      [Symbol.asyncDispose]: async () => {
        const stopped = control.stop();
        this.#stdin.end();
        await within(STOP_TIMEOUT_MS, this.#ended);
        await this.remove();
        // Not before: one that hangs answers nothing until it is gone.
        await stopped;
        await this.#log.close();
      },
    };
  }

  async #ready(): Promise<SidecarReady> {
    const ended = this.#ended.then((code) => {
      throw new Error(`it ended with exit code ${code ?? "unknown"}.`);
    });
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`no word from it within ${START_TIMEOUT_MS / 1000} s.`)),
      START_TIMEOUT_MS,
    );
    try {
      const line = await Promise.race([this.#firstLine, ended, late]);
      return JSON.parse(line) as SidecarReady;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it by force where it has not ended by itself. */
  async remove(): Promise<void> {
    // The engine removes what has ended by itself: then it is gone (404), or just going (409).
    await this.#container.remove({ force: true, v: true }).catch(() => undefined);
    await within(STOP_TIMEOUT_MS, this.#ended);
    await within(DRAIN_TIMEOUT_MS, this.#drained);
    this.#stdin.destroy();
  }
}

const within = async (limitMs: number, awaited: Promise<unknown>): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race([awaited, promise]);
  clearTimeout(timer);
};
