import type { EventSink, EventStage, SseEvent, Strike } from "./fault.ts";

/** The monotonic instant (ms) at which an event may leave. Earlier than an event before it: together with that one. */
export type EventPacer = (event: SseEvent, nowMs: number) => number;

/** Timers fire on whole milliseconds: an event this near its instant goes now. */
const SLACK_MS = 0.25;

/** Lets each event leave at its instant, in order, and the end after the last one. Cleared, it lets go of all at once. */
export const pacedEvents = (
  strike: Strike,
  next: EventSink,
  pacer: EventPacer,
  now: () => number = () => performance.now(),
): EventStage => {
  const queue: { readonly event: SseEvent; readonly dueMs: number }[] = [];
  let ended = false;
  let finished = false;
  let released = false;
  let lastDueMs = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;

  const finish = (): void => {
    if (finished || !ended || queue.length > 0) return;
    finished = true;
    next.end();
  };
  const pump = (): void => {
    cancel = null;
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const leftMs = first.dueMs - now();
      if (!released && leftMs > SLACK_MS) {
        cancel = strike.after(Math.max(1, leftMs), pump);
        return;
      }
      queue.shift();
      strike.held("downstream", -first.event.raw.length);
      next.event(first.event);
    }
    finish();
  };
  return {
    event: (event) => {
      if (released) {
        next.event(event);
        return;
      }
      const nowMs = now();
      lastDueMs = Math.max(lastDueMs, pacer(event, nowMs));
      if (queue.length === 0 && lastDueMs - nowMs <= SLACK_MS) {
        next.event(event);
        return;
      }
      queue.push({ event, dueMs: lastDueMs });
      strike.held("downstream", event.raw.length);
      if (cancel === null) pump();
    },
    end: () => {
      ended = true;
      finish();
    },
    release: () => {
      if (released) return;
      released = true;
      cancel?.();
      pump();
    },
  };
};
