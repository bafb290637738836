import { evenShare } from "./even-share.ts";
import type { EventStage, FaultFactory } from "./fault.ts";
import { isContent } from "./model-answer.ts";

/** A share of the stream's events with content comes twice: repeated deltas. */
export const eventDuplicate: FaultFactory<"event-duplicate"> = (fault) => ({
  strike: (strike) => ({
    responseEvents: (next): EventStage => {
      const takes = evenShare(fault.share, strike.random);
      let released = false;
      return {
        event: (event) => {
          next.event(event);
          if (released || !isContent(event) || !takes()) return;
          strike.hit();
          next.event(event);
        },
        end: () => next.end(),
        release: () => {
          released = true;
        },
      };
    },
  }),
});
