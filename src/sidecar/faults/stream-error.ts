import type { ModelShape } from "../../core/fault.ts";
import type { EventStage, FaultFactory, SseEvent } from "./fault.ts";

/**
 * After `afterEvents` events (comments do not count) comes an error event, and the stream ends: no finish reason, no end
 * sentinel, status 200. Hits where it replaces an event that was to come.
 */
export const streamError: FaultFactory<"stream-error"> = (fault) => ({
  strike: (strike) => ({
    responseEvents: (next): EventStage => {
      let passed = 0;
      let failed = false;
      let released = false;
      return {
        event: (event) => {
          if (failed) return;
          if (released || event.data === null) {
            next.event(event);
            return;
          }
          if (passed < fault.afterEvents) {
            passed++;
            next.event(event);
            return;
          }
          failed = true;
          strike.hit();
          next.event(errorEvent(fault.shape, event.newline));
          next.end();
        },
        end: () => {
          if (!failed) next.end();
        },
        release: () => {
          released = true;
        },
      };
    },
  }),
});

/** OpenAI-compatible servers send a lone `data:` with an `error` object; Anthropic's a named `error` event. */
const errorEvent = (shape: ModelShape, newline: SseEvent["newline"]): SseEvent => {
  const event = shape === "anthropic" ? "error" : "";
  const data = JSON.stringify(
    shape === "anthropic"
      ? { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
      : {
          error: {
            message: "The server had an error while processing your request (injected fault)",
            type: "server_error",
            param: null,
            code: null,
          },
        },
  );
  const name = event === "" ? "" : `event: ${event}${newline}`;
  return { raw: Buffer.from(`${name}data: ${data}${newline}${newline}`), data, event, newline };
};
