import { evenShare } from "./even-share.ts";
import type { EventStage, FaultFactory } from "./fault.ts";
import { mutateJson } from "./json-mutation.ts";
import { isMessage, withData } from "./model-answer.ts";

/** A share of the stream's JSON events is cut off in the middle of its data: well-formed events, malformed JSON. */
export const eventCorrupt: FaultFactory<"event-corrupt"> = (fault) => ({
  strike: (strike) => ({
    responseEvents: (next): EventStage => {
      const takes = evenShare(fault.share, strike.random);
      let released = false;
      return {
        event: (event) => {
          const cut =
            released || !isMessage(event) ? null : mutateJson(event.data, "truncate", strike.random);
          if (cut === null || !takes()) {
            next.event(event);
            return;
          }
          strike.hit();
          next.event(withData(event, cut));
        },
        end: () => next.end(),
        release: () => {
          released = true;
        },
      };
    },
  }),
});
