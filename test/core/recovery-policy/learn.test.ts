/** The learned policy: what it suggests, how sure it is, and when it keeps still. */
import { describe, expect, test } from "vitest";
import { symptomDistance } from "../../../src/core/recovery-policy/distance.ts";
import { suggest } from "../../../src/core/recovery-policy/learn.ts";
import { freshLearned, learnedSecond } from "../../../src/core/recovery-policy/learned.ts";
import type { Symptoms } from "../../../src/core/recovery-policy/rule.ts";
import { CACHE, CALM, CPUS, caseOf, MEMORY, STARVED, times } from "./support.ts";

const always = () => true;
const FAILED = { recovered: false };

describe("the distance of symptoms", () => {
  test("is the root mean square of steps: a fifth of a share, a doubling of a time", () => {
    const shares = { cpu: 0.4, memory: 0.3, errorRate: null, p95Ms: null, inFlight: null };
    expect(symptomDistance(shares, { ...shares, cpu: 0.8 })).toBeCloseTo(Math.sqrt(4 / 2), 12);
    const slow = { ...shares, memory: null, p95Ms: 350 };
    // In units of 50 ms: log2(1 + 15) - log2(1 + 7).
    expect(symptomDistance(slow, { ...slow, p95Ms: 750 })).toBeCloseTo(Math.sqrt(1 / 2), 12);
  });

  test("takes a dependency's few milliseconds for alike, though one is three doublings of the other", () => {
    const at = (vectorMs: number, serviceMs: number): Symptoms => ({
      ...STARVED,
      p95Ms: serviceMs,
      of: { vector: { ...CALM, p95Ms: vectorMs } },
    });
    const quiet = symptomDistance(at(4, 1000), at(32, 1000));
    expect(quiet).toBeGreaterThan(0);
    expect(quiet).toBeLessThan(symptomDistance(at(4, 1000), at(4, 2000)));
  });

  test("tells one dependency's trouble from another's", () => {
    const at = (llm: Symptoms, vector: Symptoms): Symptoms => ({ ...STARVED, of: { llm, vector } });
    expect(symptomDistance(at(STARVED, CALM), at(CALM, STARVED))).toBeGreaterThan(2);
    expect(symptomDistance(at(STARVED, CALM), at(STARVED, CALM))).toBe(0);
  });

  test("of too little in common is endless", () => {
    const nothing = { cpu: null, memory: null, errorRate: null, p95Ms: null, inFlight: null };
    expect(symptomDistance({ ...nothing, cpu: 1 }, STARVED)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a suggestion", () => {
  test("is the remedy of the alike cases, with its uncertainty and its nearest cases", () => {
    const found = suggest(times(5, caseOf()), STARVED, always);
    expect(found?.remedies).toEqual([CPUS]);
    // SciPy: beta(6, 1): mean 0.857, 95 % 0.541 .. 0.996.
    expect(found?.chance.mean).toBeCloseTo(0.857_142_857, 8);
    expect(found?.chance.interval[0]).toBeCloseTo(0.540_741_873, 8);
    expect(found?.because).toBe(
      "5 of 5 alike cases (cpu 98 %, errors 12 %, p95 3 s) recovered with cpus x2; chance 86 %, 95 % interval 54..100 %; nearest: starved of 3f2a1b9, starved of 3f2a1b9, starved of 3f2a1b9",
    );
  });

  test("is none where it is not known to help at least every second time", () => {
    expect(suggest(times(4, caseOf()), STARVED, always)).toBeNull();
    expect(suggest([...times(8, caseOf()), ...times(2, caseOf(FAILED))], STARVED, always)).toBeNull();
    expect(suggest([...times(9, caseOf()), caseOf(FAILED)], STARVED, always)).not.toBeNull();
  });

  test("is none where no case is near", () => {
    expect(suggest(times(9, caseOf()), CALM, always)).toBeNull();
    expect(suggest([], STARVED, always)).toBeNull();
  });

  test("is the one with the best lower bound, not the best share", () => {
    const cases = [...times(5, caseOf({ remedies: [CACHE] })), ...times(10, caseOf())];
    expect(suggest(cases, STARVED, always)?.remedies).toEqual([CPUS]);
  });

  test("may be of several remedies done together", () => {
    const cases = [...times(6, caseOf({ remedies: [CPUS, MEMORY] })), ...times(6, caseOf(FAILED))];
    const found = suggest(cases, STARVED, always);
    expect(found?.remedies).toEqual([CPUS, MEMORY]);
    expect(found?.because).toContain("recovered with cpus x2 and memory x2");
  });

  test("asks the nearest ten of a remedy, and no farther ones", () => {
    const far = { ...STARVED, cpu: 0.8 };
    const cases = [...times(10, caseOf()), ...times(10, caseOf({ symptoms: far, recovered: false }))];
    expect(suggest(cases, STARVED, always)?.because).toContain("10 of 10 alike cases");
  });

  test("is none where doing nothing does as well", () => {
    const idle = caseOf({ remedies: [] });
    expect(suggest([...times(5, caseOf()), ...times(9, idle)], STARVED, always)).toBeNull();
    const found = suggest(
      [...times(5, caseOf()), ...times(3, { ...idle, recovered: false })],
      STARVED,
      always,
    );
    expect(found?.because).toContain("doing nothing: 0 of 3");
  });

  test("is of what can be done here", () => {
    const cases = [...times(9, caseOf()), ...times(5, caseOf({ remedies: [CACHE] }))];
    const found = suggest(cases, STARVED, (remedies) => remedies.every(({ kind }) => kind === "cache"));
    expect(found?.remedies).toEqual([CACHE]);
  });
});

describe("the learned policy live", () => {
  const input = {
    cases: [...times(6, caseOf()), ...times(5, caseOf({ remedies: [CACHE] }))],
    band: { errorRate: 0.05, p95Ms: 150 },
    possible: always,
  };

  const play = (seconds: readonly Symptoms[]): string => {
    let state = freshLearned;
    return seconds
      .flatMap((symptoms, place) => {
        const next = learnedSecond(input, state, (place + 1) * 1000, symptoms);
        state = next.state;
        return next.decision.act.map(({ remedy }) => `${place + 1}:${remedy.kind}`);
      })
      .join(" ");
  };

  test("acts after three unwell seconds, then tries the next best, then nothing more", () => {
    expect(play(times(30, STARVED))).toBe("3:more-cpu 9:cache");
  });

  test("keeps still while all is well, and counts anew after a good second", () => {
    expect(play(times(20, CALM))).toBe("");
    expect(play([STARVED, STARVED, CALM, STARVED, STARVED])).toBe("");
  });

  test("takes a service that answers nothing for unwell, and one that is asked nothing for neither", () => {
    const silent = { ...STARVED, errorRate: null, p95Ms: null };
    expect(play([STARVED, silent, STARVED])).toBe("3:more-cpu");
    expect(play([STARVED, { ...silent, inFlight: 0 }, STARVED])).toBe("");
  });
});
