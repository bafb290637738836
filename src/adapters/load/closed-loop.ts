import { setTimeout as sleep } from "node:timers/promises";
import type { ClosedLoop, LoadWindow, PlannedRequest } from "../../run/ports.ts";

/** A closed loop with the requests it takes in turn. */
export interface LoopWork {
  readonly loop: ClosedLoop;
  readonly requests: readonly PlannedRequest[];
}

export const loopWork = ({ requests, loops = [] }: LoadWindow): LoopWork[] =>
  loops.map((loop) => ({
    loop,
    requests: requests
      .filter(({ slot }) => slot >= loop.firstSlot && slot < loop.endSlot)
      .sort((a, b) => a.slot - b.slot),
  }));

/** Timers may fire a little early: nothing of a loop may begin before its time. */
const waitUntil = async (atMs: number, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    const leftMs = atMs - performance.now();
    if (leftMs <= 0) return;
    await sleep(Math.ceil(leftMs), undefined, { signal }).catch(() => undefined);
  }
};

/**
 * Runs loops one after another: each place takes the next request when its last has ended. A place still waiting for an
 * answer when its loop ends joins the next loop later, so there are never more in flight than places.
 *
 * A place asks no more often than lets its loop's requests last until the end: else a service that refuses at once would
 * use them all up in a moment, and its coming back would be met by silence.
 *
 * @param startMs performance.now() from which the loops' times count
 * @param send resolves when the request has ended
 */
export const runLoops = async (
  work: readonly LoopWork[],
  startMs: number,
  send: (planned: PlannedRequest) => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const queues = work.map(({ loop, requests }) => ({
    concurrency: loop.concurrency,
    beginMs: startMs + loop.startMs,
    endMs: startMs + loop.endMs,
    leastGapMs: ((loop.endMs - loop.startMs) * loop.concurrency) / Math.max(1, requests.length),
    waiting: requests.values(),
  }));
  const serve = async (place: number): Promise<void> => {
    for (const { concurrency, beginMs, endMs, leastGapMs, waiting } of queues) {
      if (place >= concurrency) continue;
      let freeMs = beginMs;
      for (;;) {
        await waitUntil(freeMs, signal);
        const nowMs = performance.now();
        if (signal.aborted || nowMs >= endMs) break;
        const { value: planned } = waiting.next();
        if (planned === undefined) break;
        freeMs = nowMs + leastGapMs;
        await send(planned);
      }
    }
  };
  const places = Math.max(0, ...work.map(({ loop }) => loop.concurrency));
  await Promise.all(Array.from({ length: places }, (_, place) => serve(place)));
};
