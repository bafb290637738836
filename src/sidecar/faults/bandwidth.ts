import type { FaultFactory, Strike } from "./fault.ts";
import { type Pacer, pacedStage } from "./pacing.ts";

/** Pieces of so many ms of transfer: small enough that the rate looks even, large enough that timers cost little. */
const PIECE_MS = 20;

/** Each piece leaves when the line has had time to carry it. */
export const bandwidthPacer = (bytesPerSecond: number, onPiece: () => void = () => {}): Pacer => {
  const size = Math.max(1, Math.round((bytesPerSecond * PIECE_MS) / 1000));
  let busyUntilMs = 0;
  return (bytes, nowMs) => {
    const pieces = [];
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      busyUntilMs = Math.max(busyUntilMs, nowMs) + (piece.length * 1000) / bytesPerSecond;
      pieces.push({ bytes: piece, dueMs: busyUntilMs });
    }
    if (pieces.length > 0) onPiece();
    return pieces;
  };
};

/** Slow transfer, each direction at the rate of its own. When cleared, held bytes leave at once. */
export const bandwidth: FaultFactory<"bandwidth"> = (fault) => {
  const pacer = (strike: Strike) => bandwidthPacer(fault.bytesPerSecond, () => strike.hit());
  return {
    strike: (strike) => ({
      ...(fault.direction === "downstream"
        ? {}
        : { requestBytes: (next) => pacedStage(strike, "upstream", next, pacer(strike)) }),
      ...(fault.direction === "upstream"
        ? {}
        : { responseBytes: (next) => pacedStage(strike, "downstream", next, pacer(strike)) }),
    }),
  };
};
