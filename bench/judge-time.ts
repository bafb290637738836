/** Judging time for 6 experiments x 10,000 requests: goal under 1 s. `node bench/judge-time.ts` */
import { judge } from "../src/core/judge/judge.ts";
import { METHOD_POLICY } from "../test/support/method-cases.ts";
import { attributed, CONTROL, syntheticRun } from "../test/support/synthetic-runs.ts";
import { goal } from "./relay/figures.ts";

/** Also for the first, which a run pays: the code is not warm then. */
const GOAL_MS = 1000;

const scenarios = [CONTROL, ...["a", "b", "c", "d", "e", "f"].map((name) => attributed(name))];
const run = (seed: number, scheduleHash: string) =>
  syntheticRun({ seed, rows: 10_000, windows: 20, scenarios, profile: { scheduleHash } });

for (const [name, runs, schedule] of [
  ["stored, 1 baseline run", 1, "other"],
  ["twins, 1 baseline run", 1, "same"],
  ["stored, 8 baseline runs", 8, "other"],
  ["twins, 8 baseline runs", 8, "same"],
] as const) {
  const head = run(1, "same");
  const profiles = Array.from({ length: runs }, (_, index) => run(index + 2, schedule));
  const times: number[] = [];
  let word = "";
  for (let repetition = 0; repetition < 5; repetition++) {
    const start = performance.now();
    word = judge({
      head,
      baseline: { schemaVersion: 1, suite: "cases", profiles },
      policy: METHOD_POLICY,
      experiments: [],
    }).word;
    times.push(performance.now() - start);
  }
  const [first = 0] = times;
  const middle = times.sort((a, b) => a - b)[2] ?? 0;
  console.log(
    `${name}: first ${first.toFixed(0)} ms, median of 5 ${middle.toFixed(0)} ms (${word}; ${goal(first, "under", GOAL_MS)})`,
  );
}
