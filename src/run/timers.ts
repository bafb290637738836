import { setTimeout as sleep } from "node:timers/promises";
import { SquallError } from "../core/errors.ts";

/** Waits; an abort ends the wait, and that is all. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};

/** Waits; an abort ends the wait with SquallError `interrupted`. */
export const delay = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    throw new SquallError("interrupted", "The run was interrupted.", { cause });
  }
};
