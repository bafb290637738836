/**
 * The judge against the method's own cases: simulated pairs of runs and what a prototype of METHOD.md made of them.
 * Estimates to 3 %, standard errors to 25 %, verdicts, refusals and rejected comparisons to equality; each exception
 * gives its reason.
 */
import { describe, expect, it } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import type { Verdict } from "../../../src/core/verdict.ts";
import { expectedCases, METHOD_POLICY, methodCase } from "../../support/method-cases.ts";

const METRIC_NAMES: Readonly<Record<string, string>> = {
  slow: "slow-share",
  err: "error-rate",
  good: "late-rate",
  errpool: "pooled-error-rate",
  rec: "recovery",
};

const metricName = (metric: string): string => METRIC_NAMES[metric] ?? metric;

/** Rejections by metrics that the prototype does not have. */
const BEYOND_THE_PROTOTYPE: ReadonlySet<string> = new Set([
  // METHOD 6: "TTFT likewise"; the prototype has it at p95 only. It moves with the hits' latency.
  "latency-fault-20pct-slower latency/ttft-hit50",
  "retry-removed reset/ttft-hit50",
  "timeout-1s-to-3s hang/ttft-hit50",
  // The prototype counts no errors in kill windows; doubled recovery doubles them, beyond what recovery's margin allows.
  "recovery-doubled kill/error-rate",
]);

/** Standard errors that are not held to the prototype's. */
const coarseInThePrototype = (name: string, scenario: string, metric: string): boolean =>
  // Its 2 % bins are 21 ms wide at the 1 s timeout, where the 18 hits of a run spread over some 20 ms: its error is the bin's.
  (scenario === "hang" && metric === "hit50") ||
  // A noisy neighbour splits the hits in two groups, at 130 and at 200 ms: one bin decides on which side Qhat(q + zh) falls.
  (name === "cpu-fault-50pct-slower" && metric === "hit50");

const WORDS = { fail: "regressed", pass: "pass", inconclusive: "inconclusive" } as const;

const verdicts = new Map<string, Verdict>();
const verdictOf = (name: string): Verdict => {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const verdict = judge({
    head: methodCase(name, "head"),
    baseline: { schemaVersion: 1, suite: "cases", profiles: [methodCase(name, "base")] },
    policy: METHOD_POLICY,
    experiments: [],
  });
  verdicts.set(name, verdict);
  return verdict;
};

describe.each(Object.keys(expectedCases))("method case %s", (name) => {
  const expected = expectedCases[name];
  if (expected === undefined) throw new Error(name);

  const pairs = () =>
    expected.comparisons.map((theirs) => {
      const metric = metricName(theirs.metric);
      const ours = verdictOf(name).comparisons.find(
        (each) => each.scenario === theirs.scenario && each.metric === metric && each.edge === undefined,
      );
      if (ours === undefined) throw new Error(`${theirs.scenario}/${metric} was not compared`);
      return { theirs, ours, subject: `${theirs.scenario}/${metric}` };
    });

  it("has the same verdict", () => {
    expect(verdictOf(name).word).toBe(WORDS[expected.verdict]);
  });

  it("rejects the same comparisons", () => {
    const ours = verdictOf(name)
      .comparisons.filter(({ label }) => label === "regressed")
      .map(({ scenario, metric }) => `${scenario}/${metric}`)
      .filter((subject) => !BEYOND_THE_PROTOTYPE.has(`${name} ${subject}`));
    const theirs = expected.rejected.map(([scenario, metric]) => `${scenario}/${metricName(metric)}`);
    expect(ours.sort()).toEqual(theirs.sort());
  });

  it("refuses the same comparisons, for the same reasons", () => {
    for (const { theirs, ours, subject } of pairs()) {
      expect(`${subject} ${ours.refused ?? "-"}`).toBe(`${subject} ${theirs.refused ?? "-"}`);
    }
  });

  /** Subjects whose figure is further from the prototype's than `tolerance`, with both figures. */
  const apart = (
    figures: readonly { subject: string; ours: number | null | undefined; theirs: number; scale: number }[],
    tolerance: number,
  ): readonly string[] => {
    expect(figures.length).toBeGreaterThan(0);
    return figures
      .filter(({ ours, theirs, scale }) => !(Math.abs((ours ?? Number.NaN) - theirs) / scale < tolerance))
      .map(({ subject, ours, theirs }) => `${subject}: ${ours}, not ${theirs}`);
  };

  it("estimates the same levels and changes", () => {
    const figures = pairs().flatMap(({ theirs, ours, subject }) =>
      theirs.E === undefined || theirs.est === undefined
        ? []
        : [
            { subject, ours: ours.details["E"], theirs: theirs.E, scale: theirs.E },
            { subject, ours: ours.change, theirs: theirs.est, scale: theirs.E },
          ],
    );
    expect(apart(figures, 0.03)).toEqual([]);
  });

  it("estimates the same standard errors", () => {
    const figures = pairs().flatMap(({ theirs, ours, subject }) =>
      theirs.S === undefined || coarseInThePrototype(name, theirs.scenario, theirs.metric)
        ? []
        : [{ subject, ours: ours.details["S"], theirs: theirs.S, scale: theirs.S }],
    );
    expect(apart(figures, 0.25)).toEqual([]);
  });

  it("estimates the same differences of error rates", () => {
    const figures = pairs().flatMap(({ theirs, ours, subject }) =>
      ["err", "good", "errpool"].includes(theirs.metric)
        ? [{ subject, ours: ours.change, theirs: theirs.D ?? Number.NaN, scale: 1 }]
        : [],
    );
    expect(apart(figures, 0.0005)).toEqual([]);
  });

  it("estimates the same change of recovery, as surely", () => {
    const figures = pairs().flatMap(({ theirs, ours, subject }) =>
      theirs.metric === "rec"
        ? [
            {
              subject,
              ours: (ours.change ?? 0) / (ours.details["E"] ?? 0),
              theirs: theirs.D ?? Number.NaN,
              scale: 1,
            },
            { subject, ours: ours.p, theirs: theirs.p ?? Number.NaN, scale: 1 },
          ]
        : [],
    );
    expect(apart(figures, 0.001)).toEqual([]);
  });
});
