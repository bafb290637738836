import type { FaultFactory } from "./fault.ts";

/**
 * A connection on which both sides are silent for `idleMs` is closed by FIN, in mid-answer or between requests, as an
 * ingress does. The connection of a struck exchange stays watched after it.
 */
export const idleCut: FaultFactory<"idle-cut"> = (fault) => ({
  strike: (strike) => ({
    idle: {
      ms: fault.idleMs,
      onIdle: () => {
        strike.hit();
        strike.cut("fin");
      },
    },
  }),
});
