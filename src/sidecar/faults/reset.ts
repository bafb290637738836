import { cutAfter } from "./cut-after.ts";
import type { FaultFactory } from "./fault.ts";

/** RST to both sides, also in mid-stream. When cleared, an exchange that was not cut yet goes on. */
export const reset: FaultFactory<"reset"> = (fault) => ({
  strike: (strike) => cutAfter(strike, fault, "reset"),
});
