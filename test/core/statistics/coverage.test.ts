/**
 * How often the 95 % intervals hold the truth, in simulation: within 2 points of what they say. Seeded, so that a failure is a
 * change of the formulas.
 */
import { describe, expect, test } from "vitest";
import { pairedShareInterval } from "../../../src/core/judge/twins/paired-share.ts";
import { type Random, randomFor } from "../../../src/core/random.ts";
import {
  clusteredSample,
  estimateQuantile,
  poolDesignEffects,
  quantileDesignEffect,
  shrinkDesignEffect,
} from "../../../src/core/statistics/cluster-quantile.ts";
import { logSample, moderatedError } from "../../../src/core/statistics/moderated-t.ts";
import { newcombeInterval } from "../../../src/core/statistics/proportion.ts";
import { quantileOfSorted } from "../../../src/core/statistics/quantile.ts";
import { tQuantile, welchSatterthwaite } from "../../../src/core/statistics/student-t.ts";

const SIMULATIONS = 4000;
const Z = 1.959963984540054;

const coverageOf = (name: string, truth: number, interval: (random: Random) => readonly [number, number]) => {
  let held = 0;
  for (let run = 0; run < SIMULATIONS; run++) {
    const [low, high] = interval(randomFor(1, "coverage", name, run));
    if (low <= truth && truth <= high) held += 1;
  }
  return held / SIMULATIONS;
};

const successes = (random: Random, n: number, share: number): number => {
  let k = 0;
  for (let row = 0; row < n; row++) if (random.next() < share) k += 1;
  return k;
};

/** Distance from 95 %. */
const beside = (coverage: number): number => Math.abs(coverage - 0.95);

describe("95 % intervals hold the truth in 93 to 97 % of simulated runs", () => {
  test.each([
    [0.05, 0.1, 150],
    [0.2, 0.3, 100],
    [0.5, 0.5, 60],
  ])("shares of two runs: %d against %d of %d requests", (base, head, n) => {
    expect(
      beside(
        coverageOf(`newcombe ${base}`, head - base, (random) =>
          newcombeInterval({ k: successes(random, n, head), n }, { k: successes(random, n, base), n }, Z),
        ),
      ),
    ).toBeLessThan(0.02);
  });

  test.each([
    [0.12, 0.05, 150],
    [0.1, 0.1, 120],
    [0.3, 0.1, 60],
  ])(
    "shares of twins: %d fail in the head alone, %d in the baseline alone, of %d pairs",
    (headOnly, baseOnly, pairs) => {
      expect(
        beside(
          coverageOf(`twins ${headOnly}`, headOnly - baseOnly, (random) => {
            const count = { pairs, headOnly: 0, baseOnly: 0 };
            for (let pair = 0; pair < pairs; pair++) {
              const draw = random.next();
              if (draw < headOnly) count.headOnly += 1;
              else if (draw < headOnly + baseOnly) count.baseOnly += 1;
            }
            return pairedShareInterval(count, Z);
          }),
        ),
      ).toBeLessThan(0.02);
    },
  );

  /** Six scenarios of ten windows; requests of one window share what the machine did then. */
  const clustered = (random: Random, shift: number, spread: number) => {
    const blocks = 10;
    const values: number[] = [];
    const blockIds: number[] = [];
    for (let block = 0; block < blocks; block++) {
      const together = spread * random.normal();
      for (let row = 0; row < 50; row++) {
        values.push(shift + 100 * Math.exp(together + 0.3 * random.normal()));
        blockIds.push(block);
      }
    }
    return clusteredSample(values, blockIds);
  };
  const medians = (random: Random, shift: number, spread: number) => {
    const samples = Array.from({ length: 6 }, () => clustered(random, shift, spread));
    const effects = samples.map((sample) => ({
      effect: quantileDesignEffect(sample, 0.5, quantileOfSorted(sample.sorted, 0.5)),
      blocks: sample.blocks,
    }));
    const pool = poolDesignEffects(effects);
    const [own, first] = [effects[0], samples[0]];
    if (own === undefined || first === undefined) throw new Error("six samples");
    return estimateQuantile(first, 0.5, shrinkDesignEffect(own, pool), own.blocks - 1 + pool.df);
  };

  test.each([0, 0.03, 0.08])(
    "medians of two runs whose windows differ by %d",
    (spread) => {
      expect(
        beside(
          coverageOf(`median ${spread}`, 20, (random) => {
            const head = medians(random, 120, spread);
            const base = medians(random, 100, spread);
            const half = (headSe: number, baseSe: number): number =>
              tQuantile(
                0.975,
                welchSatterthwaite([
                  { variance: headSe ** 2, df: head.df },
                  { variance: baseSe ** 2, df: base.df },
                ]),
              ) * Math.hypot(headSe, baseSe);
            const change = head.quantile - base.quantile;
            return [change - half(head.seDown, base.seUp), change + half(head.seUp, base.seDown)];
          }),
        ),
      ).toBeLessThan(0.02);
    },
    120_000,
  );

  test("recoveries of six kills in the head and in each of three runs", () => {
    expect(
      beside(
        coverageOf("recovery", Math.log(2), (random) => {
          const times = (count: number, typicalMs: number): number[] =>
            Array.from({ length: count }, () => typicalMs * Math.exp(0.12 * random.normal()));
          const [head, base] = [logSample(times(6, 4000)), logSample(times(18, 2000))];
          const { se, df } = moderatedError(head, base);
          const change = head.mean - base.mean;
          return [change - tQuantile(0.975, df) * se, change + tQuantile(0.975, df) * se];
        }),
      ),
    ).toBeLessThan(0.02);
  });
});
