/** One container of a run: started through testcontainers, killed and started again as often as faults ask. */
import { stat } from "node:fs/promises";
import { constants } from "node:os";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import type { ProcessExit } from "../../../run/ports.ts";
import { type LogFile, openLog } from "../log-file.ts";
import { Factors, type Relieved } from "../relief.ts";
import { applyPlan, type ContainerPlan, CPU_PERIOD_US, cpuQuotaUs, startRemedy } from "./container-plan.ts";
import type { DockerEngine } from "./engine.ts";

export interface ContainerExit {
  readonly atMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
}

/** Signals a service commonly handles and lives on with. */
const SURVIVABLE: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>(["SIGHUP", "SIGUSR1", "SIGUSR2"]);
const KILL_GRACE_MS = 2000;
const LAST_LINES = 20;
/** The last output may come after the exit is known. */
const DRAIN_MS = 300;
/** The shell's convention, which engines follow: 128 + the signal's number. */
const signalOf = (code: number): string | null =>
  code <= 128
    ? null
    : (Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] ?? null);

const isGone = (error: unknown): boolean =>
  [304, 404, 409].includes((error as { statusCode?: number }).statusCode ?? 0);

export class RunContainer implements Relieved {
  readonly plan: ContainerPlan;
  readonly #engine: DockerEngine;
  readonly #onExit: (exit: ProcessExit) => void;
  readonly #log: LogFile;
  #container: Dockerode.Container | null = null;
  #exited: Promise<ContainerExit> = new Promise(() => undefined);
  #exit: ContainerExit | null = null;
  #drained: Promise<unknown> = Promise.resolve();
  #injecting = false;
  #stopping = false;
  #lastSignal: NodeJS.Signals | null = null;
  /** What a fault leaves it; null: what the plan gives it. */
  #cpus: number | null = null;
  readonly #cpuFactors = new Factors();

  constructor(engine: DockerEngine, plan: ContainerPlan, onExit: (exit: ProcessExit) => void) {
    this.#engine = engine;
    this.plan = plan;
    this.#onExit = onExit;
    this.#log = openLog(plan.logFile, plan.redact);
  }

  get id(): string {
    return this.#container?.id ?? "";
  }

  /** Null while it runs. */
  get exit(): ContainerExit | null {
    return this.#exit;
  }

  get exited(): Promise<ContainerExit> {
    return this.#exited;
  }

  /** Null before it was created. */
  get container(): Dockerode.Container | null {
    return this.#container;
  }

  /** Creates and starts it; resolves when the engine has started it. @throws SquallError with the plan's code */
  async start(): Promise<void> {
    const { GenericContainer } = await import("testcontainers");
    const { plan } = this;
    const files = await Promise.all(plan.files.map((file) => this.#readable(file)));
    const { docker } = this.#engine;
    const created = async (id: string): Promise<void> => {
      // Engines before API 1.44 take one network at creation.
      for (const { name, aliases } of plan.networks.slice(1)) {
        await docker.getNetwork(name).connect({ Container: id, EndpointConfig: { Aliases: [...aliases] } });
      }
      await this.#watch(docker.getContainer(id));
    };
    class Planned extends GenericContainer {
      protected override async beforeContainerCreated(): Promise<void> {
        applyPlan(plan, this.createOpts, this.hostConfig);
      }
      protected override async containerCreated(id: string): Promise<void> {
        await created(id);
      }
    }
    const container = new Planned(plan.image)
      .withAutoCleanup(false)
      .withLabels({ ...plan.labels })
      .withEnvironment({ ...plan.env })
      .withCopyFilesToContainer(files.filter(({ directory }) => !directory))
      .withCopyDirectoriesToContainer(files.filter(({ directory }) => directory))
      .withWaitStrategy(await noWait());
    try {
      await container.start();
    } catch (cause) {
      throw await this.#startFailure(cause);
    }
    this.#log.note(`started as container ${this.id.slice(0, 12)} of ${plan.image}`);
  }

  async #readable<T extends { readonly source: string }>(file: T): Promise<T & { directory: boolean }> {
    try {
      return { ...file, directory: (await stat(file.source)).isDirectory() };
    } catch (cause) {
      throw new SquallError(this.plan.startErrorCode, `A file of ${this.plan.name} cannot be read.`, {
        place: file.source,
        remedy: "Check `files`: sources are relative to the suite file.",
        cause,
      });
    }
  }

  async #startFailure(cause: unknown): Promise<SquallError> {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new SquallError(this.plan.startErrorCode, `${this.plan.name} could not be started: ${why}`, {
      place: this.plan.image,
      detail: await this.lastLines(),
      remedy: startRemedy(why),
      cause,
    });
  }

  /** Follows output and exit of the start that comes next. Attached before the start: nothing is missed. */
  async #watch(container: Dockerode.Container): Promise<void> {
    this.#container = container;
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    container.modem.demuxStream(stream, stdout, stderr);
    const end = (): void => {
      stdout.destroy();
      stderr.destroy();
    };
    stream.on("error", end);
    stream.once("end", () => {
      stdout.end();
      stderr.end();
    });
    stream.once("close", () => setTimeout(end, DRAIN_MS).unref());
    this.#drained = Promise.all([this.#log.capture(stdout, "stdout"), this.#log.capture(stderr, "stderr")]);
    this.#exit = null;
    this.#injecting = false;
    this.#lastSignal = null;
    this.#exited = this.#untilExit(container);
    // A failure to wait means that the container is gone with the run: nobody asks then.
    this.#exited.catch(() => undefined);
  }

  async #untilExit(container: Dockerode.Container): Promise<ContainerExit> {
    const { StatusCode: code } = (await container.wait({ condition: "next-exit" })) as { StatusCode: number };
    const atMs = Date.now();
    const outOfMemory = await container.inspect().then(
      ({ State }) => State.OOMKilled,
      () => false,
    );
    const signal = signalOf(code);
    const exit: ContainerExit = { atMs, exitCode: signal === null ? code : null, signal, outOfMemory };
    this.#exit = exit;
    this.#log.note(`ended with ${signal ?? `exit code ${code}`}${outOfMemory ? " (out of memory)" : ""}`);
    if (!this.#stopping) {
      const { exitCode } = exit;
      this.#onExit({ name: this.plan.name, atMs, exitCode, signal, injected: this.#injecting });
    }
    return exit;
  }

  /** The last lines of its output; of a dead container, once all it wrote has been read. */
  async lastLines(): Promise<readonly string[]> {
    if (this.#exit !== null) await Promise.race([this.#drained, sleep(DRAIN_MS)]);
    return this.#log.tail(LAST_LINES);
  }

  /** Sends the signal to its first process; a paused one is woken, or it would not take it. @returns the instant, epoch ms */
  async kill(signal: NodeJS.Signals): Promise<number> {
    const container = this.#container;
    const atMs = Date.now();
    if (container === null || this.#exit !== null) return atMs;
    this.#injecting = true;
    this.#lastSignal = signal;
    await container.unpause().catch(ignoreGone);
    await container.kill({ signal }).catch(ignoreGone);
    await Promise.race([this.#exited, sleep(KILL_GRACE_MS, undefined, { ref: false })]);
    if (this.#exit === null && SURVIVABLE.has(signal)) this.#injecting = false;
    return atMs;
  }

  /**
   * Starts it again. One that still runs after a signal meant to end it (a first process has no default handlers) is
   * killed first, as a platform does when the grace is over. One that runs unsignalled is left alone.
   */
  async restart(): Promise<void> {
    const container = this.#container;
    if (container === null || this.#stopping) return;
    if (this.#exit === null) {
      if (this.#lastSignal === null || SURVIVABLE.has(this.#lastSignal)) return;
      this.#injecting = true;
      await container.kill({ signal: "SIGKILL" }).catch(ignoreGone);
      await this.#exited;
    }
    if (this.#stopping) return;
    await this.#watch(container);
    await container.start();
  }

  async pause(): Promise<void> {
    if (this.#exit === null && !this.#stopping) await this.#container?.pause().catch(ignoreGone);
  }

  async resume(): Promise<void> {
    if (this.#exit === null && !this.#stopping) await this.#container?.unpause().catch(ignoreGone);
  }

  /** Cores; null: what the plan gives it. */
  async limitCpu(cpus: number | null): Promise<void> {
    this.#cpus = cpus;
    await this.#applyCpu();
  }

  /** By a fault, whatever remedies make of it. */
  get cpusByFault(): number | null {
    return this.#cpus;
  }

  get cpuLimit(): number | null {
    const cpus = this.#cpus ?? this.plan.cpus;
    return cpus === undefined ? null : cpus * this.#cpuFactors.product;
  }

  async multiplyCpu(times: number): Promise<() => Promise<void>> {
    const takeAway = this.#cpuFactors.add(times);
    const undo = async (): Promise<void> => {
      takeAway();
      await this.#applyCpu();
    };
    try {
      await this.#applyCpu();
    } catch (error) {
      takeAway();
      throw error;
    }
    return undo;
  }

  async #applyCpu(): Promise<void> {
    const cpus = this.cpuLimit;
    await this.#container?.update({
      CpuPeriod: CPU_PERIOD_US,
      CpuQuota: cpus === null ? -1 : cpuQuotaUs(cpus),
    });
  }

  /** Ends and removes it, with its anonymous volumes. Never throws for one that is gone. */
  async remove(): Promise<void> {
    this.#stopping = true;
    if (this.#container !== null) {
      await this.#container.remove({ force: true, v: true }).catch(ignoreGone);
      await Promise.race([this.#drained, sleep(DRAIN_MS)]);
    }
    await this.#log.close();
  }
}

const ignoreGone = (error: unknown): void => {
  // Engines answer 500 for a container that is not paused (or paused already): what we wanted.
  if (!isGone(error) && !/is (not|already) paused/i.test(String(error))) throw error;
};

/** Readiness is asked through the sidecar, by a real request: the start itself waits for nothing. */
const noWait = async () => {
  const { Wait } = await import("testcontainers");
  const strategy = Wait.forListeningPorts();
  strategy.waitUntilReady = () => Promise.resolve();
  return strategy;
};
