import { limited } from "./cut-after.ts";
import type { FaultFactory } from "./fault.ts";

/**
 * The connection is closed by FIN as soon as a direction has more than that many bytes; each direction counts for itself.
 * When cleared, an exchange that is below its limit goes on without one.
 */
export const limitData: FaultFactory<"limit-data"> = (fault) => ({
  strike: (strike) => {
    const cut = (): void => {
      strike.hit();
      strike.cut("fin");
    };
    return {
      ...(fault.direction === "downstream"
        ? {}
        : { requestBytes: (next) => limited(strike, fault.bytes, next, cut) }),
      ...(fault.direction === "upstream"
        ? {}
        : { responseBytes: (next) => limited(strike, fault.bytes, next, cut) }),
    };
  },
});
