/** Other tools' rules are only worth comparing with where they are what they are called. */
import { describe, expect, test } from "vitest";
import { PEERS } from "../../bench/peers/index.ts";
import { mannWhitneyP } from "../../bench/peers/mann-whitney.ts";
import { newValueP } from "../../bench/peers/t-test.ts";
import { HOSTED } from "../../bench/simulator/machine.ts";
import { RESILIENT, type ServiceCode } from "../../bench/simulator/service.ts";
import { simulate } from "../../bench/simulator/simulate.ts";
import { simulatedPlan, simulatedSuite } from "../../bench/simulator/suite.ts";
import { judge } from "../../src/core/judge/judge.ts";

describe("the peers' statistics", () => {
  // python3: scipy.stats.mannwhitneyu(a, b, alternative="greater", method="asymptotic").pvalue, SciPy 1.17
  const a = [3.1, 4.7, 5.0, 5.0, 6.2, 9.9, 2.2];
  const b = [1.0, 2.2, 3.3, 5.0, 4.1, 2.9, 3.8, 0.7];
  test("Mann-Whitney's p is SciPy's, ties included", () => {
    expect(mannWhitneyP(a, b)).toBeCloseTo(0.03144543565371709, 9);
    expect(mannWhitneyP(b, a)).toBeCloseTo(0.9759344931094691, 9);
  });

  // python3: t.sf((v - mean(h)) / (std(h, ddof=1) * sqrt(1 + 1 / n)), n - 1)
  test("the t-test of a new value against history is SciPy's", () => {
    expect(newValueP(106, [100, 103.5, 98.2, 101.1, 99.7])).toBeCloseTo(0.03174419565563014, 9);
  });
});

describe("the simulator", () => {
  const suite = simulatedSuite({ budgetS: 60, rateRps: 30 });
  const plan = simulatedPlan(suite, 5);
  const quiet = { ...HOSTED, speedSpread: 0, stallEveryS: Infinity, neighbourEveryS: Infinity };
  const run = (runSeed: number, code: Partial<ServiceCode> = {}) =>
    simulate({
      suite,
      plan,
      runSeed,
      code: { ...RESILIENT, ...code },
      cpuPart: 0.15,
      machine: quiet,
      cores: 4,
    });

  test("follows the product's plan: every request in its place, struck as planned", () => {
    const { observations, windows } = run(1);
    expect(windows.map(({ scenario, round }) => [scenario, round])).toEqual(
      plan.windows.map(({ scenario, round }) => [scenario, round]),
    );
    const planned = plan.stretches.flatMap(({ requests }) =>
      requests.map(({ requestId, hit }) => [requestId, hit]),
    );
    expect(observations.map(({ requestId, hit }) => [requestId, hit])).toEqual(planned);
  });

  test("makes equal runs of equal seeds, and others of others", () => {
    expect(run(2).observations).toEqual(run(2).observations);
    expect(run(3).observations).not.toEqual(run(2).observations);
  });

  test("shows what its code does: a timeout, a retry, a lost stream", () => {
    const struck = (scenario: string, code: Partial<ServiceCode> = {}) => {
      const { observations, windows } = run(4, code);
      return observations.filter(({ hit, window }) => hit && windows[window]?.scenario === scenario);
    };
    expect(Math.min(...struck("hang").map(({ latencyMs }) => latencyMs))).toBeGreaterThan(2000);
    expect(new Set(struck("reset").map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
    expect(new Set(struck("reset", { retries: 0, fallback: false }).map(({ outcome }) => outcome))).toEqual(
      new Set(["status"]),
    );
    expect(new Set(struck("cut", { seesTruncation: false }).map(({ outcome }) => outcome))).toEqual(
      new Set(["incomplete"]),
    );
  });

  test("is judged: equal code does not fail, a missing retry does, by peers too where they look", () => {
    const baselines = [run(5), run(6), run(7)];
    const verdict = (head: ReturnType<typeof run>) =>
      judge({
        head,
        baseline: { schemaVersion: 1, suite: suite.name, profiles: baselines },
        policy: suite.policy,
        experiments: suite.experiments,
      }).word;
    expect(verdict(run(8))).not.toBe("regressed");
    const broken = run(9, { retries: 0, fallback: false });
    expect(verdict(broken)).toBe("regressed");
    const failing = PEERS.filter((peer) => peer.fails(broken, baselines)).map(({ name }) => name);
    expect(failing).toContain("errors + 1 point");
  });
});
