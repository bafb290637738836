import { totalmem } from "node:os";
import { bytesText } from "./bytes.ts";
import type { Question } from "./check.ts";
import { controlGroup } from "./control-group.ts";

export interface MemoryFacts {
  readonly totalBytes: number;
  /** What this process could still get, its control group considered. */
  readonly freeBytes: number;
  readonly limitBytes: number | null;
}

/** squall, its sidecar and its generator together; the service comes on top. */
const LEAST_BYTES = 512 * 2 ** 20;

export const lookAtMemory = async (): Promise<MemoryFacts> => ({
  totalBytes: totalmem(),
  freeBytes: process.availableMemory(),
  limitBytes: (await controlGroup()).memoryBytes,
});

export const memory = (facts: () => Promise<MemoryFacts> = lookAtMemory): Question => ({
  name: "memory",
  neededFor: "squall, its sidecar and the service beside each other",
  otherwise: { state: "warn", remedy: "Make sure that there are 512 MiB beside what the service needs." },
  look: async () => {
    const { totalBytes, freeBytes, limitBytes } = await facts();
    const limited = limitBytes !== null && limitBytes < totalBytes;
    const free = limited ? Math.min(freeBytes, limitBytes) : freeBytes;
    const found = `${bytesText(free)} free of ${bytesText(totalBytes)}${limited ? ` (the container may use ${bytesText(limitBytes)})` : ""}`;
    return free >= LEAST_BYTES
      ? { state: "ok", found }
      : {
          state: "warn",
          found,
          remedy: "Free some memory, or give the container more: 512 MiB beside the service.",
        };
  },
});
