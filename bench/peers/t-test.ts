import { tUpperTail } from "../../src/core/statistics/student-t.ts";
import { mean, type Peer, rowsByScenario, variance } from "./peer.ts";

const ALPHA = 0.05;
const HISTORY = 20;

/**
 * One-sided p of "this run's mean is larger than those of history": Student's t of a single new value against a sample, as
 * Bencher's t-test boundary (bencher.dev/docs/explanation/thresholds) has it.
 */
export const newValueP = (value: number, history: readonly number[]): number => {
  const spread = Math.sqrt(variance(history) * (1 + 1 / history.length));
  return spread === 0
    ? value > mean(history)
      ? 0
      : 1
    : tUpperTail((value - mean(history)) / spread, history.length - 1);
};

export const tTestOnHistory: Peer = {
  name: "t-test on history",
  fails: (head, baselines) => {
    const history = baselines.slice(-HISTORY).map(rowsByScenario);
    if (history.length < 3) return false;
    return rowsByScenario(head).some(({ name, latenciesMs, errorRate }) => {
      const past = history.flatMap((run) => run.find((rows) => rows.name === name) ?? []);
      const p = newValueP(
        mean(latenciesMs),
        past.map((rows) => mean(rows.latenciesMs)),
      );
      const errors = newValueP(
        errorRate,
        past.map((rows) => rows.errorRate),
      );
      return p < ALPHA || errors < ALPHA;
    });
  },
};
