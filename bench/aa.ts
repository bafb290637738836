/**
 * A/A in numbers (METHOD.md section 8): pull requests that change nothing and some that do, simulated by the product's own schedule,
 * judged by the real judge, with other tools' rules beside it on the same samples.
 *
 *   node bench/aa.ts [--pull-requests 1000] [--regressions 200] [--service io|cpu|both] [--budget 120] [--baselines 3] [--json FILE]
 *
 * Exits 1 where more than 1 in 100 unchanged pull requests fail.
 */
import { spawn } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { clopperPearsonUpper } from "../src/core/statistics/binomial.ts";
import { REGRESSIONS, UNCHANGED } from "./aa/changes.ts";
import type { Outcome, ShardOptions } from "./aa/shard.ts";
import { PEERS } from "./peers/index.ts";
import { goal } from "./relay/figures.ts";

const { values } = parseArgs({
  options: {
    "pull-requests": { type: "string", default: "1000" },
    regressions: { type: "string", default: "200" },
    service: { type: "string", default: "both" },
    budget: { type: "string", default: "120" },
    baselines: { type: "string", default: "3" },
    json: { type: "string" },
  },
});

/** Suites, each with a schedule and a history of its own: pull requests of one suite share these, those of two share nothing. */
const SUITES = 20;
const MOST_FAILED = 0.01;
const whole = (text: string): number => Math.max(1, Math.round(Number(text)));

const runShard = async (options: ShardOptions): Promise<readonly Outcome[]> => {
  const file = path.join(import.meta.dirname, "aa/shard.ts");
  const child = spawn(process.execPath, [file, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const outcomes: Outcome[] = [];
  for await (const line of createInterface({ input: child.stdout }))
    outcomes.push(JSON.parse(line) as Outcome);
  if ((await exit) !== 0) throw new Error("a part of the simulation failed");
  return outcomes;
};

const percent = (count: number, of: number): string => `${((100 * count) / Math.max(1, of)).toFixed(1)} %`;

const row = (cells: readonly string[]): void =>
  console.log(
    cells
      .map((cell, index) => cell.padEnd(index === 0 ? 38 : /\d\/\d|stored|looks|pairs/.test(cell) ? 15 : 10))
      .join(" "),
  );

/** What stood in the way most often. */
const mostOften = (outcomes: readonly Outcome[]): string => {
  const counts = new Map<string, number>();
  for (const { first } of outcomes) counts.set(first, (counts.get(first) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([what, count]) => `${what} (${count})`)
    .join("; ");
};

/** "0.0/72.5/27.5": failed, passed, open, in per cent. */
const threeWords = (words: readonly string[]): string =>
  ["regressed", "pass", "inconclusive"]
    .map((word) =>
      ((100 * words.filter((each) => each === word).length) / Math.max(1, words.length)).toFixed(1),
    )
    .join("/");

const count = (outcomes: readonly Outcome[], way: "word" | "early" | "paired"): number =>
  outcomes.filter((outcome) => outcome[way] === "regressed").length;

/** How many of the 95 % intervals hold the truth, which is no change. */
const tellCoverage = (unchanged: readonly Outcome[]): void => {
  const counts = new Map<string, [number, number]>();
  for (const { held } of unchanged) {
    for (const [name, [right, of]] of Object.entries(held)) {
      const known = counts.get(name) ?? [0, 0];
      counts.set(name, [known[0] + right, known[1] + of]);
    }
  }
  const told = [...counts].map(([name, [right, of]]) => `${name} ${percent(right, of)} of ${of}`);
  console.log(`95 % intervals that hold the truth: ${told.join("; ")}`);
};

/** @returns the unchanged ones and, of the three ways to judge, the most that failed */
const tell = (service: string, outcomes: readonly Outcome[]): { failed: number; of: number } => {
  console.log(
    "failed/passed/open in %: against stored runs; with looks, and the time they took; side by side\n",
  );
  row([service, "stored", "looks", "time", "pairs", "named", ...PEERS.map(({ name }) => name.slice(0, 10))]);
  for (const { name } of [UNCHANGED, ...REGRESSIONS]) {
    const own = outcomes.filter(({ change }) => change === name);
    const time = own.reduce((sum, { share }) => sum + share, 0);
    const named = own.filter((each) => each.named).length;
    row([
      name,
      threeWords(own.map(({ word }) => word)),
      threeWords(own.map(({ early }) => early)),
      percent(time, own.length),
      threeWords(own.map(({ paired }) => paired)),
      name === UNCHANGED.name ? "" : percent(named, count(own, "word")),
      ...PEERS.map((peer) =>
        percent(own.filter(({ peers }) => peers.includes(peer.name)).length, own.length),
      ),
    ]);
  }
  const unchanged = outcomes.filter(({ change }) => change === UNCHANGED.name);
  const open = unchanged.filter(({ word }) => word === "inconclusive");
  const blamed = unchanged.filter(({ word }) => word === "regressed");
  if (open.length > 0) console.log(`unchanged and open: ${mostOften(open)}`);
  if (blamed.length > 0) console.log(`unchanged and blamed: ${mostOften(blamed)}`);
  tellCoverage(unchanged);
  const failed = Math.max(...(["word", "early", "paired"] as const).map((way) => count(unchanged, way)));
  return { failed, of: unchanged.length };
};

const startMs = performance.now();
const services = (values.service === "both" ? ["io", "cpu"] : [values.service]) as ("io" | "cpu")[];
for (const service of services) {
  const shards = availableParallelism();
  const common = {
    service,
    unchanged: Math.ceil(whole(values["pull-requests"]) / SUITES),
    changed: Math.ceil(whole(values.regressions) / SUITES),
    budgetS: whole(values.budget),
    baselines: whole(values.baselines),
  };
  const numbers = Array.from({ length: SUITES }, (_, number) => number);
  const parts = await Promise.all(
    Array.from({ length: shards }, async (_, shard) =>
      runShard({ ...common, suites: numbers.filter((number) => number % shards === shard) }),
    ),
  );
  const outcomes = parts.flat();
  const name = service === "io" ? "a service that waits" : "a service that computes";
  const { failed, of } = tell(name, outcomes);
  const upper = clopperPearsonUpper(failed, of);
  console.log(
    `${name}: ${failed} of ${of} unchanged pull requests fail, at most ${percent(upper, 1)} with 95 % confidence; ${goal(failed / of, "at most", MOST_FAILED)}`,
  );
  if (failed / of > MOST_FAILED) process.exitCode = 1;
  if (values.json !== undefined) {
    const line = { at: new Date().toISOString(), ...common, failed, of, upper };
    await appendFile(values.json, `${JSON.stringify(line)}\n`);
  }
}
console.log(
  `${values["pull-requests"]} unchanged and ${values.regressions} of each regression, ${values.budget} s, 50/s, baseline of ${values.baselines}; ${((performance.now() - startMs) / 1000).toFixed(0)} s`,
);
