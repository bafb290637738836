/** One worker of a job as its scheduler knows it: its last life, and what is to become of it. */
import type { JobAttempt } from "../../core/job/run.ts";

/** Times epoch ms here. */
export type OpenAttempt = { -readonly [Key in keyof JobAttempt]: JobAttempt[Key] };

export interface Worker {
  readonly index: number;
  /** The last one; null: never started. */
  attempt: OpenAttempt | null;
  /** Resolves when the system has started the attempt. */
  started: Promise<void>;
  /** Resolves when the attempt's exit was told. */
  exited: PromiseWithResolvers<void>;
  /** It ended with 0, and needs no restart. */
  done: boolean;
  /** Why the attempt will end, where that is our doing. */
  ending: JobAttempt["end"] | null;
  replaceNode: boolean;
  /** Epoch ms before which a fault lets no restart be. */
  notBeforeMs: number;
}

/** Never started yet. */
export const newWorker = (index: number): Worker => ({
  index,
  attempt: null,
  started: Promise.resolve(),
  exited: Promise.withResolvers<void>(),
  done: false,
  ending: null,
  replaceNode: false,
  notBeforeMs: 0,
});

export const isOpen = ({ attempt }: Worker): boolean => attempt !== null && attempt.endedAtMs === null;
