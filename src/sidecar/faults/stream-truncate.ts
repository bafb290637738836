import type { EventStage, FaultFactory } from "./fault.ts";

/**
 * After `afterEvents` events (comments do not count) the stream is over, without finish reason and end sentinel. `clean`:
 * the message ends properly, as if complete; otherwise the connection closes in mid-message. Hits where an event is lost.
 */
export const streamTruncate: FaultFactory<"stream-truncate"> = (fault) => ({
  strike: (strike) => ({
    responseEvents: (next): EventStage => {
      let passed = 0;
      let cut = false;
      let released = false;
      return {
        event: (event) => {
          if (cut) return;
          if (released || event.data === null) {
            next.event(event);
            return;
          }
          if (passed < fault.afterEvents) {
            passed++;
            next.event(event);
            return;
          }
          cut = true;
          strike.hit();
          if (fault.clean) next.end();
          else strike.cut("fin");
        },
        end: () => {
          if (!cut) next.end();
        },
        release: () => {
          released = true;
        },
      };
    },
  }),
});
