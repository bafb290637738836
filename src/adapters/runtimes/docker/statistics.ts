import type Dockerode from "dockerode";
import type { ProcessUsage } from "../../../run/ports.ts";

/** What the engine tells of one container at one instant, totals since its start. */
interface Totals {
  readonly atMs: number;
  readonly cpuNs: number;
  readonly memoryBytes: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** What the kernel holds it to; 0 where it does not say. */
  readonly memoryLimitBytes: number;
}

/** Page cache that the kernel gives back at once is no use of memory (as `docker stats` counts; cgroup v1 and v2 names). */
const memoryOf = ({ usage = 0, stats }: Partial<Dockerode.MemoryStats>): number => {
  const named = stats as Partial<Record<string, number>> | undefined;
  return Math.max(0, usage - (named?.["total_inactive_file"] ?? named?.["inactive_file"] ?? 0));
};

const totalsOf = (stats: Dockerode.ContainerStats): Totals => {
  const networks = Object.values(stats.networks ?? {});
  return {
    atMs: Date.parse(stats.read),
    cpuNs: stats.cpu_stats.cpu_usage.total_usage,
    memoryBytes: memoryOf(stats.memory_stats),
    receivedBytes: networks.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    sentBytes: networks.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
    memoryLimitBytes: (stats.memory_stats as Partial<Dockerode.MemoryStats>).limit ?? 0,
  };
};

/** Turns the engine's totals into use per interval. One for each container. */
export class UsageMeter {
  readonly #machineBytes: number;
  #last: Totals | null = null;

  /** @param machineBytes a memory limit as large is none */
  constructor(machineBytes: number) {
    this.#machineBytes = machineBytes;
  }

  /** Null where it does not run. Use is over the time since the last call; the first call tells memory alone. */
  async read(name: string, container: Dockerode.Container): Promise<ProcessUsage | null> {
    const stats = await container.stats({ stream: false, "one-shot": true });
    const now = totalsOf(stats);
    const last = this.#last;
    // A container that does not run is told with a zero time.
    if (!(now.atMs > 0) || now.memoryBytes === 0) {
      this.#last = null;
      return null;
    }
    this.#last = now;
    const elapsedMs = last === null ? 0 : now.atMs - last.atMs;
    const perSecond = (total: number, before: number): number =>
      elapsedMs <= 0 ? 0 : (Math.max(0, total - before) * 1000) / elapsedMs;
    const { memoryLimitBytes } = now;
    const isHeld = memoryLimitBytes > 0 && memoryLimitBytes < this.#machineBytes;
    return {
      ...(isHeld ? { memoryLimitBytes } : {}),
      name,
      atMs: Date.now(),
      cpu: last === null ? 0 : perSecond(now.cpuNs, last.cpuNs) / 1e9,
      memoryBytes: now.memoryBytes,
      receivedBytesPerSecond: last === null ? 0 : perSecond(now.receivedBytes, last.receivedBytes),
      sentBytesPerSecond: last === null ? 0 : perSecond(now.sentBytes, last.sentBytes),
    };
  }
}
