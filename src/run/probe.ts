/** The machine's speed in this run: median time of a fixed spin, ms (METHOD 6, m = probe ratio). */
export const spinProbeMs = (): number => {
  const times = Array.from({ length: 7 }, () => {
    const startMs = performance.now();
    let state = 1;
    for (let step = 0; step < 2_000_000; step++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const elapsedMs = performance.now() - startMs;
    // The result is used, so that no compiler takes the loop away.
    return state === 0 ? elapsedMs + Number.EPSILON : elapsedMs;
  });
  return times.sort((a, b) => a - b)[3] ?? 0;
};
