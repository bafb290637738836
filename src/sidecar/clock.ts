/** Epoch ms, fractional, that never runs backwards. */
export const epochMs = (): number => performance.timeOrigin + performance.now();
