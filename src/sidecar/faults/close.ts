import { cutAfter } from "./cut-after.ts";
import type { FaultFactory } from "./fault.ts";

/** FIN in mid-message: what was sent arrives, the rest never does. When cleared, an exchange not cut yet goes on. */
export const close: FaultFactory<"close"> = (fault) => ({
  strike: (strike) => cutAfter(strike, fault, "fin"),
});
