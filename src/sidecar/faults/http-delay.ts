import { drawDelayMs } from "../../core/random.ts";
import type { FaultFactory, Strike } from "./fault.ts";

/** The request is held back before it is forwarded, or the answer before its first byte. */
export const httpDelay: FaultFactory<"http-delay"> = (fault) => ({
  strike: (strike) =>
    fault.before === "request"
      ? {
          beforeRequest: async () => {
            await hold(strike, drawDelayMs(fault, strike.random));
            return { type: "forward" };
          },
        }
      : { beforeResponse: () => hold(strike, drawDelayMs(fault, strike.random)) },
});

const hold = async (strike: Strike, delayMs: number): Promise<void> => {
  if (delayMs <= 0) return;
  strike.hit();
  await strike.wait(delayMs);
};
