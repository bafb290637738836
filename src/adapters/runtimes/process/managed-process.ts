/** A process of the suite that can be killed and started again: a service replica, or a command dependency. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessExit } from "../../../run/ports.ts";
import { Child, type ChildSpec, signalGroup } from "./child.ts";
import type { Keeper } from "./keeper-process.ts";
import { readGroupUsage } from "./usage.ts";

const STOP_GRACE_MS = 2000;

export class ManagedProcess {
  readonly spec: ChildSpec;
  readonly port: number;
  readonly #keeper: Keeper;
  readonly #onExit: (exit: ProcessExit) => void;
  #child: Child | null = null;
  /** The next exit is our doing. */
  #injecting = false;
  #stopping = false;
  #lastUsage: { readonly atMs: number; readonly cpuMs: number } | null = null;

  constructor(spec: ChildSpec, port: number, keeper: Keeper, onExit: (exit: ProcessExit) => void) {
    this.spec = spec;
    this.port = port;
    this.#keeper = keeper;
    this.#onExit = onExit;
  }

  get child(): Child | null {
    return this.#child;
  }

  async start(): Promise<Child> {
    const child = await Child.start(this.spec);
    this.#keeper.keep(child.pid);
    this.#child = child;
    this.#injecting = false;
    this.#lastUsage = null;
    void this.#tellExit(child);
    return child;
  }

  async #tellExit(child: Child): Promise<void> {
    const exit = await child.exited;
    if (!this.#stopping) this.#onExit({ name: this.spec.name, ...exit, injected: this.#injecting });
  }

  /** Sends the signal to the whole group. For a signal that ends by default, resolves when the process is gone. */
  async kill(signal: NodeJS.Signals): Promise<number> {
    const child = this.#child;
    this.#injecting = true;
    const atMs = Date.now();
    if (child === null || child.exit !== null) return atMs;
    child.signal(signal);
    // A service may catch the signal and go on; it is given the grace of an orderly stop, as a platform would.
    await Promise.race([child.exited, sleep(STOP_GRACE_MS, undefined, { ref: false })]);
    return atMs;
  }

  async restart(): Promise<void> {
    const old = this.#child;
    if (old !== null && old.exit === null) {
      old.signal("SIGKILL");
      await old.exited;
    }
    // What the dead process left running would hold the port.
    if (old !== null) signalGroup(old.pid, "SIGKILL");
    await this.start();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.signal(signal);
  }

  limitCpu(cpus: number | null): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    if (cpus === null) this.#keeper.unlimit(pid);
    else this.#keeper.limit(pid, cpus);
  }

  /** Cores in use since the last call. */
  usage(): { readonly cpu: number; readonly memoryBytes: number } | null {
    if (this.#child === null || this.#child.exit !== null) return null;
    const { cpuMs, memoryBytes } = readGroupUsage(this.#child.pid);
    const atMs = performance.now();
    const last = this.#lastUsage;
    this.#lastUsage = { atMs, cpuMs };
    const cpu = last === null ? 0 : Math.max(0, (cpuMs - last.cpuMs) / Math.max(1, atMs - last.atMs));
    return { cpu, memoryBytes };
  }

  /** SIGTERM, then SIGKILL, to the whole group; a paused group is woken first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child === null) return;
    if (child.exit === null) {
      child.signal("SIGCONT");
      child.signal("SIGTERM");
      await Promise.race([child.exited, sleep(STOP_GRACE_MS, undefined, { ref: false })]);
    }
    signalGroup(child.pid, "SIGKILL");
    await child.exited;
  }
}
