/**
 * Faults that are in a container or its control group, on a job's workers: they hold for whoever works while they last, also for a
 * worker that is started, or made anew, in the meantime.
 */
import type { Fault } from "../../../core/fault.ts";
import { replicaOf } from "../../../core/process-name.ts";
import type { RuntimeStrike } from "../../../run/ports.ts";
import type { RunContainer } from "./container.ts";

type Strike = (fault: Fault, seed: number) => Promise<RuntimeStrike>;

/**
 * container: it is the container's, kept over a restart, and there before a new one runs anything;
 * life: the control group's, gone with each end;
 * network: the container's, but the engine puts one that starts back on a network, without its names there.
 */
type HeldBy = "container" | "life" | "network";

const HELD_BY: Partial<Record<Fault["kind"], HeldBy>> = {
  "memory-limit": "container",
  "disk-slow": "life",
  disconnect: "network",
};

interface Held {
  readonly fault: Fault;
  readonly seed: number;
  readonly workers: readonly number[];
  /** By worker, the last put in force last. */
  readonly parts: Map<number, readonly RuntimeStrike[]>;
  /** Of lives that began meanwhile. */
  pending: Promise<void>;
}

export class WorkerStrikes {
  readonly #workers: readonly RunContainer[];
  readonly #strike: Strike;
  readonly #held = new Set<Held>();

  constructor(workers: readonly RunContainer[], strike: Strike) {
    this.#workers = workers;
    this.#strike = strike;
  }

  #targets(on: string): readonly number[] {
    const all = this.#workers.map((_, index) => index);
    const replica = replicaOf(on);
    return on === "service" ? all : all.filter((index) => index === replica);
  }

  /** As `ProcessControl.strike`. @throws SquallError; nothing is in force then */
  async strike(fault: Fault, seed: number): Promise<RuntimeStrike> {
    const workers = this.#targets(fault.on);
    if (HELD_BY[fault.kind] === undefined || workers.length === 0) return this.#strike(fault, seed);
    const held: Held = { fault, seed, workers, parts: new Map(), pending: Promise.resolve() };
    this.#held.add(held);
    try {
      for (const index of workers) {
        if (this.#workers[index]?.container) await this.#put(held, index);
      }
    } catch (error) {
      await this.#clear(held);
      throw error;
    }
    return {
      effect: async () => {
        await held.pending;
        const effects = await Promise.all(
          [...held.parts.values()].flatMap((parts) => parts.slice(-1)).map(async (part) => part.effect()),
        );
        return {
          seen: effects.reduce((sum, { seen }) => sum + seen, 0),
          affected: effects.reduce((sum, { affected }) => sum + affected, 0),
        };
      },
      clear: async () => this.#clear(held),
    };
  }

  async #put(held: Held, index: number): Promise<void> {
    const part = await this.#strike({ ...held.fault, on: `service-${index + 1}` }, held.seed);
    if (!this.#held.has(held)) {
      await part.clear();
      return;
    }
    // What was put on a container or a life that is gone went with it; the network's knows the names to give back.
    const before = HELD_BY[held.fault.kind] === "network" ? (held.parts.get(index) ?? []) : [];
    held.parts.set(index, [...before, part]);
  }

  async #clear(held: Held): Promise<void> {
    this.#held.delete(held);
    await held.pending;
    const results = await Promise.allSettled(
      [...held.parts.values()].map(async (parts) => {
        for (const part of parts.toReversed()) await part.clear();
      }),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  #over(index: number, ...by: readonly HeldBy[]): Held[] {
    return [...this.#held].filter(({ fault, workers }) => {
      const heldBy = HELD_BY[fault.kind];
      return heldBy !== undefined && by.includes(heldBy) && workers.includes(index);
    });
  }

  /** A new container of a worker, before its first start. */
  async created(worker: RunContainer): Promise<void> {
    const index = this.#workers.indexOf(worker);
    for (const held of this.#over(index, "container")) await this.#put(held, index);
  }

  /** A worker lives (again). Not waited for: the worker runs already, and the fault's effect tells whether it met anything. */
  started(worker: RunContainer): void {
    const index = this.#workers.indexOf(worker);
    for (const held of this.#over(index, "life", "network")) {
      held.pending = held.pending.then(async () => this.#put(held, index).catch(() => undefined));
    }
  }
}
