/**
 * How often twins fail, pass or stay inconclusive, by simulation: equal code (A/A) and careless changes.
 *
 *   node bench/twin-simulation.ts [seeds=200] [rate=10] [cpuPart=0.2] [baselines=1] [stallEveryS=20] [name]
 *
 * The label step is the judge's own (Holm at the policy's alpha).
 */
import { conductComparisons } from "../src/core/judge/conduct/index.ts";
import { buildContext } from "../src/core/judge/context.ts";
import { labelComparisons } from "../src/core/judge/label.ts";
import { twinComparisons } from "../src/core/judge/twins/index.ts";
import type { Comparison } from "../src/core/verdict.ts";
import { type Change, SYNTHETIC_POLICY, syntheticProfile } from "../test/support/synthetic-profile.ts";

const argument = (place: number, otherwise: number): number => {
  const given = Number(process.argv[place + 2]);
  return Number.isFinite(given) ? given : otherwise;
};
const seeds = argument(0, 200);
const rateRps = argument(1, 10);
const cpuPart = argument(2, 0.2);
const baselines = argument(3, 1);
/** Mean seconds between stalls; noisy neighbours come a third as often. */
const stallEveryS = argument(4, 20);
const wanted = process.argv[7] ?? "";

const CASES: readonly { readonly name: string; readonly change: Change }[] = [
  { name: "A/A", change: {} },
  { name: "hits 15 % slower", change: { hitFactor: 1.15 } },
  { name: "hits 20 % slower", change: { hitFactor: 1.2 } },
  { name: "hits 20 % slower, one fault", change: { hitFactor: 1.2, scenario: "slow" } },
  { name: "8 % of requests +600 ms", change: { slowTail: { share: 0.08, addMs: 600 } } },
  { name: "retry removed: 20 % of requests (all hits) fail", change: { hitErrors: 1, scenario: "reset" } },
  { name: "20 % of hits fail, every fault", change: { hitErrors: 0.2 } },
  { name: "20 % of hits fail, one fault", change: { hitErrors: 0.2, scenario: "reset" } },
  { name: "degraded: all hits of one fault", change: { hitDegraded: 1, scenario: "reset" } },
  { name: "degraded: 20 % of hits, every fault", change: { hitDegraded: 0.2 } },
  { name: "degraded: 20 % of hits, one fault", change: { hitDegraded: 0.2, scenario: "reset" } },
  { name: "cut answers passed on as complete", change: { hitIncomplete: 1, scenario: "cut" } },
  { name: "one call more for hits", change: { hitExtraCalls: 1, scenario: "slow" } },
  { name: "no breaker", change: { outageCalls: 2.9 } },
  { name: "ready path lies", change: { readyLies: true } },
];

const word = (comparisons: readonly Comparison[]): "failed" | "passed" | "inconclusive" => {
  if (comparisons.some(({ label }) => label === "regressed")) return "failed";
  return comparisons.every(({ label, primary }) => !primary || label === "ok" || label === "improved")
    ? "passed"
    : "inconclusive";
};

const common = { rateRps, cpuPart, stallEveryS, neighbourEveryS: 3 * stallEveryS };
const cases = CASES.filter(({ name }) => name.includes(wanted));
let rows = 0;
let compare = 0;
const columns = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(50) : cell.padEnd(14))).join("");
console.log(columns(["change", "failed", "passed", "inconclusive", "most often named (share of seeds)"]));
for (const { name, change } of cases) {
  const words = { failed: 0, passed: 0, inconclusive: 0 };
  const named = new Map<string, number>();
  for (let seed = 0; seed < seeds; seed++) {
    const scheduleSeed = 1000 + seed;
    const profiles = Array.from({ length: baselines }, (_, run) =>
      syntheticProfile({ ...common, scheduleSeed, runSeed: seed * 50 + run }),
    );
    const head = syntheticProfile({ ...common, scheduleSeed, runSeed: seed * 50 + 49, change });
    const context = buildContext(head, { schemaVersion: 1, suite: head.suite, profiles }, SYNTHETIC_POLICY);
    const compared = [...twinComparisons(context), ...conductComparisons(context)];
    const evaluable = compared.filter(({ p, refused }) => p !== null && refused === undefined);
    const labelled = labelComparisons(compared, SYNTHETIC_POLICY.alpha);
    rows = context.head.pooled.get("slow")?.rows.length ?? 0;
    compare += evaluable.length / seeds / cases.length;
    const result = word(labelled);
    words[result] += 1;
    const telling = labelled.filter(({ label, primary }) =>
      result === "failed" ? label === "regressed" : primary && label !== "ok" && label !== "improved",
    );
    for (const { scenario, metric } of telling) {
      const key = `${result === "failed" ? "" : "?"}${scenario}/${metric}`;
      named.set(key, (named.get(key) ?? 0) + 1);
    }
  }
  const share = (count: number): string => `${((100 * count) / seeds).toFixed(1)} %`;
  const most = [...named].sort((a, b) => b[1] - a[1]).slice(0, 5);
  console.log(
    columns([
      name,
      share(words.failed),
      share(words.passed),
      share(words.inconclusive),
      most.map(([key, count]) => `${key} ${share(count)}`).join(", "),
    ]),
  );
}
console.log(
  `${seeds} seeds, ${rows} rows a scenario, ${compare.toFixed(0)} comparisons, processor's part ${cpuPart}, baseline of ${baselines}, a stall every ${stallEveryS} s`,
);
