/** `when` and `do` as people write them, and as nobody should. */
import { assert, constantFrom, integer, oneof, property, record, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { readCondition } from "../../../src/config/recovery/condition.ts";
import { readRemedy } from "../../../src/config/recovery/remedy.ts";
import { remedyText } from "../../../src/core/recovery-policy/remedy-text.ts";
import type { Remedy } from "../../../src/core/remedy/remedy.ts";

const condition = (text: unknown) => {
  const reading = readCondition(text);
  if (!reading.ok) throw new Error(JSON.stringify(reading));
  return reading.value;
};

const remedy = (text: unknown) => {
  const reading = readRemedy(text);
  if (!reading.ok) throw new Error(JSON.stringify(reading));
  return reading.value;
};

describe("when", () => {
  test.each([
    [
      "cpu > 90% for 3s",
      { figure: "cpu", comparator: ">", limit: 0.9, forMs: 3000, text: "cpu > 90% for 3s" },
    ],
    ["memory >= 0.8", { figure: "memory", comparator: ">=", limit: 0.8, forMs: 0, text: "memory >= 0.8" }],
    [
      "p95 of llm>2s for 1m",
      {
        figure: "p95",
        of: "llm",
        comparator: ">",
        limit: 2000,
        forMs: 60_000,
        text: "p95 of llm > 2s for 1m",
      },
    ],
    ["inFlight <=40", { figure: "inFlight", comparator: "<=", limit: 40, forMs: 0, text: "inFlight <= 40" }],
    [
      "  errorRate   <  1 %  for 500ms ",
      { figure: "errorRate", comparator: "<", limit: 0.01, forMs: 500, text: "errorRate < 1 % for 500ms" },
    ],
  ])("%s is read whole", (text, expected) => {
    expect(condition(text)).toEqual(expected);
  });

  test.each([
    ["cpus > 90%", { message: '"cpus" is no figure', nearest: "cpu" }],
    ["", { message: "this is empty" }],
    [7, { message: "this must be a text" }],
    ["cpu of > 90%", { message: 'after "of" a dependency\'s name is missing' }],
    ["cpu = 90%", { message: '"=" is no comparator', allowed: ">, >=, <, <=" }],
    ["cpu > ", { message: 'after ">" a value is missing' }],
    ["cpu > 90% for", { message: 'after "for" a duration is missing' }],
    [
      "cpu > 90",
      { message: "the value of cpu: a share lies between 0 and 1 (0% and 100%)", remedy: 'Write "90%".' },
    ],
    ["p95 > 2", { message: "the value of p95: a duration needs a unit", remedy: 'Write "2ms" or "2s".' }],
    ["p95 > 2s for 3", { message: 'the duration after "for": a duration needs a unit' }],
    ["cpu > 90% for 11m", { message: 'the duration after "for" is longer than 10 minutes' }],
    ["x".repeat(201), { message: "this is longer than 200 characters" }],
  ])("%s is refused, with what is wrong", (text, expected) => {
    expect(readCondition(text)).toMatchObject({ ok: false, ...expected });
  });
});

const REMEDIES: readonly (readonly [string, Remedy])[] = [
  ["cpus x2", { kind: "more-cpu", on: "service", times: 2 }],
  ["cpus x1.5 on vector", { kind: "more-cpu", on: "vector", times: 1.5 }],
  ["memory x4", { kind: "more-memory", on: "service", times: 4 }],
  ["replica", { kind: "replica", on: "service" }],
  ["restart", { kind: "restart", on: "service" }],
  ["restart vector", { kind: "restart", on: "vector" }],
  ["retry x1 after 100ms on llm", { kind: "retry", on: "llm", attempts: 1, backoffMs: 100 }],
  ["deadline 300ms on llm", { kind: "deadline", on: "llm", afterMs: 300 }],
  ["hedge after 200ms on llm", { kind: "hedge", on: "llm", afterMs: 200 }],
  ["retry-after <= 200ms on llm", { kind: "retry-after-cap", on: "llm", mostMs: 200 }],
  ["breaker 5 failures 1s on llm", { kind: "circuit-breaker", on: "llm", failures: 5, openMs: 1000 }],
  ["cache 60s on llm", { kind: "cache", on: "llm", forMs: 60_000, entries: 1000 }],
];

describe("do", () => {
  test.each(REMEDIES)("%s", (text, expected) => {
    expect(remedy(text)).toEqual(expected);
    expect(remedyText(expected)).toBe(text);
  });

  test("takes what is written without blanks around a comparator", () => {
    expect(remedy("retry-after<=200ms on llm")).toEqual(remedy("retry-after <= 200ms on llm"));
  });

  test.each([
    ["cpu x2", { message: '"cpu" is no remedy', nearest: "cpus" }],
    ["cpus", { message: "this is not how cpus is written", allowed: "cpus x2" }],
    ["cpus x1", { message: '"x1" is no multiple' }],
    ["cpus 2", { message: '"2" is no multiple' }],
    ["cpus x65", { message: '"x65" is no multiple' }],
    ["cpus xNaN", { message: '"xNaN" is no multiple' }],
    ["retry x0 after 1s on llm", { message: '"x0" is no multiple' }],
    ["retry x1.5 after 1s on llm", { message: '"x1.5" is no multiple' }],
    ["retry x2 after 100 on llm", { message: "the duration: a duration needs a unit" }],
    ["deadline 0ms on llm", { message: "the duration must be 1ms to 1h" }],
    ["deadline 300ms", { message: "this is not how deadline is written" }],
    ["breaker 0 failures 1s on llm", { message: '"0" is no number of failures' }],
    ["replica on llm", { message: "this is not how replica is written" }],
    ["restart vector on llm", { message: "this is not how restart is written" }],
    ["constructor x2", { message: '"constructor" is no remedy' }],
    [null, { message: "this must be a text" }],
  ])("%s is refused, with what is wrong", (text, expected) => {
    expect(readRemedy(text)).toMatchObject({ ok: false, ...expected });
  });

  test("every remedy with whole numbers is read back as it is told", () => {
    const on = constantFrom("llm", "vector-2", "a.b");
    const ms = integer({ min: 1, max: 3_600_000 });
    const any = oneof(
      record({
        kind: constantFrom("more-cpu" as const, "more-memory" as const),
        on,
        times: integer({ min: 2, max: 64 }),
      }),
      record({
        kind: constantFrom("retry" as const),
        on,
        attempts: integer({ min: 1, max: 10 }),
        backoffMs: ms,
      }),
      record({ kind: constantFrom("deadline" as const, "hedge" as const), on, afterMs: ms }),
      record({ kind: constantFrom("retry-after-cap" as const), on, mostMs: ms }),
      record({
        kind: constantFrom("circuit-breaker" as const),
        on,
        failures: integer({ min: 1, max: 1000 }),
        openMs: ms,
      }),
      record({ kind: constantFrom("cache" as const), on, forMs: ms, entries: constantFrom(1000) }),
    );
    assert(
      property(any, (one) => {
        expect(remedy(remedyText(one))).toEqual(one);
      }),
    );
  });
});

const WORDS = constantFrom(
  ..."cpu cpus memory p95 of for > >= < <= = x2 x on llm after retry retry-after breaker failures 5 90% 1s 100ms".split(
    " ",
  ),
);

describe("hostile text", () => {
  test("is read or refused in words, never thrown", () => {
    const texts = oneof(
      string(),
      string({ unit: "binary" }),
      tuple(WORDS, WORDS, WORDS, WORDS, WORDS).map((all) => all.join(" ")),
    );
    assert(
      property(texts, (text) => {
        for (const reading of [readCondition(text), readRemedy(text)]) {
          if (reading.ok) continue;
          expect(reading.message.length).toBeGreaterThan(5);
          expect(reading.message.length).toBeLessThan(400);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("control characters do not reach a message", () => {
    const figure = readCondition("c\u001b[31mpu > 1");
    expect(figure.ok ? "" : figure.message).not.toContain("\u001b");
    for (const verb of ["\u001b[31m", "cpus \u001b[31m", "breaker \u001b[2J failures 1s on llm"]) {
      const reading = readRemedy(verb);
      expect(reading.ok ? "" : reading.message).not.toContain("\u001b");
    }
  });
});
