/** When a rule acts, when it acts again, and when it takes back what it did. */
import { describe, expect, test } from "vitest";
import { evaluate, freshRule } from "../../../src/core/recovery-policy/evaluate.ts";
import type { RecoveryRule, Symptoms } from "../../../src/core/recovery-policy/rule.ts";
import { CACHE, CALM, MEMORY, rule, STARVED } from "./support.ts";

/** "h" holds, "." does not, "?" is not known: one second each. @returns "second:+" of actions and "second:-" of undos */
const timeline = (rules: readonly RecoveryRule[], seconds: string): string => {
  let states = rules.map(() => freshRule);
  const told: string[] = [];
  seconds.split("").forEach((second, place) => {
    const symptoms: Symptoms = second === "h" ? STARVED : second === "?" ? { ...CALM, cpu: null } : CALM;
    const { states: next, decision } = evaluate(rules, states, (place + 1) * 1000, symptoms);
    states = [...next];
    for (const { key } of decision.act) told.push(`${place + 1}:+${key}`);
    for (const key of decision.undo) told.push(`${place + 1}:-${key}`);
  });
  return told.join(" ");
};

describe("a rule", () => {
  test.each([
    ["acts when its condition held for so long", "hhh", "3:+rule 0 #0"],
    ["does not act a second sooner", "hh", ""],
    ["starts anew when the condition was gone for a second", "hh.hh", ""],
    ["and acts then after the whole time", "hh.hhh", "6:+rule 0 #0"],
    ["passes over seconds of which the figure is not known", "hh?h", "4:+rule 0 #0"],
    ["acts no more often than it may", "hhhhhhhhhhhhhhhh", "3:+rule 0 #0"],
  ])("%s", (_, seconds, expected) => {
    expect(timeline([rule()], seconds)).toBe(expected);
  });

  test("acts again when its condition held anew and the cool down is over", () => {
    const twice = rule({ times: 3, coolDownMs: 5000 });
    expect(timeline([twice], "hhhhhhhhhhhhhhhhh")).toBe("3:+rule 0 #0 8:+rule 0 #1 13:+rule 0 #2");
    expect(timeline([{ ...twice, coolDownMs: 0 }], "hhhhhhhhh")).toBe(
      "3:+rule 0 #0 6:+rule 0 #1 9:+rule 0 #2",
    );
  });

  test("without a time acts in the first second in which its condition holds", () => {
    expect(timeline([rule({ when: { ...rule().when, forMs: 0 } })], ".h")).toBe("2:+rule 0 #0");
  });

  test("takes back all that it did, last first, when the condition was gone for so long", () => {
    const undoing = rule({ times: 2, coolDownMs: 0, undoAfterMs: 2000 });
    expect(timeline([undoing], "hhhhhh.h..")).toBe("3:+rule 0 #0 6:+rule 0 #1 10:-rule 0 #1 10:-rule 0 #0");
    expect(timeline([undoing], "hhh.?.")).toBe("3:+rule 0 #0 6:-rule 0 #0");
    expect(timeline([rule({ times: 2 })], "hhh......")).toBe("3:+rule 0 #0");
  });

  test("that took back acts again, within its limit", () => {
    const undoing = rule({ times: 2, coolDownMs: 0, undoAfterMs: 1000 });
    expect(timeline([undoing], "hhh.hhh.hhh")).toBe("3:+rule 0 #0 4:-rule 0 #0 7:+rule 0 #1 8:-rule 0 #1");
  });

  test("acts for itself, whatever others do", () => {
    const other = rule({ do: MEMORY, when: { ...rule().when, forMs: 1000 } });
    expect(timeline([rule(), other], "hhh")).toBe("1:+rule 1 #0 3:+rule 0 #0");
  });

  test("says what it saw", () => {
    const first = rule({ when: { ...rule().when, forMs: 0 } });
    const { decision } = evaluate([first], [freshRule], 1000, STARVED);
    expect(decision.act).toEqual([
      { key: "rule 0 #0", remedy: first.do, because: "cpu > 90% for 3s (98 %)" },
    ]);
  });

  test.each([
    [">", 0.98, false],
    [">=", 0.98, true],
    ["<", 0.98, false],
    ["<=", 0.98, true],
    ["<", 0.99, true],
    [">", 0.97, true],
  ] as const)("cpu 98 %% %s %d: %s", (comparator, limit, acts) => {
    const one = rule({ when: { ...rule().when, comparator, limit, forMs: 0 } });
    expect(evaluate([one], [freshRule], 1000, STARVED).decision.act).toHaveLength(acts ? 1 : 0);
  });

  test("of a dependency looks at that dependency", () => {
    const one = rule({
      do: CACHE,
      when: { figure: "p95", of: "llm", comparator: ">", limit: 2000, forMs: 0, text: "p95 of llm > 2s" },
    });
    const seen = (p95Ms: number): Symptoms => ({ ...STARVED, of: { llm: { ...CALM, p95Ms } } });
    expect(evaluate([one], [freshRule], 1000, seen(2500)).decision.act[0]?.because).toBe(
      "p95 of llm > 2s (2.5 s)",
    );
    expect(evaluate([one], [freshRule], 1000, seen(100)).decision.act).toEqual([]);
    expect(evaluate([one], [freshRule], 1000, STARVED).decision.act).toEqual([]);
  });
});
