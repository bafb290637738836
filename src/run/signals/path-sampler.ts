/** Paths of the service that its suite names as signals, beside health and ready. */
import { worstStatus } from "../../core/signals/noticed.ts";
import type { SignalSample } from "../../core/signals/signal.ts";
import type { RunningSystem } from "../ports.ts";
import { statusOf } from "../samplers.ts";
import { LOOK_INTERVAL_MS } from "./look-interval.ts";

/** Looks at a path of every replica, past the sidecar, until disposed; of several replicas the worst answer counts. */
export class PathSampler implements AsyncDisposable {
  readonly #samples: SignalSample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #pending = new Set<Promise<void>>();

  constructor(system: Pick<RunningSystem, "serviceUrls">, path: string, runStartMs: number) {
    this.#timer = setInterval(() => {
      const atMs = Date.now() - runStartMs;
      const looking = Promise.all(system.serviceUrls.map((base) => statusOf(base + path))).then(
        (statuses) => void this.#samples.push({ atMs, value: worstStatus(statuses) }),
      );
      this.#pending.add(looking);
      void looking.finally(() => this.#pending.delete(looking));
    }, LOOK_INTERVAL_MS);
  }

  /** In the order of their times. */
  get samples(): readonly SignalSample[] {
    return this.#samples.toSorted((a, b) => a.atMs - b.atMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }
}
