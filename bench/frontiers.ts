/**
 * Searches for frontiers, simulated: how often the interval holds the edge, how often a halved frontier is found, how often an
 * unchanged one is blamed. Services give way at once or little by little; windows stall now and then.
 *
 *   node bench/frontiers.ts [--searches 300]
 */
import { parseArgs } from "node:util";
import { posteriorOf } from "../src/core/frontier/posterior.ts";
import { valueAt } from "../src/core/frontier/range.ts";
import { intervalOf } from "../src/core/frontier/search.ts";
import { frontierComparisons } from "../src/core/judge/checks/frontier.ts";
import { buildContext } from "../src/core/judge/context.ts";
import type { FrontierRecord, Profile } from "../src/core/profile.ts";
import { randomFor } from "../src/core/random.ts";
import { delayRange, latency, type Missing, searched, smooth } from "../test/support/frontiers.ts";
import { SYNTHETIC_POLICY, syntheticProfile } from "../test/support/synthetic-profile.ts";

const { values } = parseArgs({ options: { searches: { type: "string", default: "300" } } });
const SEARCHES = Number(values.searches);

const RANGE = delayRange();
const ALLOWED = 0.05;
/** What Holm's first step asks of one of about fifty comparisons. */
const P = 0.001;
/** Of what one service tolerates, from day to day. */
const RUN_SPREAD = 0.05;
/** Edges nearer to nothing cannot be halved on the grid. */
const LEAST_EDGE_MS = 500;

const LATENCY = latency(5000);
const PROFILE = syntheticProfile({ scheduleSeed: 1, runSeed: 1, rounds: 1, rateRps: 2 });

const measured = (missing: Missing, seed: number): Profile => {
  const record: FrontierRecord = {
    name: "llm-slow",
    description: "llm latency, delay",
    fault: LATENCY,
    range: RANGE,
    expect: [{ metric: "errorRate", comparator: "<=", limit: ALLOWED, text: "errorRate <= 5%" }],
    steps: searched(RANGE, ALLOWED, missing, seed),
  };
  return { ...PROFILE, frontiers: [record] };
};

const isBlamed = (head: Profile, bases: readonly Profile[], paired: boolean): boolean => {
  const baseline = { schemaVersion: 1 as const, suite: head.suite, profiles: bases };
  const [comparison] = frontierComparisons(buildContext(head, baseline, SYNTHETIC_POLICY, [], paired));
  return comparison?.p !== null && (comparison?.p ?? 1) < P;
};

/** The same service, giving way at so many times the delay. */
const scaled =
  (missing: Missing, times: number): Missing =>
  (value) =>
    missing(value / times);

const counts = { covered: 0, stored: 0, paired: 0, storedHalved: 0, pairedHalved: 0, halved: 0, steps: 0 };
type Counts = typeof counts;

const search = (seed: number, widthMs: number, into: Counts): void => {
  const random = randomFor(seed, "days", widthMs);
  const { missing, edgeMs } = smooth(seed, widthMs, ALLOWED);
  const day = (): Missing => scaled(missing, Math.exp(RUN_SPREAD * random.normal()));
  let next = seed * 100;
  const { frontiers = [] } = measured(missing, next++);
  const steps = frontiers[0]?.steps ?? [];
  const { low, high } = intervalOf(posteriorOf(RANGE, [ALLOWED], steps));
  into.steps += steps.length;
  if (valueAt(RANGE, low) <= edgeMs && edgeMs <= valueAt(RANGE, high + 1)) into.covered++;
  const bases = [1, 2, 3].map(() => measured(day(), next++));
  const beside = [measured(missing, next++)];
  if (isBlamed(measured(day(), next++), bases, false)) into.stored++;
  if (isBlamed(measured(missing, next++), beside, true)) into.paired++;
  if (edgeMs < LEAST_EDGE_MS) return;
  into.halved++;
  if (isBlamed(measured(scaled(day(), 0.5), next++), bases, false)) into.storedHalved++;
  if (isBlamed(measured(scaled(missing, 0.5), next++), beside, true)) into.pairedHalved++;
};

const percent = (count: number, of: number): string => `${((100 * count) / of).toFixed(0)} %`;

for (const [name, widthMs] of [
  ["at once", 5],
  ["over half a second", 150],
  ["over seconds", 600],
] as const) {
  const into = { ...counts };
  for (let seed = 0; seed < SEARCHES; seed++) search(seed, widthMs, into);
  console.log(
    `gives way ${name.padEnd(20)} edge in its 95 % interval ${percent(into.covered, SEARCHES)}; halved, found: stored ${percent(into.storedHalved, into.halved)}, in pairs ${percent(into.pairedHalved, into.halved)}; unchanged, blamed: stored ${into.stored}, in pairs ${into.paired} of ${SEARCHES}; ${(into.steps / SEARCHES).toFixed(1)} windows`,
  );
}
