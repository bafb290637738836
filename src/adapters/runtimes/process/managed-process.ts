/** A process of the suite that can be killed and started again: a service replica, or a command dependency. */
import { setTimeout as sleep } from "node:timers/promises";
import { SURVIVABLE_SIGNALS } from "../../../core/fault.ts";
import type { ProcessExit } from "../../../run/ports.ts";
import { Factors, type Relieved } from "../relief.ts";
import { Child, type ChildSpec } from "./child.ts";
import { signalGroup } from "./group-signal.ts";
import type { Keeper } from "./keeper-process.ts";
import { readGroupUsage } from "./usage.ts";

const STOP_GRACE_MS = 2000;
const POLL_MS = 10;
/** SIGKILL works at once; only a process in an uninterruptible wait takes longer, and the keeper's sweep waits for that. */
const GROUP_END_MS = 1000;

export type OnManagedExit = (exit: ProcessExit, child: Child) => void;

export class ManagedProcess implements Relieved {
  readonly spec: ChildSpec;
  readonly port: number;
  readonly #keeper: Keeper;
  readonly #onExit: OnManagedExit;
  #child: Child | null = null;
  /** The next exit is our doing. */
  #injecting = false;
  #stopping = false;
  #lastSignal: NodeJS.Signals | null = null;
  /** What a fault leaves it, and how many times that it has by remedies. */
  #cpus: number | null = null;
  readonly #cpuFactors = new Factors();
  #lastUsage: { readonly atMs: number; readonly cpuMs: number } | null = null;

  constructor(spec: ChildSpec, port: number, keeper: Keeper, onExit: OnManagedExit) {
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
    this.#lastSignal = null;
    this.#lastUsage = { atMs: performance.now(), cpuMs: 0 };
    // A limit is in force until it is lifted, also for the process that comes after a kill.
    if (this.#cpus !== null) this.#applyCpu();
    void this.#tellExit(child);
    // The system may have been stopped while this was being spawned.
    if (this.#stopping) await this.#endGroup(child);
    return child;
  }

  async #tellExit(child: Child): Promise<void> {
    const exit = await child.exited;
    if (!this.#stopping) this.#onExit({ name: this.spec.name, ...exit, injected: this.#injecting }, child);
  }

  /**
   * Sends the signal to the whole group; a paused group is woken, or it would not take it. Resolves when the process is
   * gone, or after 2 s where it caught the signal and goes on. Returns the instant of the signal, epoch ms.
   */
  async kill(signal: NodeJS.Signals): Promise<number> {
    const child = this.#child;
    const atMs = Date.now();
    if (child === null || child.exit !== null) return atMs;
    this.#injecting = true;
    this.#lastSignal = signal;
    child.signal(signal);
    this.#keeper.resume(child.pid);
    child.signal("SIGCONT");
    await Promise.race([child.exited, sleep(STOP_GRACE_MS, undefined, { ref: false })]);
    // It lives on, so a later death is its own.
    if (child.exit === null && SURVIVABLE_SIGNALS.has(signal)) this.#injecting = false;
    return atMs;
  }

  /**
   * Starts it again. One that still runs after a signal meant to end it is killed first, as a platform does when the
   * grace is over; one that took a signal services handle, or none since its start, is left running. Does nothing once
   * the system is stopping.
   */
  async restart(): Promise<void> {
    const old = this.#child;
    if (this.#stopping) return;
    const last = this.#lastSignal;
    if (old !== null && old.exit === null && (last === null || SURVIVABLE_SIGNALS.has(last))) return;
    if (old !== null) {
      this.#injecting = true;
      await this.#endGroup(old);
    }
    if (this.#stopping) return;
    await this.start();
  }

  pause(): void {
    const child = this.#child;
    if (child === null || this.#stopping || child.exit !== null) return;
    this.#keeper.pause(child.pid);
    child.signal("SIGSTOP");
  }

  resume(): void {
    const child = this.#child;
    if (child === null || this.#stopping || child.exit !== null) return;
    this.#keeper.resume(child.pid);
    child.signal("SIGCONT");
  }

  limitCpu(cpus: number | null): void {
    this.#cpus = cpus;
    this.#applyCpu();
  }

  /** By a fault, whatever remedies make of it. */
  get cpusByFault(): number | null {
    return this.#cpus;
  }

  get cpuLimit(): number | null {
    return this.#cpus === null ? null : this.#cpus * this.#cpuFactors.product;
  }

  async multiplyCpu(times: number): Promise<() => Promise<void>> {
    const takeAway = this.#cpuFactors.add(times);
    this.#applyCpu();
    return async () => {
      takeAway();
      this.#applyCpu();
    };
  }

  #applyCpu(): void {
    const child = this.#child;
    const cpus = this.cpuLimit;
    if (child === null || child.exit !== null) return;
    if (cpus === null) this.#keeper.unlimit(child.pid);
    else this.#keeper.limit(child.pid, cpus);
  }

  /** Cores in use since the last call (the first: since the start). */
  usage(): { readonly cpu: number; readonly memoryBytes: number } | null {
    if (this.#child === null || this.#child.exit !== null) return null;
    const { cpuMs, memoryBytes } = readGroupUsage(this.#child.pid);
    const atMs = performance.now();
    const last = this.#lastUsage;
    this.#lastUsage = { atMs, cpuMs };
    const cpu = last === null ? 0 : Math.max(0, (cpuMs - last.cpuMs) / Math.max(1, atMs - last.atMs));
    return { cpu, memoryBytes };
  }

  /** SIGTERM, then SIGKILL, to the whole group; a paused group is woken first. It is not started again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.end();
  }

  /** As `stop`, but it may be started again; its exit is our doing. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#injecting = true;
    if (child.exit === null) {
      this.#keeper.unlimit(child.pid);
      child.signal("SIGTERM");
      this.#keeper.resume(child.pid);
      child.signal("SIGCONT");
      await Promise.race([child.exited, sleep(STOP_GRACE_MS, undefined, { ref: false })]);
    }
    await this.#endGroup(child);
  }

  /** Of one that has ended: is anything of its group left? Where not, its number is forgotten, for it may become another's. */
  leavesGroup(): boolean {
    const child = this.#child;
    if (child === null || child.exit === null) return false;
    if (child.signal("SIGCONT")) return true;
    this.#keeper.forget(child.pid);
    return false;
  }

  /** Kills what is left of the group, so that nothing of it holds the port; the system tells no event for the last one. */
  async #endGroup(child: Child): Promise<void> {
    signalGroup(child.pid, "SIGKILL");
    await child.exited;
    const untilMs = performance.now() + GROUP_END_MS;
    // Where nobody reaps orphans, a dead member keeps the group's number for ever: the limit ends that wait.
    while (signalGroup(child.pid, "SIGKILL") && performance.now() < untilMs) await sleep(POLL_MS);
    this.#keeper.forget(child.pid);
  }
}
