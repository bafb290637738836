/** What must not matter to a verdict: names, orders, the unit of time, and more of the same. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { randomFor, shuffled } from "../../../src/core/random.ts";
import type { Verdict } from "../../../src/core/verdict.ts";
import {
  type Change,
  SYNTHETIC_POLICY,
  type SyntheticOptions,
  syntheticProfile,
} from "../../support/synthetic-profile.ts";

const CHANGES: readonly Change[] = [
  {},
  { hitErrors: 1, scenario: "reset" },
  { hitFactor: 1.2, scenario: "slow" },
  { slowTail: { share: 0.08, addMs: 600 } },
  { hitDegraded: 0.5 },
  { outageCalls: 2.9 },
];

const run = (runSeed: number, over: Partial<SyntheticOptions> = {}): Profile => {
  const profile = syntheticProfile({ scheduleSeed: 9, runSeed, rateRps: 15, ...over });
  const startedAt = new Date(1_760_000_000_000 + runSeed * 60_000).toISOString();
  return { ...profile, provenance: { ...profile.provenance, startedAt } };
};

const verdictOf = (head: Profile, baselines: readonly Profile[], policy = SYNTHETIC_POLICY): Verdict =>
  judge({
    head,
    baseline: { schemaVersion: 1, suite: head.suite, profiles: baselines },
    policy,
    experiments: [],
  });

/** Sums in another order differ in their last digits, also those that are 0. */
const rounded = (value: number): string => (Math.abs(value) < 1e-12 ? 0 : value).toPrecision(8);

/** What decides, in an order of its own. */
const essence = ({ word, comparisons }: Verdict, times = 1) => ({
  word,
  comparisons: comparisons
    .map(({ scenario, metric, edge, label, change, unit, p }) => [
      [scenario, metric, edge ?? "", label].join("|"),
      change === null ? null : rounded(change / (unit === "ms" ? times : 1)),
      p === null ? null : p.toPrecision(6),
    ])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
});

const sample = fc.record({
  change: fc.constantFrom(...CHANGES),
  seed: fc.integer({ min: 1, max: 1000 }),
});
const FEW = { numRuns: 8 };

const cases = ({ change, seed }: { readonly change: Change; readonly seed: number }) => ({
  head: run(10 * seed, { change }),
  baselines: [run(10 * seed + 1), run(10 * seed + 2), run(10 * seed + 3)],
});

describe("a verdict does not care", () => {
  test("what requests are called", () => {
    fc.assert(
      fc.property(sample, (drawn) => {
        const { head, baselines } = cases(drawn);
        const renamed = (profile: Profile): Profile => ({
          ...profile,
          observations: profile.observations.map((row) => ({
            ...row,
            requestId: `${(Number(row.requestId.slice(1)) * 7 + 3) % 40}th`,
          })),
        });
        expect(essence(verdictOf(renamed(head), baselines.map(renamed)))).toEqual(
          essence(verdictOf(head, baselines)),
        );
      }),
      FEW,
    );
  });

  test("in which order windows and rows stand in the file", () => {
    fc.assert(
      fc.property(sample, (drawn) => {
        const { head, baselines } = cases(drawn);
        const order = shuffled(
          head.windows.map((_, index) => index),
          randomFor(drawn.seed, "order"),
        );
        const mixed = (profile: Profile): Profile => {
          const places = new Map(order.map((index, place) => [index, place]));
          const moved = <T extends { readonly window: number }>(items: readonly T[]): T[] =>
            items.map((item) => ({ ...item, window: places.get(item.window) ?? -1 }));
          return {
            ...profile,
            windows: order.flatMap((index) => profile.windows[index] ?? []),
            observations: moved(profile.observations).toSorted(
              (a, b) => a.window - b.window || a.slot - b.slot,
            ),
            edgeCalls: moved(profile.edgeCalls),
            health: moved(profile.health),
          };
        };
        expect(essence(verdictOf(mixed(head), baselines.map(mixed)))).toEqual(
          essence(verdictOf(head, baselines)),
        );
      }),
      FEW,
    );
  });

  test("in which order the baseline's runs stand", () => {
    fc.assert(
      fc.property(sample, (drawn) => {
        const { head, baselines } = cases(drawn);
        expect(essence(verdictOf(head, baselines.toReversed()))).toEqual(essence(verdictOf(head, baselines)));
      }),
      FEW,
    );
  });
});

describe("a clock that runs twice as fast", () => {
  const scaled = (profile: Profile, times: number): Profile => ({
    ...profile,
    sloMs: profile.sloMs * times,
    deadlines: {
      connectMs: profile.deadlines.connectMs * times,
      headersMs: profile.deadlines.headersMs * times,
      firstContentMs: profile.deadlines.firstContentMs * times,
      silenceMs: profile.deadlines.silenceMs * times,
      totalMs: profile.deadlines.totalMs * times,
    },
    observations: profile.observations.map((row) => ({
      ...row,
      latencyMs: row.latencyMs * times,
      ttftMs: row.ttftMs === null ? null : row.ttftMs * times,
    })),
  });

  test("scales changes, and decides the same", () => {
    const policy = {
      ...SYNTHETIC_POLICY,
      latency: { ...SYNTHETIC_POLICY.latency, absoluteMs: 2 * SYNTHETIC_POLICY.latency.absoluteMs },
    };
    for (const [index, change] of CHANGES.entries()) {
      const { head, baselines } = cases({ change, seed: 50 + index });
      const plain = essence(verdictOf(head, baselines));
      const twice = essence(
        verdictOf(
          scaled(head, 2),
          baselines.map((profile) => scaled(profile, 2)),
          policy,
        ),
        2,
      );
      expect(twice.word).toBe(plain.word);
      expect(twice.comparisons.map(([name]) => name)).toEqual(plain.comparisons.map(([name]) => name));
    }
  });
});

describe("more samples of the same", () => {
  test("never turn a regression into a pass by themselves", () => {
    for (const [index, change] of CHANGES.entries()) {
      const words = [5, 8].map((rounds) => {
        const seed = 900 + 10 * index;
        return verdictOf(run(seed, { change, rounds }), [
          run(seed + 1, { rounds }),
          run(seed + 2, { rounds }),
        ]).word;
      });
      expect(words).not.toEqual(["regressed", "pass"]);
    }
  });

  test("of calm traffic in the head alone change no fault's verdict", () => {
    const head = run(990, { change: { hitErrors: 1, scenario: "reset" } });
    const extra = head.windows.findIndex(({ scenario }) => scenario === "control");
    const rows = head.observations.filter(({ window }) => window === extra);
    const more: Profile = {
      ...head,
      windows: [...head.windows, { ...(head.windows[extra] ?? head.windows[0]!), round: 50 }],
      observations: [
        ...head.observations,
        ...rows.map((row) => ({ ...row, window: head.windows.length, repetition: row.repetition + 1000 })),
      ],
    };
    const baselines = [run(991), run(992)];
    expect(verdictOf(head, baselines).word).toBe("regressed");
    expect(verdictOf(more, baselines).word).toBe("regressed");
  });
});
