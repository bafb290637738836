/** What is watched beside the load: health and ready paths, processor, memory and network, connections. */
import type { HealthSample, ProcessSample } from "../core/profile.ts";
import type { RunningSystem } from "./ports.ts";

const HEALTH_INTERVAL_MS = 500;
const USAGE_INTERVAL_MS = 1000;
const HEALTH_TIMEOUT_MS = 1000;

/** One look at a path of one replica. Looks at all replicas in one go have one time. */
export type HealthLook = Omit<HealthSample, "window">;

/** Looks at health and ready paths of every replica, past the sidecar, until disposed. */
export class HealthSampler implements AsyncDisposable {
  readonly #looks: HealthLook[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #pending = new Set<Promise<void>>();

  constructor(
    system: RunningSystem,
    paths: { readonly health?: string | undefined; readonly ready?: string | undefined },
    runStartMs: number,
  ) {
    const look = (path: HealthSample["path"], url: string, atMs: number): void => {
      const looking = statusOf(url).then((status) => void this.#looks.push({ path, atMs, status }));
      this.#pending.add(looking);
      void looking.finally(() => this.#pending.delete(looking));
    };
    this.#timer = setInterval(() => {
      const atMs = Date.now() - runStartMs;
      for (const base of system.serviceUrls) {
        if (paths.health !== undefined) look("health", base + paths.health, atMs);
        if (paths.ready !== undefined) look("ready", base + paths.ready, atMs);
      }
    }, HEALTH_INTERVAL_MS);
  }

  /** In the order of their times. */
  get looks(): readonly HealthLook[] {
    return this.#looks.toSorted((a, b) => a.atMs - b.atMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }
}

/** 0 where no answer came in time. */
export const statusOf = async (url: string): Promise<number> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS), redirect: "manual" });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
};

/** Processor, memory and network of every process, each second, until disposed. */
export class UsageSampler implements AsyncDisposable {
  readonly samples: ProcessSample[] = [];
  readonly #timer: NodeJS.Timeout;
  #last: Promise<void> = Promise.resolve();

  constructor(system: RunningSystem, runStartMs: number) {
    const look = async (): Promise<void> => {
      try {
        for (const usage of await system.processes.usage())
          this.samples.push({ ...usage, atMs: usage.atMs - runStartMs });
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

/** Connections that an edge accepted within a second of the run. */
export interface AcceptedConnections {
  readonly edge: string;
  readonly second: number;
  readonly connections: number;
}

/** Connections that each edge accepts, each second, until disposed. What was accepted before it began counts nowhere. */
export class ConnectionSampler implements AsyncDisposable {
  readonly samples: AcceptedConnections[] = [];
  readonly #timer: NodeJS.Timeout;
  #last: Promise<void> = Promise.resolve();
  #before: { readonly atMs: number; readonly accepted: Readonly<Record<string, number>> } | null = null;

  constructor(system: RunningSystem, runStartMs: number) {
    const look = async (): Promise<void> => {
      try {
        const { accepted } = await system.sidecar.active();
        const atMs = Date.now() - runStartMs;
        const before = this.#before;
        this.#before = { atMs, accepted };
        if (before === null) return;
        // Looks are a second apart, at no whole one: the middle of what lies between tells which it is.
        const second = Math.floor((before.atMs + atMs) / 2 / 1000);
        for (const [edge, total] of Object.entries(accepted)) {
          const connections = total - (before.accepted[edge] ?? 0);
          if (connections > 0) this.samples.push({ edge, second, connections });
        }
      } catch {
        // A sidecar that cannot be asked ends the run elsewhere.
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
