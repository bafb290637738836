/** Searches on services that give way at a known place. */
import { array, assert, nat, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chanceThatItHolds,
  nextLevel,
  posteriorOf,
  quantileOfPosterior,
} from "../../../src/core/frontier/posterior.ts";
import { type FrontierStep, valueAt } from "../../../src/core/frontier/range.ts";
import { intervalOf, MOST_FRONTIER_STEPS, nextStep } from "../../../src/core/frontier/search.ts";
import { delayRange, searched, sharp, smooth } from "../../support/frontiers.ts";

const RANGE = delayRange();
const ALLOWED = 0.05;

describe("the chance that a level holds", () => {
  // python3 -c 'from scipy.stats import beta; from math import log
  // for k,n,q in [(0,60,.05),(1,60,.05),(5,60,.05),(60,60,.05),(0,60,.005),(1,60,.005),(30,60,.5),(3,20,.7)]:
  //   print([k, n, q, beta.cdf(q, k/2+log(2)/log(1/q), (n-k)/2+1)])'
  test.each([
    [0, 60, 0.05, 0.9724305807413272],
    [1, 60, 0.05, 0.8665357372177424],
    [5, 60, 0.05, 0.24694944826078544],
    [60, 60, 0.05, 4.656612873077421e-40],
    [0, 60, 0.005, 0.8184641974925264],
    [1, 60, 0.005, 0.320460413172697],
    [30, 60, 0.5, 0.5],
    [3, 20, 0.7, 0.9994154131627814],
  ])("of %i in %i with %d allowed is SciPy's", (k, n, allowed, expected) => {
    expect(Math.abs(chanceThatItHolds(k, n, allowed) - expected)).toBeLessThan(1e-9);
  });

  test("is even before anything was seen, whatever is allowed", () => {
    for (const allowed of [0.005, 0.05, 0.5, 0.9])
      expect(chanceThatItHolds(0, 0, allowed)).toBeCloseTo(0.5, 12);
  });
});

describe("the posterior", () => {
  const step = (level: number, beyond: number, requests = 60): FrontierStep => ({
    level,
    startMs: 0,
    durationMs: 2000,
    requests,
    beyond: [beyond],
  });

  test("does not depend on the order of the windows, and is one in all", () => {
    const any = record({ level: nat(31), beyond: nat(60) }).map(({ level, beyond }) => step(level, beyond));
    assert(
      property(array(any, { maxLength: 14 }), (steps) => {
        const there = posteriorOf(RANGE, [ALLOWED], steps);
        const back = posteriorOf(RANGE, [ALLOWED], steps.toReversed());
        expect(there.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
        for (const [place, weight] of there.entries()) expect(back[place]).toBeCloseTo(weight, 9);
      }),
    );
  });

  test("takes no notice of windows that do not count, or hold nothing", () => {
    const lost = { ...step(10, 60), invalid: "the machine was too busy" };
    expect(posteriorOf(RANGE, [ALLOWED], [lost, step(3, 0, 0)])).toEqual(posteriorOf(RANGE, [ALLOWED], []));
  });

  test("of two expectations believes the one that is missed", () => {
    const both = { ...step(10, 0), beyond: [0, 60] };
    const { tolerated } = intervalOf(posteriorOf(RANGE, [ALLOWED, ALLOWED], [both]));
    expect(tolerated).toBeLessThanOrEqual(10);
  });

  test("is asked next where its answer is most open", () => {
    expect(nextLevel(posteriorOf(RANGE, [ALLOWED], []))).toBe(15);
    expect(nextLevel([0.9, 0.1])).toBe(0);
    expect(quantileOfPosterior([0.2, 0.3, 0.5], 0.5)).toBe(1);
  });
});

describe("a search", () => {
  test("finds a sharp edge to a level, in few windows", () => {
    for (const edgeMs of [40, 200, 777, 1900, 3333, 4990]) {
      const steps = searched(RANGE, ALLOWED, sharp(edgeMs), 3);
      const { tolerated } = intervalOf(posteriorOf(RANGE, [ALLOWED], steps));
      const below = RANGE.levels.filter((level) => level <= edgeMs).length;
      expect(tolerated, `${edgeMs} ms`).toBe(below);
      expect(steps.length).toBeLessThanOrEqual(MOST_FRONTIER_STEPS);
    }
  });

  test("ends where everything holds, and where nothing does", () => {
    const all = searched(RANGE, ALLOWED, () => 0, 2);
    expect(intervalOf(posteriorOf(RANGE, [ALLOWED], all))).toMatchObject({ tolerated: 32 });
    const none = searched(RANGE, ALLOWED, () => 1, 1);
    expect(intervalOf(posteriorOf(RANGE, [ALLOWED], none))).toMatchObject({ tolerated: 0 });
    for (const steps of [all, none]) expect(steps.length).toBeLessThan(MOST_FRONTIER_STEPS);
  });

  test("that an odd window misled at first comes back", () => {
    // Its first window, half-way, falls into a stall of the machine.
    const steps = searched(RANGE, ALLOWED, () => 0, 1);
    expect(steps[0]).toMatchObject({ level: 15, beyond: [20] });
    expect(intervalOf(posteriorOf(RANGE, [ALLOWED], steps)).tolerated).toBeGreaterThanOrEqual(30);
  });

  test("stops when its steps are used up, though nothing counted", () => {
    const steps = Array.from(
      { length: MOST_FRONTIER_STEPS },
      (): FrontierStep => ({ level: 15, startMs: 0, durationMs: 1, requests: 0, beyond: [0] }),
    );
    expect(nextStep(RANGE, [ALLOWED], steps.slice(1))).toBe(15);
    expect(nextStep(RANGE, [ALLOWED], steps)).toBeNull();
  });

  test.each([
    ["gives way at once", 5],
    ["gives way over 600 ms", 150],
    ["gives way over seconds", 600],
  ])("of a service that %s has the edge in its 95 %% interval 93 times in 100 and more", (_, widthMs) => {
    let covered = 0;
    const searches = 200;
    for (let seed = 0; seed < searches; seed++) {
      const { missing, edgeMs } = smooth(seed, widthMs, ALLOWED);
      const { low, high } = intervalOf(
        posteriorOf(RANGE, [ALLOWED], searched(RANGE, ALLOWED, missing, seed)),
      );
      if (valueAt(RANGE, low) <= edgeMs && edgeMs <= valueAt(RANGE, high + 1)) covered++;
    }
    expect(covered / searches).toBeGreaterThanOrEqual(0.93);
  });
});
