import { drawDelayMs } from "../../core/random.ts";
import type { FaultFactory } from "./fault.ts";
import { pacedStage } from "./pacing.ts";

/**
 * Each direction's bytes late. One delay is drawn for each piece that arrives, and no piece overtakes the one before it.
 * When cleared, held bytes leave at once.
 */
export const latency: FaultFactory<"latency"> = (fault) => ({
  strike: (strike) => {
    const delayed = () => {
      let lastDueMs = 0;
      return (bytes: Buffer, nowMs: number) => {
        lastDueMs = Math.max(lastDueMs, nowMs + drawDelayMs(fault, strike.random));
        if (lastDueMs > nowMs) strike.hit();
        return [{ bytes, dueMs: lastDueMs }];
      };
    };
    return {
      ...(fault.direction === "downstream"
        ? {}
        : { requestBytes: (next) => pacedStage(strike, "upstream", next, delayed()) }),
      ...(fault.direction === "upstream"
        ? {}
        : { responseBytes: (next) => pacedStage(strike, "downstream", next, delayed()) }),
    };
  },
});
