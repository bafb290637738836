/** One container of a run: started through testcontainers, killed and started again as often as faults ask. */
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import { SURVIVABLE_SIGNALS } from "../../../core/fault.ts";
import type { ProcessExit } from "../../../run/ports.ts";
import { type LogFile, MAX_LOG_BYTES, openLog } from "../log-file.ts";
import { Factors, type Relieved } from "../relief.ts";
import { captureOutput, DRAIN_MS } from "./container-output.ts";
import { type ContainerPlan, CPU_PERIOD_US, cpuQuotaUs, startRemedy } from "./container-plan.ts";
import { startPlanned } from "./container-start.ts";
import type { DockerEngine } from "./engine.ts";

export interface ContainerExit {
  readonly atMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
}

/** Who hears of a container. */
export interface ContainerTold {
  /** `drained` settles when all that it wrote before has been read. */
  readonly onExit: (exit: ProcessExit, drained: Promise<unknown>) => void | Promise<void>;
  readonly onLine?: (stream: "stdout" | "stderr", text: string) => void;
  /** A new container, about to be started for the first time. */
  readonly beforeStart?: () => Promise<void>;
}

const KILL_GRACE_MS = 2000;
const LAST_LINES = 20;
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
  readonly #told: ContainerTold;
  readonly #log: LogFile;
  #container: Dockerode.Container | null = null;
  #exited: Promise<ContainerExit> = new Promise(() => undefined);
  #exit: ContainerExit | null = null;
  #drained: Promise<unknown> = Promise.resolve();
  #injecting = false;
  #stopping = false;
  #launching: Promise<void> = Promise.resolve();
  #exitTold: Promise<void> = Promise.resolve();
  #lastSignal: NodeJS.Signals | null = null;
  /** What a fault leaves it; null: what the plan gives it. */
  #cpus: number | null = null;
  readonly #cpuFactors = new Factors();

  constructor(engine: DockerEngine, plan: ContainerPlan, told: ContainerTold) {
    this.#engine = engine;
    this.plan = plan;
    this.#told = told;
    this.#log = openLog(plan.logFile, plan.redact, MAX_LOG_BYTES, told.onLine);
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
    try {
      await startPlanned(this.#engine.docker, this.plan, {
        created: async (container) => this.#watch(container),
        beforeStart: async () => this.#beforeStart(),
      });
    } catch (cause) {
      throw cause instanceof SquallError ? cause : await this.#startFailure(cause);
    }
    this.#log.note(`started as container ${this.id.slice(0, 12)} of ${this.plan.image}`);
  }

  async #beforeStart(): Promise<void> {
    if (this.#stopping) throw new SquallError("interrupted", `${this.plan.name} is not started any more.`);
    if (this.#cpus !== null) await this.#applyCpu();
    await this.#told.beforeStart?.();
  }

  /**
   * For a job's worker: created at the first time and after `discard`, else started again as it was left, with its own layer.
   * One that runs is left alone. Not called again before it has settled.
   */
  async launch(): Promise<void> {
    if (this.#stopping) return;
    this.#launching = this.#launch();
    await this.#launching;
  }

  async #launch(): Promise<void> {
    const [container, exit] = [this.#container, this.#exit];
    if (container !== null && exit === null) return;
    // What the last life wrote is told before the next one's words.
    await this.#exitTold;
    if (container === null) {
      await this.start().catch(async (error: unknown) => {
        await this.discard();
        throw error;
      });
      return;
    }
    await this.#watch(container);
    try {
      await container.start();
    } catch (cause) {
      this.#exit = exit;
      throw await this.#startFailure(cause);
    }
  }

  /** SIGTERM, and SIGKILL after a grace; resolves when it has ended and that was told. Does nothing for one that does not run. */
  async end(): Promise<void> {
    if (this.#container === null || this.#exit !== null) return;
    await this.kill("SIGTERM");
    if (this.exit === null) await this.kill("SIGKILL");
    await this.#exited.catch(() => undefined);
    await this.#exitTold;
  }

  /** Removes it with its own layer; the next `launch` makes it anew. */
  async discard(): Promise<void> {
    const container = this.#container;
    if (container === null) return;
    this.#container = null;
    this.#exit = null;
    await container.remove({ force: true, v: true }).catch(ignoreGone);
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
    this.#drained = (await captureOutput(container, this.#log)).drained;
    this.#exit = null;
    this.#injecting = false;
    this.#lastSignal = null;
    this.#exited = this.#untilExit(container);
    // A failure to wait means that the container is gone with the run: nobody asks then.
    this.#exited.catch(() => undefined);
  }

  async #untilExit(container: Dockerode.Container): Promise<ContainerExit> {
    const drained = this.#drained;
    const { StatusCode: code } = (await container.wait({ condition: "next-exit" })) as { StatusCode: number };
    const atMs = Date.now();
    const outOfMemory = await container.inspect().then(
      ({ State }) => State.OOMKilled,
      () => false,
    );
    const signal = signalOf(code);
    const exit: ContainerExit = { atMs, exitCode: signal === null ? code : null, signal, outOfMemory };
    // Never started, and discarded since: it had no life that could end.
    if (this.#container !== container) return exit;
    this.#exit = exit;
    this.#log.note(`ended with ${signal ?? `exit code ${code}`}${outOfMemory ? " (out of memory)" : ""}`);
    if (!this.#stopping) {
      const { exitCode } = exit;
      const told = { name: this.plan.name, atMs, exitCode, signal, injected: this.#injecting };
      this.#exitTold = Promise.resolve(this.#told.onExit(told, drained));
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
    if (this.#exit === null && SURVIVABLE_SIGNALS.has(signal)) this.#injecting = false;
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
      if (this.#lastSignal === null || SURVIVABLE_SIGNALS.has(this.#lastSignal)) return;
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
    // One that is being created is on no list of ours yet.
    await this.#launching.catch(() => undefined);
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
