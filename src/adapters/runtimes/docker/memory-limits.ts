/** Which containers are short of memory now, and more of it as a remedy. */
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import type { Fault } from "../../../core/fault.ts";
import type { RuntimeStrike } from "../../../run/ports.ts";
import type { RunContainer } from "./container.ts";
import { targetsOf } from "./container-control.ts";
import { isMissing, reasonOf } from "./faults/engine-answer.ts";

interface Limits {
  readonly Memory: number;
  readonly MemorySwap: number;
}

const limitsOf = async (container: Dockerode.Container): Promise<Limits> => {
  const { Memory = 0, MemorySwap = 0 } = (await container.inspect()).HostConfig;
  return { Memory, MemorySwap };
};

export class MemoryLimits {
  readonly #docker: Dockerode;
  readonly #machineBytes: number;
  /** Faults that hold each container, by its id. */
  readonly #held = new Map<string, number>();

  constructor(docker: Dockerode, machineBytes: number) {
    this.#docker = docker;
    this.#machineBytes = machineBytes;
  }

  isLimited({ id, plan }: RunContainer): boolean {
    return plan.memoryBytes !== undefined || (this.#held.get(id) ?? 0) > 0;
  }

  /** Strikes, and remembers whom a memory limit holds until it is cleared. */
  async noting(
    fault: Fault,
    parts: Parameters<typeof targetsOf>[0],
    strike: () => Promise<RuntimeStrike>,
  ): Promise<RuntimeStrike> {
    const struck = await strike();
    if (fault.kind !== "memory-limit") return struck;
    const ids = targetsOf(parts, fault.on).map(({ id }) => id);
    const count = (by: 1 | -1): void => {
      for (const id of ids) this.#held.set(id, (this.#held.get(id) ?? 0) + by);
    };
    count(1);
    let cleared = false;
    return {
      effect: () => struck.effect(),
      clear: async () => {
        await struck.clear();
        if (!cleared) count(-1);
        cleared = true;
      },
    };
  }

  /**
   * So many times what it is held to, at most the machine's memory. Undone, the limit of before is back, unless another
   * was put in force meanwhile (a fault that was cleared).
   */
  async multiply({ id, plan }: RunContainer, times: number): Promise<() => Promise<void>> {
    const container = this.#docker.getContainer(id);
    const before = await limitsOf(container);
    const wanted = Math.min(this.#machineBytes, Math.round(before.Memory * times));
    // Page-aligned, as engines tell it back.
    const Memory = wanted - (wanted % 4096);
    await container.update({ Memory, MemorySwap: Math.max(Memory, before.MemorySwap) });
    return async () => {
      try {
        if ((await limitsOf(container)).Memory === Memory) await container.update(before);
      } catch (error) {
        // A container that is gone took its limit along.
        if (isMissing(error)) return;
        throw new SquallError(
          "fault-not-cleared",
          `${plan.name} kept the memory of a remedy: ${reasonOf(error)}`,
          {
            place: `container ${id.slice(0, 12)}`,
            remedy: "It uses more than its limit by now: restart it, or end the run.",
            cause: error,
          },
        );
      }
    };
  }

  /** Holds a container to what another is held to. */
  async copy(from: RunContainer, to: RunContainer): Promise<void> {
    if (!this.isLimited(from)) return;
    const { Memory, MemorySwap } = await limitsOf(this.#docker.getContainer(from.id));
    if (Memory > 0) await this.#docker.getContainer(to.id).update({ Memory, MemorySwap });
  }
}
