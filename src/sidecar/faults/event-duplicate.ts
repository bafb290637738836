import { evenShare } from "./even-share.ts";
import type { EventStage, FaultFactory, SseEvent } from "./fault.ts";
import { editEvent, isContent, type VisitPiece } from "./model-answer.ts";

/** Characters. A longer text goes on as it comes: every event of it would cost as much as the whole. */
const MAX_ACCUMULATED = 256 * 1024;

/**
 * A share of the stream's events with content is struck. `repeat`: they come twice. `cumulative`: their deltas carry all
 * that came so far, as from servers that send the whole text each time; the first delta is the same either way, and so is
 * a stream of unknown shape: no hit.
 */
export const eventDuplicate: FaultFactory<"event-duplicate"> = (fault) => ({
  strike: (strike) => ({
    responseEvents: (next): EventStage => {
      const takes = evenShare(fault.share, strike.random);
      const accumulated = fault.mode === "cumulative" ? accumulation() : null;
      let released = false;
      return {
        event: (event) => {
          if (released || !isContent(event)) {
            next.event(event);
            return;
          }
          const cumulative = accumulated?.(event);
          if (!takes() || cumulative === event) {
            next.event(event);
            return;
          }
          strike.hit();
          if (cumulative === undefined) next.event(event);
          next.event(cumulative ?? event);
        },
        end: () => next.end(),
        release: () => {
          released = true;
        },
      };
    },
  }),
});

/** Gives each event with all the text before it, of its own pieces; the event itself where there was none. */
const accumulation = (): ((event: SseEvent) => SseEvent) => {
  const texts = new Map<string, string>();
  const visit: VisitPiece = ({ key, text }) => {
    const all = (texts.get(key) ?? "") + text;
    if (all.length > MAX_ACCUMULATED) return text;
    texts.set(key, all);
    return all;
  };
  return (event) => editEvent(event, visit);
};
