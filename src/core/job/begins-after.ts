import type { Fault } from "../fault.ts";

/**
 * How long after its strike a fault of a job begins, ms. `afterMs` of `reset` and `close` is another thing: how far into a connection
 * they cut it.
 */
export const beginsAfterMs = (fault: Fault): number =>
  fault.kind === "reset" || fault.kind === "close" ? 0 : (fault.afterMs ?? 0);
