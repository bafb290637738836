/** CPU limit without cgroups: the group runs for part of each period and stands still for the rest. */

import { signalGroup } from "./group-signal.ts";
import { readGroupUsage } from "./usage.ts";

const PERIOD_MS = 50;
const LEAST_RUN_MS = 2;

/**
 * Steers the running share of each period so that the group's measured use comes to `cpus`. A group that uses less than
 * it may is left running. Stopping it leaves the group running.
 */
export class DutyCycle {
  readonly #pid: number;
  readonly #cpus: number;
  #runMs: number = PERIOD_MS;
  #timer: NodeJS.Timeout | undefined;
  #lastCpuMs: number;
  #lastAt = performance.now();
  #periods = 0;
  #stopped = false;

  constructor(pid: number, cpus: number) {
    this.#pid = pid;
    this.#cpus = cpus;
    this.#lastCpuMs = readGroupUsage(pid).cpuMs;
    this.#runMs = Math.max(LEAST_RUN_MS, Math.min(PERIOD_MS, PERIOD_MS * cpus));
    this.#run();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    signalGroup(this.#pid, "SIGCONT");
  }

  #run(): void {
    if (this.#stopped) return;
    signalGroup(this.#pid, "SIGCONT");
    if (this.#periods++ % 4 === 3) this.#steer();
    if (this.#runMs >= PERIOD_MS) this.#timer = setTimeout(() => this.#run(), PERIOD_MS);
    else this.#timer = setTimeout(() => this.#pause(), this.#runMs);
  }

  #pause(): void {
    if (this.#stopped) return;
    signalGroup(this.#pid, "SIGSTOP");
    this.#timer = setTimeout(() => this.#run(), PERIOD_MS - this.#runMs);
  }

  /** Proportional step towards the wanted use, at most doubling or halving at once. */
  #steer(): void {
    const now = performance.now();
    const { cpuMs } = readGroupUsage(this.#pid);
    const used = (cpuMs - this.#lastCpuMs) / Math.max(1, now - this.#lastAt);
    this.#lastCpuMs = cpuMs;
    this.#lastAt = now;
    const factor = Math.min(2, Math.max(0.5, this.#cpus / Math.max(used, 0.001)));
    this.#runMs = Math.min(PERIOD_MS, Math.max(LEAST_RUN_MS, this.#runMs * factor));
  }
}
