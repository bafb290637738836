/**
 * Less memory, live. Below what is in use the kernel first takes back caches; then cgroup v1 refuses, and v2 ends a process
 * of the container (an effect of its own, seen as an exit).
 */
import type Dockerode from "dockerode";
import { SquallError } from "../../../../core/errors.ts";
import { isMissing, reasonOf } from "./engine-answer.ts";
import type { DockerFault } from "./fault.ts";
import { strikeOrUndo } from "./undo.ts";

interface Limits {
  readonly Memory: number;
  readonly MemorySwap: number;
}

/**
 * An exabyte. Engines take no word for "no limit" once there was one: 0 leaves all as it is, -1 is refused as too small.
 * Swap stands beyond it, or cgroup v2 would forbid swap for good.
 */
const UNLIMITED: Limits = { Memory: 1e18, MemorySwap: 2e18 };
/** The kernel counts in pages; this is the largest in use. */
const PAGE_BYTES = 65_536;

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

const limitsOf = async (container: Dockerode.Container): Promise<Limits> => {
  const { Memory = 0, MemorySwap = 0 } = (await container.inspect()).HostConfig;
  if (Memory <= 0) return UNLIMITED;
  return { Memory, MemorySwap: MemorySwap > 0 ? MemorySwap : UNLIMITED.MemorySwap };
};

/** What the kernel holds it to, as far as the machine's own memory; infinite where the container does not run. */
const kernelLimit = async (container: Dockerode.Container): Promise<number> => {
  const { memory_stats } = await container.stats({ stream: false, "one-shot": true });
  return memory_stats.limit || Number.POSITIVE_INFINITY;
};

const refusal = (cause: unknown, bytes: number, on: string): SquallError => {
  const why = reasonOf(cause);
  const usage = /current usage: (\d+)/.exec(why)?.[1];
  const because =
    usage === undefined ? why : `it uses ${mebibytes(Number(usage))}, and the kernel cannot take that back`;
  return new SquallError("fault-unsupported", `${on} cannot be held to ${mebibytes(bytes)}: ${because}.`, {
    place: `memory-limit on ${on}`,
    remedy: "Write more bytes: above what the container uses without load, and at least 6 MiB.",
    cause,
  });
};

const notLifted = (container: Dockerode.Container, why: string, cause?: unknown): SquallError =>
  new SquallError("fault-not-cleared", `A memory limit was not lifted: ${why}`, {
    place: `container ${container.id.slice(0, 12)}`,
    remedy: "End the run: the limit goes with the container.",
    cause,
  });

const lift = async (container: Dockerode.Container, before: Limits): Promise<void> => {
  await container.update(before).catch((cause: unknown) => {
    if (!isMissing(cause)) throw notLifted(container, reasonOf(cause), cause);
  });
};

/** By the engine's word and by the kernel's, which may take the engine a second to ask. */
const proveLifted = async (
  container: Dockerode.Container,
  before: Limits,
  machineBytes: number,
): Promise<void> => {
  try {
    const [{ Memory }, held] = await Promise.all([limitsOf(container), kernelLimit(container)]);
    const wanted = Math.min(before.Memory, machineBytes);
    if (Memory === before.Memory && held >= wanted - PAGE_BYTES) return;
    throw notLifted(container, `it is still held to ${mebibytes(Math.min(Memory, held))}`);
  } catch (cause) {
    if (isMissing(cause)) return;
    throw cause instanceof SquallError ? cause : notLifted(container, reasonOf(cause), cause);
  }
};

export const memoryLimit: DockerFault<"memory-limit"> = (context, { on, bytes }) =>
  strikeOrUndo(async (undo) => {
    const { docker } = context;
    const machineBytes = Number((await docker.info()).MemTotal);
    const struck: { readonly container: Dockerode.Container; readonly before: Limits }[] = [];
    for (const id of context.targets(on)) {
      const container = docker.getContainer(id);
      const before = await limitsOf(container);
      undo.add(() => lift(container, before));
      // No swap beyond it: a container that may swap is slow, not short of memory.
      await container.update({ Memory: bytes, MemorySwap: bytes }).catch((cause: unknown) => {
        throw refusal(cause, bytes, on);
      });
      struck.push({ container, before });
    }
    // A remedy may have given it more since then.
    const isHeld = ({ container, before }: (typeof struck)[number]): Promise<boolean> =>
      limitsOf(container).then(
        ({ Memory }) => Memory === bytes || (Memory > bytes && Memory < before.Memory),
        () => false,
      );
    return {
      effect: async () => {
        const held = await Promise.all(struck.map(isHeld));
        return { seen: struck.length, affected: held.filter(Boolean).length };
      },
      clear: async () => {
        await undo.all();
        await Promise.all(
          struck.map(({ container, before }) => proveLifted(container, before, machineBytes)),
        );
      },
    };
  });
