/** What is watched beside the load: health and ready paths, processor and memory. */
import type { HealthSample, ProcessSample } from "../core/profile.ts";
import type { RunningSystem } from "./ports.ts";

const HEALTH_INTERVAL_MS = 500;
const USAGE_INTERVAL_MS = 1000;
const HEALTH_TIMEOUT_MS = 1000;

/** Looks at health and ready paths, past the sidecar, until disposed. */
export class HealthSampler implements AsyncDisposable {
  readonly #samples: HealthSample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #pending = new Set<Promise<void>>();

  constructor(
    system: RunningSystem,
    paths: { readonly health?: string | undefined; readonly ready?: string | undefined },
    windowAt: (runMs: number) => number | null,
    runStartMs: number,
  ) {
    const look = (path: "health" | "ready", url: string): void => {
      const atMs = Date.now() - runStartMs;
      const window = windowAt(atMs);
      if (window === null) return;
      const looking = statusOf(url).then((status) => void this.#samples.push({ window, path, atMs, status }));
      this.#pending.add(looking);
      void looking.finally(() => this.#pending.delete(looking));
    };
    this.#timer = setInterval(() => {
      const base = system.serviceUrls[0];
      if (base === undefined) return;
      if (paths.health !== undefined) look("health", base + paths.health);
      if (paths.ready !== undefined) look("ready", base + paths.ready);
    }, HEALTH_INTERVAL_MS);
  }

  get samples(): readonly HealthSample[] {
    return this.#samples;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }
}

/** 0 where no answer came in time. */
const statusOf = async (url: string): Promise<number> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS), redirect: "manual" });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
};

/** Processor and memory of every process, each second, until disposed. */
export class UsageSampler implements AsyncDisposable {
  readonly samples: ProcessSample[] = [];
  readonly #timer: NodeJS.Timeout;
  #last: Promise<void> = Promise.resolve();

  constructor(system: RunningSystem, runStartMs: number) {
    const look = async (): Promise<void> => {
      try {
        for (const { name, atMs, cpu, memoryBytes } of await system.processes.usage()) {
          this.samples.push({ name, atMs: atMs - runStartMs, cpu, memoryBytes });
        }
      } catch {
        // A process that dies while it is looked at is seen by exits(), not here.
      }
    };
    this.#timer = setInterval(() => {
      this.#last = this.#last.then(look);
    }, USAGE_INTERVAL_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#last;
  }
}
