import type { Random } from "../../core/random.ts";
import type { FaultFactory, Strike } from "./fault.ts";
import { type Pacer, pacedStage } from "./pacing.ts";

/** Pieces of sizeBytes, give or take variationBytes, each delayMs behind the one before. */
export const slicerPacer = (
  fault: { readonly sizeBytes: number; readonly variationBytes: number; readonly delayMs: number },
  random: Random,
  onPiece: () => void = () => {},
): Pacer => {
  let lastDueMs = Number.NEGATIVE_INFINITY;
  return (bytes, nowMs) => {
    const pieces = [];
    for (let at = 0; at < bytes.length; ) {
      const spread =
        fault.variationBytes === 0 ? 0 : random.below(2 * fault.variationBytes + 1) - fault.variationBytes;
      const piece = bytes.subarray(at, at + Math.max(1, fault.sizeBytes + spread));
      lastDueMs = Math.max(nowMs, lastDueMs + fault.delayMs);
      pieces.push({ bytes: piece, dueMs: lastDueMs });
      at += piece.length;
    }
    if (pieces.length > 0) onPiece();
    return pieces;
  };
};

/** Many small packets. When cleared, held bytes leave at once. */
export const slicer: FaultFactory<"slicer"> = (fault) => {
  const pacer = (strike: Strike) => slicerPacer(fault, strike.random, () => strike.hit());
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
