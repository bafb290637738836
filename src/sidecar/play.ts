/** Timers fire on whole milliseconds: a piece this near its instant goes now. */
const SLACK_MS = 0.5;

/**
 * Emits each piece at its own instant counted from now: one schedule for the whole answer, so that late timers do not add
 * up. Returns how to stop it.
 */
export const play = <P extends { readonly atMs: number }>(
  pieces: readonly P[],
  emit: (piece: P) => void,
  done: () => void,
): (() => void) => {
  const startedMs = performance.now();
  let index = 0;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  const step = (): void => {
    for (let piece = pieces[index]; piece !== undefined; piece = pieces[index]) {
      const leftMs = startedMs + piece.atMs - performance.now();
      if (leftMs > SLACK_MS) {
        timer = setTimeout(step, leftMs);
        return;
      }
      index++;
      emit(piece);
      if (stopped) return;
    }
    done();
  };
  step();
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
};
