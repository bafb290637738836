/** Remedies in force while a policy runs: applied one after another, and all undone in the end. */
import { SquallError } from "../core/errors.ts";
import { remedyText } from "../core/recovery-policy/remedy-text.ts";
import { isEdgeRemedy, type PlacedEdgeRemedy, type Remedy } from "../core/remedy/remedy.ts";
import type { RunningSystem, RuntimeRelief } from "./ports.ts";

/** Null: done; else why it could not be. */
export type Applied = string | null;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Of one kind on one edge the newest holds. */
const effective = (inForce: Iterable<PlacedEdgeRemedy>): readonly PlacedEdgeRemedy[] => {
  const newest = new Map<string, PlacedEdgeRemedy>();
  for (const remedy of inForce) newest.set(JSON.stringify([remedy.on, remedy.kind]), remedy);
  return [...newest.values()];
};

export class AppliedRemedies implements AsyncDisposable {
  readonly #system: Pick<RunningSystem, "sidecar" | "processes">;
  readonly #deadlineMs: number;
  /** By key, in the order in which they came. */
  readonly #edges = new Map<string, PlacedEdgeRemedy>();
  readonly #reliefs = new Map<string, RuntimeRelief>();
  #touchedEdges = false;

  /** @param deadlineMs after which the sidecar ends its remedies, whatever becomes of us */
  constructor(system: Pick<RunningSystem, "sidecar" | "processes">, deadlineMs: number) {
    this.#system = system;
    this.#deadlineMs = deadlineMs;
  }

  /** Never throws for a remedy that cannot be had. */
  async apply(key: string, remedy: Remedy): Promise<Applied> {
    try {
      if (isEdgeRemedy(remedy)) {
        this.#edges.set(key, remedy);
        await this.#setEdges();
        return null;
      }
      const answer = this.#system.processes.canRelieve(remedy);
      if (!answer.ok) return answer.reason;
      this.#reliefs.set(key, await this.#system.processes.relieve(remedy));
      return null;
    } catch (error) {
      this.#edges.delete(key);
      return reasonOf(error);
    }
  }

  /** What cannot be undone, such as a restart, stays. @throws SquallError as the runtime or the sidecar does */
  async undo(key: string): Promise<void> {
    const relief = this.#reliefs.get(key);
    this.#reliefs.delete(key);
    await relief?.[Symbol.asyncDispose]();
    if (this.#edges.delete(key)) await this.#setEdges();
  }

  async #setEdges(): Promise<void> {
    this.#touchedEdges = true;
    await this.#system.sidecar.setRemedies(effective(this.#edges.values()), this.#deadlineMs);
  }

  /**
   * Undoes all, last first: each finds what stood when it came.
   *
   * @throws SquallError `fault-not-cleared` where something could not be undone, when all was tried
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: string[] = [];
    for (const [key, relief] of [...this.#reliefs].toReversed()) {
      this.#reliefs.delete(key);
      try {
        await relief[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(`${relief.receipt.kind} on ${relief.receipt.on}: ${reasonOf(error)}`);
      }
    }
    this.#edges.clear();
    if (this.#touchedEdges) {
      this.#touchedEdges = false;
      await this.#setEdges().catch((error: unknown) => failures.push(reasonOf(error)));
      this.#touchedEdges = false;
    }
    if (failures.length > 0)
      throw new SquallError("fault-not-cleared", "A remedy could not be undone.", { detail: failures });
  }
}

/** Whether the runtime says that it can; remedies of edges always can. */
export const isPossible =
  ({ processes }: Pick<RunningSystem, "processes">, names: ReadonlySet<string>) =>
  (remedies: readonly Remedy[]): boolean =>
    remedies.every(
      (remedy) => names.has(remedy.on) && (isEdgeRemedy(remedy) || processes.canRelieve(remedy).ok),
    );

/** "cpus x2: no limit to lift". */
export const failureText = (remedy: Remedy, why: string): string => `${remedyText(remedy)}: ${why}`;
