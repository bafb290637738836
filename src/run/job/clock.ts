/** Time as a run of a job sees it. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Calls back once; the answer takes that back. */
  after(ms: number, then: () => void): () => void;
}

/** Longest time a timer of the system can hold; a longer one would go off at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, Math.min(LONGEST_MS, Math.max(0, ms)));
    return () => clearTimeout(timer);
  },
};
