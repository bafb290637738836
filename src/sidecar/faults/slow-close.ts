import type { FaultFactory } from "./fault.ts";

/** The FIN of either side arrives late. When cleared, a FIN that is held leaves at once. */
export const slowClose: FaultFactory<"slow-close"> = (fault) => ({
  strike: (strike) => ({
    delayClose: () => {
      strike.hit();
      return fault.delayMs;
    },
  }),
});
