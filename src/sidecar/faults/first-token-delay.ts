import { drawDelayMs } from "../../core/random.ts";
import type { FaultFactory } from "./fault.ts";
import { isContent, isEventStream, isSuccess } from "./model-answer.ts";
import { pacedEvents } from "./paced-events.ts";

/**
 * Slow prefill: the first event with content, and with it all that follows, comes later by one drawn delay. An answer that
 * is not streamed comes later as a whole.
 */
export const firstTokenDelay: FaultFactory<"first-token-delay"> = (fault) => ({
  strike: (strike) => {
    const delayMs = drawDelayMs(fault, strike.random);
    return {
      beforeResponse: async (head) => {
        if (delayMs <= 0 || isEventStream(head) || !isSuccess(head)) return;
        strike.hit();
        await strike.wait(delayMs);
      },
      responseEvents: (next) => {
        let begun = false;
        return pacedEvents(strike, next, (event, nowMs) => {
          if (!begun && isContent(event)) {
            begun = true;
            if (delayMs > 0) strike.hit();
          }
          return begun ? nowMs + delayMs : nowMs;
        });
      },
    };
  },
});
