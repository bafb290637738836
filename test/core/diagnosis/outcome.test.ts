import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diagnose, hasRestored, isAtRest, NOT_TRIED } from "../../../src/core/diagnosis/outcome.ts";
import type { DiagnosisSubject } from "../../../src/core/diagnosis/subject.ts";
import type { Remedy } from "../../../src/core/remedy/remedy.ts";
import type { RemedyTrial } from "../../../src/core/remedy/trial.ts";
import {
  BREAKER,
  CACHE,
  DEADLINE,
  errorSubject,
  HEDGE,
  REPLICA,
  RETRY,
  trial,
} from "../../support/trials.ts";

const FAILING = { errors: 30, hitErrors: 30, late: 30 };

const outcomeOf = (trials: readonly RemedyTrial[], subject = errorSubject(), remedy: Remedy = RETRY) =>
  diagnose(subject, trials).tried.find((tried) => tried.remedy.kind === remedy.kind);

const aimed = (metric: DiagnosisSubject["aim"]["metric"], steady: number, margin: number) =>
  errorSubject({ aim: { metric, steady, margin }, guards: [] });

describe("a remedy has restored the steady state", () => {
  test("where its figure is back there and differs from the one without it", () => {
    const found = diagnose(errorSubject(), [trial(null, FAILING), trial(RETRY)]);
    expect(found).toMatchObject({ scenario: "llm-fails", metric: "error-rate", unit: "share", steady: 0 });
    expect(found.without).toBeCloseTo(0.2);
    expect(found.best).toMatchObject({
      description: "one retry after 100 ms on llm",
      outcome: "restored",
      value: 0,
      restoredShare: 1,
    });
    expect(found.best?.interval?.[1]).toBeLessThan(-0.1);
  });

  test("where one request fails by chance, but not where a tenth of the harm is left for sure", () => {
    const one = { errors: 1, hitErrors: 1, late: 1 };
    expect(outcomeOf([trial(null, FAILING), trial(RETRY, one)])?.outcome).toBe("restored");
    const some = { errors: 5, hitErrors: 5, late: 5 };
    expect(outcomeOf([trial(null, FAILING), trial(RETRY, some)])).toMatchObject({
      outcome: "helped",
      reason: "83.3 % of the way back",
    });
  });

  test("not where so few are left that it may be all, but too little of the way is made", () => {
    const found = outcomeOf([trial(null, { errors: 10 }), trial(RETRY, { errors: 2 })]);
    expect(found).toMatchObject({ outcome: "helped", reason: "80 % of the way back" });
  });

  test("also where it is better than it ever was", () => {
    const found = outcomeOf(
      [trial(null, { recoveryMs: 5000 }), trial(REPLICA, { recoveryMs: 40 })],
      aimed("recovery", 900, 500),
      REPLICA,
    );
    expect(found).toMatchObject({ outcome: "restored", restoredShare: 1, value: 40 });
  });

  test("by latencies, where those without it lie past the deadline", () => {
    const without = trial(null, { hit50Ms: null, hit50IntervalMs: null });
    const found = diagnose(aimed("hit50", 310, 31), [
      without,
      trial(DEADLINE, { hit50Ms: 325, hit50IntervalMs: [300, 350] }),
    ]);
    expect(found.without).toBe(Number.POSITIVE_INFINITY);
    expect(found.best).toMatchObject({ outcome: "restored", value: 325 });
  });

  test("by calls for each request", () => {
    const subject = { ...aimed("calls-per-request", 2, 0.2), edge: "llm" };
    const calls = (count: number) => ({ calls: [{ edge: "llm", calls: count }] });
    const trials = [trial(null, calls(900)), trial(BREAKER, calls(100))];
    expect(outcomeOf(trials, subject, BREAKER)).toMatchObject({ outcome: "restored" });
    expect(outcomeOf(trials, { ...subject, edge: "vector" }, BREAKER)?.outcome).not.toBe("restored");
  });
});

describe("a remedy that restores one figure and spoils another", () => {
  const fallbacks = { degraded: 30 };

  test("has helped, at a cost that is told", () => {
    expect(outcomeOf([trial(null, FAILING), trial(RETRY, fallbacks)])).toMatchObject({
      outcome: "helped",
      reason: "back at the steady state, but at a cost: degraded answers 0 % -> 20 %",
    });
  });

  test("costs nothing where the baseline pays the same", () => {
    const subject = errorSubject({ guards: [{ metric: "degraded-rate", steady: 0.2, margin: 0.02 }] });
    expect(outcomeOf([trial(null, FAILING), trial(RETRY, fallbacks)], subject)?.outcome).toBe("restored");
  });
});

describe("a remedy has done nothing", () => {
  test("where the difference may be chance", () => {
    const found = outcomeOf([trial(null, FAILING), trial(RETRY, { ...FAILING, errors: 26 })]);
    expect(found).toMatchObject({ outcome: "no-effect", reason: "no difference beyond chance" });
    const [low = 1, high = -1] = found?.interval ?? [];
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });

  test("where it acted on nothing, whatever the figures say", () => {
    const receipt = { on: "llm", kind: "retry", seen: 30, acted: 0 } as const;
    expect(outcomeOf([trial(null, FAILING), trial(RETRY, {}, { receipt })])).toMatchObject({
      outcome: "no-effect",
      reason: "it found nothing to act on",
    });
  });

  test("where less than half of the way is made", () => {
    const found = outcomeOf([trial(null, { errors: 100 }), trial(RETRY, { errors: 60 })]);
    expect(found).toMatchObject({ outcome: "no-effect", reason: "only 40 % of the way back" });
  });

  test("where nothing was wrong without it", () => {
    const trials = [trial(null), trial(RETRY)];
    expect(outcomeOf(trials)).toMatchObject({ outcome: "no-effect", restoredShare: null });
    expect(isAtRest(errorSubject(), trials)).toBe(true);
    expect(diagnose(errorSubject(), trials).best).toBeNull();
  });

  test("where the windows without it differ as much: a drift is no remedy", () => {
    const drifting = [trial(null, { errors: 60 }), trial(RETRY, { errors: 20 }), trial(null, { errors: 2 })];
    expect(outcomeOf(drifting)?.outcome).toBe("no-effect");
  });
});

describe("a remedy has made it worse", () => {
  test("where the figure rises beyond its margin and beyond chance", () => {
    const found = outcomeOf([trial(null, { errors: 10 }), trial(RETRY, { errors: 90 })]);
    expect(found?.outcome).toBe("worse");
    expect(found?.restoredShare).toBeLessThan(0);
  });
});

describe("windows that do not count", () => {
  test("are in no figure, and say why", () => {
    const spoiled = trial(RETRY, FAILING, { invalid: "the machine was too busy to measure" });
    expect(outcomeOf([trial(null, FAILING), spoiled])).toMatchObject({
      outcome: "not-tried",
      value: null,
      reason: "its window does not count: the machine was too busy to measure",
    });
    expect(outcomeOf([trial(null, FAILING), spoiled, trial(RETRY)])?.outcome).toBe("restored");
  });

  test("and remedies that were never tried are listed with the reason", () => {
    const never = trial(RETRY, { requests: 0 }, { durationMs: 0, invalid: `${NOT_TRIED}no limit to lift` });
    expect(outcomeOf([trial(null, FAILING), never])).toMatchObject({
      outcome: "not-tried",
      reason: "no limit to lift",
    });
  });

  test("and trials of another scenario say nothing of this one", () => {
    const other = trial(RETRY, {}, { scenario: "vector-slow" });
    expect(diagnose(errorSubject(), [trial(null, FAILING), other]).tried).toEqual([]);
  });

  test("and without any window without it nothing can be told", () => {
    expect(outcomeOf([trial(RETRY)])).toMatchObject({ outcome: "not-tried" });
  });
});

describe("the best remedy", () => {
  test("is the cheapest that restored it, in whatever order they were tried", () => {
    const trials = [trial(null, FAILING), trial(HEDGE), trial(CACHE), trial(RETRY)];
    expect(diagnose(errorSubject(), trials).best?.remedy).toEqual(RETRY);
    expect(hasRestored(errorSubject(), trials, CACHE)).toBe(true);
  });

  test("is else the one that helped most", () => {
    const trials = [trial(null, FAILING), trial(RETRY, { errors: 9 }), trial(HEDGE, { errors: 5 })];
    expect(diagnose(errorSubject(), trials).best).toMatchObject({ outcome: "helped", remedy: HEDGE });
  });
});

describe("figures of a stranger's samples", () => {
  const any = fc.record({
    errors: fc.integer({ min: 0, max: 150 }),
    late: fc.integer({ min: 0, max: 150 }),
    degraded: fc.integer({ min: 0, max: 150 }),
    hit50Ms: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    hit50IntervalMs: fc.option(
      fc.tuple(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      ),
    ),
    recoveryMs: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    requests: fc.constantFrom(0, 150, Number.MAX_SAFE_INTEGER),
  });

  test("never make a figure that is no number", () => {
    fc.assert(
      fc.property(
        fc.array(any, { minLength: 1, maxLength: 4 }),
        fc.array(any, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("error-rate", "hit50", "recovery", "calls-per-request"),
        (before, after, metric) => {
          const found = diagnose(aimed(metric, 0.1, 0.01), [
            ...before.map((each) => trial(null, each)),
            ...after.map((each) => trial(RETRY, each)),
          ]);
          for (const { value, interval, restoredShare } of found.tried)
            for (const number of [value, ...(interval ?? []), restoredShare]) expect(number).not.toBeNaN();
        },
      ),
    );
  });

  test("that no clock shows are held to times there are", () => {
    const absurd = { hit50Ms: -1e308, hit50IntervalMs: [-1e308, 1e308] } as const;
    const found = diagnose(aimed("hit50", 100, 10), [
      trial(null, { hit50Ms: 1e308, hit50IntervalMs: [1e308, null] }),
      trial(RETRY, absurd),
      trial(RETRY, absurd),
    ]);
    expect(found.tried[0]?.value).toBe(0);
    expect(found.tried[0]?.interval?.every(Number.isFinite)).toBe(true);
  });

  test("of more remedies than are ever tried are not all told", () => {
    const many = Array.from({ length: 400 }, (_, place) => trial({ ...RETRY, backoffMs: place } as Remedy));
    expect(diagnose(errorSubject(), [trial(null, FAILING), ...many]).tried.length).toBeLessThanOrEqual(50);
  });
});
