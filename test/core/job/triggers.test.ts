import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beginsAfterMs } from "../../../src/core/job/begins-after.ts";
import type { JobTrigger } from "../../../src/core/job/trigger.ts";
import {
  canTrigger,
  describeTrigger,
  isAsFrequent,
  strikeCount,
  tellsOfSaves,
} from "../../../src/core/job/triggers.ts";
import type { JobWorkload } from "../../../src/core/job/workload.ts";

const steps = fc.integer({ min: 1, max: 60 });
const trigger: fc.Arbitrary<JobTrigger> = fc.oneof(
  steps.map((step) => ({ type: "step" as const, step })),
  steps.map((each) => ({ type: "every" as const, steps: each })),
  fc.integer({ min: 1, max: 100 }).map((percent) => ({ type: "chance" as const, share: percent / 100 })),
  fc.oneof(steps, fc.constant("each" as const)).map((nth) => ({ type: "save" as const, nth })),
);

/** Steps that it strikes for sure, by its definition; null where they are drawn or come as saves do. */
const struck = (each: JobTrigger, length: number): readonly number[] | null => {
  const all = Array.from({ length }, (_, index) => index + 1);
  if (each.type === "step") return all.filter((step) => step === each.step);
  if (each.type === "every") return all.filter((step) => step % each.steps === 0);
  return null;
};

describe("a trigger", () => {
  test("strikes as often as its steps are", () => {
    fc.assert(
      fc.property(trigger, steps, (each, length) => {
        fc.pre(each.type !== "save");
        const drawn = each.type === "chance" ? Math.round(each.share * length) : null;
        // Nothing would come after the last step.
        const placed = struck(each, length)?.filter((step) => each.type !== "every" || step < length);
        expect(strikeCount(each, length)).toBe(drawn ?? placed?.length);
      }),
    );
    expect(strikeCount({ type: "chance", share: 0.1 }, 100)).toBe(10);
    expect(strikeCount({ type: "save", nth: 3 }, 100)).toBe(1);
    expect(strikeCount({ type: "save", nth: "each" }, 100)).toBeNull();
    expect(strikeCount({ type: "step", step: 0 }, 5)).toBe(1);
  });

  test("asks as much as another exactly where it strikes wherever that one does", () => {
    fc.assert(
      fc.property(trigger, trigger, (base, head) => {
        const [there, here] = [struck(base, 120), struck(head, 120)];
        fc.pre(there !== null && here !== null);
        expect(isAsFrequent(base, head)).toBe(there?.every((step) => here?.includes(step)));
      }),
      { numRuns: 500 },
    );
  });

  test("asks as much with a higher chance, or of each save, and not the other way round", () => {
    const chance = (share: number): JobTrigger => ({ type: "chance", share });
    expect(isAsFrequent(chance(0.1), chance(0.2))).toBe(true);
    expect(isAsFrequent(chance(0.2), chance(0.1))).toBe(false);
    expect(isAsFrequent({ type: "save", nth: 2 }, { type: "save", nth: "each" })).toBe(true);
    expect(isAsFrequent({ type: "save", nth: "each" }, { type: "save", nth: 2 })).toBe(false);
    expect(isAsFrequent({ type: "save", nth: 1 }, { type: "every", steps: 1 })).toBe(false);
    expect(isAsFrequent(chance(0.1), { type: "every", steps: 1 })).toBe(false);
  });

  test("is as frequent as itself, and has words of its own", () => {
    fc.assert(
      fc.property(trigger, trigger, (one, other) => {
        expect(isAsFrequent(one, one)).toBe(true);
        expect(describeTrigger(one) === describeTrigger(other)).toBe(
          JSON.stringify(one) === JSON.stringify(other),
        );
      }),
    );
    expect(describeTrigger({ type: "chance", share: 0.07 })).toBe("at 7 % of the steps");
    expect(describeTrigger({ type: "every", steps: 1 })).toBe("at every step");
  });
});

describe("a job", () => {
  const job = (progress: JobWorkload["progress"]): JobWorkload => ({
    steps: 10,
    workers: 1,
    timeoutMs: 1,
    repeats: 3,
    progress,
    restart: { limit: 1, backoffMs: 1, maxBackoffMs: 1, scope: "job" },
  });
  const output = (format: "auto" | "jsonl" | "megatron", patterns = {}) =>
    ({ type: "output", format, patterns }) as const;

  test.each([
    [output("auto"), true],
    [output("megatron", { step: "x" }), true],
    [output("auto", { step: "x" }), false],
    [output("auto", { step: "x", saving: "y" }), true],
    [output("jsonl"), false],
    [{ type: "file", directory: "disk", path: "a" } as const, false],
    [{ type: "metrics", path: "/", step: "a" } as const, false],
  ])("watched by %j tells of saves: %s", (progress, tells) => {
    expect(tellsOfSaves(progress)).toBe(tells);
    expect(canTrigger({ type: "save", nth: "each" }, job(progress))).toBe(tells);
    expect(canTrigger({ type: "step", step: 10 }, job(progress))).toBe(true);
    expect(canTrigger({ type: "step", step: 11 }, job(progress))).toBe(false);
  });

  test("has faults that begin later, but for those that cut a connection later", () => {
    const whole = { on: "data", fraction: 1, attempts: "all" } as const;
    expect(beginsAfterMs({ kind: "pause", ...whole, afterMs: 5 })).toBe(5);
    expect(beginsAfterMs({ kind: "pause", ...whole })).toBe(0);
    expect(beginsAfterMs({ kind: "reset", ...whole, afterMs: 5 })).toBe(0);
    expect(beginsAfterMs({ kind: "close", ...whole, afterMs: 5 })).toBe(0);
  });
});
