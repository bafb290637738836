import type { ByteStage, CutHow, Strike, StrikeHooks } from "./fault.ts";

export interface CutPoint {
  readonly afterBytes?: number;
  readonly afterMs?: number;
}

/**
 * Hooks that cut after so many bytes of the answer (exactly: the byte after them is never sent), after so many ms,
 * whichever is first, or, with neither, before anything was forwarded.
 */
export const cutAfter = (strike: Strike, { afterBytes, afterMs }: CutPoint, how: CutHow): StrikeHooks => {
  const cut = (): void => {
    strike.hit();
    strike.cut(how);
  };
  if (afterBytes === undefined && afterMs === undefined) {
    // On a TCP edge nothing asks before bytes are forwarded: as soon as the connection is there.
    if (strike.exchange.protocol === "tcp") strike.after(0, cut);
    return {
      beforeRequest: () => {
        strike.hit();
        return { type: "cut", how };
      },
    };
  }
  if (afterMs !== undefined) strike.after(afterMs, cut);
  return afterBytes === undefined ? {} : { responseBytes: (next) => limited(strike, afterBytes, next, cut) };
};

/** Passes `limit` bytes, and calls `cut` as soon as there are more to pass. */
export const limited = (
  strike: Strike,
  limit: number,
  next: { write(bytes: Buffer): void; end(): void },
  cut: () => void,
): ByteStage => {
  let left = limit;
  return {
    write: (bytes) => {
      if (strike.over || bytes.length <= left) {
        left -= bytes.length;
        next.write(bytes);
        return;
      }
      if (left > 0) next.write(bytes.subarray(0, left));
      left = 0;
      cut();
    },
    end: () => next.end(),
  };
};
