/** One remedy, put in force on whatever can do it, and taken away again. */
import { isEdgeRemedy, type Remedy, type RemedyReceipt } from "../core/remedy/remedy.ts";
import type { RunningSystem } from "./ports.ts";

/** Disposing it takes the remedy away. */
export interface RemedyInForce extends AsyncDisposable {
  /** What it did so far; null: there is none. */
  receipt(): Promise<RemedyReceipt | null>;
}

const NONE: RemedyInForce = {
  receipt: () => Promise.resolve(null),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Why this system cannot do it now; null: it can. */
export const whyNotNow = ({ processes }: RunningSystem, remedy: Remedy): string | null => {
  if (isEdgeRemedy(remedy)) return null;
  const answer = processes.canRelieve(remedy);
  return answer.ok ? null : answer.reason;
};

/**
 * @param deadlineMs after which the sidecar ends an edge remedy by itself
 * @throws SquallError of the sidecar or the runtime; nothing is in force then
 */
export const putInForce = async (
  { sidecar, processes }: RunningSystem,
  remedy: Remedy | null,
  deadlineMs: number,
): Promise<RemedyInForce> => {
  if (remedy === null) return NONE;
  if (isEdgeRemedy(remedy)) {
    await sidecar.setRemedies([remedy], deadlineMs);
    return {
      receipt: async () => (await sidecar.remedyReceipts())[0] ?? null,
      [Symbol.asyncDispose]: async () => sidecar.setRemedies([], deadlineMs),
    };
  }
  const relief = await processes.relieve(remedy);
  return {
    receipt: () => Promise.resolve(relief.receipt),
    [Symbol.asyncDispose]: async () => relief[Symbol.asyncDispose](),
  };
};
