import type { EventStage, FaultFactory, SseEvent } from "./fault.ts";

/** How often a stalled stream sends a comment where `pings` is set: what keeps naive idle timeouts from firing. */
const PING_INTERVAL_MS = 1_000;

/**
 * Silence after `afterEvents` events with the socket open; then the rest follows. Comments do not count as events.
 * When cleared, the held events leave at once.
 */
export const streamStall: FaultFactory<"stream-stall"> = (fault) => ({
  strike: (strike) => ({
    responseEvents: (next): EventStage => {
      const held: SseEvent[] = [];
      let passed = 0;
      let state: "before" | "stalled" | "after" = "before";
      let ended = false;

      const resume = (): void => {
        if (state !== "stalled") return;
        state = "after";
        for (const event of held.splice(0)) {
          strike.held("downstream", -event.raw.length);
          next.event(event);
        }
        if (ended) next.end();
      };
      const ping = (): void => {
        if (state !== "stalled") return;
        next.event({ raw: Buffer.from(": ping\n\n"), data: null, event: "", newline: "\n" });
        strike.after(PING_INTERVAL_MS, ping);
      };
      const stall = (): void => {
        state = "stalled";
        strike.hit();
        strike.after(fault.stallMs, resume);
        if (fault.pings) strike.after(PING_INTERVAL_MS, ping);
      };
      return {
        event: (event) => {
          if (state === "before" && event.data !== null && passed >= fault.afterEvents) stall();
          if (state === "stalled") {
            held.push(event);
            strike.held("downstream", event.raw.length);
            return;
          }
          if (event.data !== null) passed++;
          next.event(event);
        },
        end: () => {
          ended = true;
          if (state !== "stalled") next.end();
        },
        release: resume,
      };
    },
  }),
});
