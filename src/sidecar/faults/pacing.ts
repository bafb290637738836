import type { ByteSink, ByteStage, Strike } from "./fault.ts";

/** A piece of the stream and the monotonic instant (ms) at which it may leave. */
export interface Paced {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

/** Cuts arriving bytes into pieces with instants. Pure but for its own state, so that its tests need no clock. */
export type Pacer = (bytes: Buffer, nowMs: number) => readonly Paced[];

/** Timers fire on whole milliseconds: a piece this near its instant goes now. */
const SLACK_MS = 0.25;

/**
 * A stage that lets each piece leave at its instant, in order, and holds the end of the stream behind the last piece.
 * Cleared, it passes on at once what it holds.
 */
export const pacedStage = (
  strike: Strike,
  direction: "upstream" | "downstream",
  next: ByteSink,
  pacer: Pacer,
  now: () => number = () => performance.now(),
): ByteStage => {
  const queue: Paced[] = [];
  let ended = false;
  let released = false;
  let finished = false;
  let cancel: (() => void) | null = null;

  const leave = (piece: Paced): void => {
    strike.held(direction, -piece.bytes.length);
    next.write(piece.bytes);
  };
  const finish = (): void => {
    if (finished) return;
    finished = true;
    next.end();
  };
  const pump = (): void => {
    cancel = null;
    for (let piece = queue[0]; piece !== undefined; piece = queue[0]) {
      const left = piece.dueMs - now();
      if (!released && left > SLACK_MS) {
        cancel = strike.after(Math.max(1, left), pump);
        return;
      }
      queue.shift();
      leave(piece);
    }
    if (ended) finish();
  };
  return {
    write: (bytes) => {
      if (released) {
        next.write(bytes);
        return;
      }
      for (const piece of pacer(bytes, now())) {
        queue.push(piece);
        strike.held(direction, piece.bytes.length);
      }
      if (cancel === null) pump();
    },
    end: () => {
      ended = true;
      if (queue.length === 0) finish();
    },
    release: () => {
      if (released) return;
      released = true;
      cancel?.();
      pump();
    },
  };
};
