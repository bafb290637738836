/** `recovery:` in a suite file. */
import { describe, expect, test } from "vitest";
import { effectiveSuite } from "../../../src/config/effective-suite.ts";
import { parseSuite } from "../../../src/config/suite.ts";

const text = (recovery: string): string => `version: 1
service: { command: node server.ts, env: { LLM_URL: "{{llm}}" } }
dependencies:
  llm: { stub: openai }
  vector: { command: node vector.ts }
  queue: { url: "tcp://127.0.0.1:5672", protocol: tcp }
workload: { requests: requests.jsonl }
experiments:
  - { name: starved, faults: [{ kind: cpu-limit, cpus: 0.2 }] }
  - { name: edge, frontier: { fault: latency, on: llm, of: delay, from: 0ms, to: 5s }, expect: { errorRate: "<= 5%" } }
${recovery}
`;

const parse = (recovery: string) => parseSuite(text(recovery), { file: "squall.yml" });

const suite = (recovery: string) => {
  const result = parse(recovery);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.suite;
};

const problems = (recovery: string) => {
  const result = parse(recovery);
  return result.ok ? [] : result.problems;
};

const RECOVERY = `recovery:
  rules:
    - { when: "cpu > 90% for 3s", do: cpus x2, times: 2, coolDown: 10s, undoAfter: 10s }
    - { when: "errorRate > 10% for 2s", do: "retry x1 after 100ms on llm" }
  learn: true
  experiments: [starved]
  budget: 90s`;

describe("a recovery policy", () => {
  test("is read with its defaults", () => {
    expect(suite(RECOVERY).recovery).toEqual({
      rules: [
        {
          when: { figure: "cpu", comparator: ">", limit: 0.9, forMs: 3000, text: "cpu > 90% for 3s" },
          do: { kind: "more-cpu", on: "service", times: 2 },
          times: 2,
          coolDownMs: 10_000,
          undoAfterMs: 10_000,
        },
        {
          when: {
            figure: "errorRate",
            comparator: ">",
            limit: 0.1,
            forMs: 2000,
            text: "errorRate > 10% for 2s",
          },
          do: { kind: "retry", on: "llm", attempts: 1, backoffMs: 100 },
          times: 1,
          coolDownMs: 5000,
        },
      ],
      learn: true,
      experiments: ["starved"],
      budgetMs: 90_000,
    });
    expect(suite("").recovery).toBeUndefined();
  });

  test("is no part of what is measured", () => {
    const [without, with_] = [suite(""), suite(RECOVERY)];
    expect(with_.hash).toBe(without.hash);
    expect(with_.frameHash).toBe(without.frameHash);
  });

  test("of the head holds in a gate: it explains, and decides nothing", () => {
    const [base, head] = [suite("recovery: { learn: true }"), suite(RECOVERY)];
    expect(effectiveSuite(base, head).recovery).toEqual(head.recovery);
    expect(effectiveSuite(head, suite("")).recovery).toBeUndefined();
    expect(effectiveSuite(null, head).recovery).toEqual(head.recovery);
  });
});

const rule = (when: string, remedy: string): string =>
  `recovery: { rules: [{ when: "${when}", do: "${remedy}" }] }`;

describe("problems of a recovery policy", () => {
  test.each([
    [rule("cpu > 90%", "cpus x2 on lmm"), "recovery.rules[0].do", "unknown-name", "This names no process"],
    [rule("cpu > 90%", "cpus x2 on llm"), "recovery.rules[0].do", "conflict", "llm has no process of ours"],
    [
      rule("cpu > 90%", "cache 1s on service"),
      "recovery.rules[0].do",
      "unknown-name",
      "This names no dependency, and this remedy stands on an edge",
    ],
    [rule("cpu > 90%", "deadline 1s on queue"), "recovery.rules[0].do", "conflict", "queue speaks tcp"],
    [
      rule("p95 of lmm > 2s", "replica"),
      "recovery.rules[0].when",
      "unknown-name",
      "This names no dependency",
    ],
    [rule("cpu of llm > 90%", "replica"), "recovery.rules[0].when", "conflict", "llm has no process of ours"],
    [rule("errorRate of queue > 9%", "replica"), "recovery.rules[0].when", "conflict", "queue speaks tcp"],
    [rule("cpu >> 90%", "replica"), "recovery.rules[0].when", "wrong-value", "The value of cpu: not a share"],
    [rule("cpu > 90%", "cores x2"), "recovery.rules[0].do", "wrong-value", '"cores" is no remedy'],
    ["recovery: {}", "recovery", "missing-key", "A recovery policy needs rules, or learn: true"],
    ["recovery: { learn: true, rule: [] }", "recovery.rule", "unknown-key", "This key is not known"],
    [
      "recovery: { learn: true, experiments: [starvd] }",
      "recovery.experiments[0]",
      "unknown-name",
      "This names no experiment",
    ],
    [
      "recovery: { learn: true, experiments: [edge] }",
      "recovery.experiments[0]",
      "conflict",
      "A frontier has no fixed strength to recover from",
    ],
    [
      'recovery: { rules: [{ when: "cpu > 9%", do: replica, times: 0 }] }',
      "recovery.rules[0].times",
      "wrong-value",
      "Must be a whole number between 1 and 100",
    ],
  ])("%s", (recovery, path, code, message) => {
    const found = problems(recovery);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ path, code, line: 11 });
    expect(found[0]?.message).toContain(message);
  });

  test("name what was probably meant", () => {
    expect(problems(rule("cpu > 90%", "cpus x2 on vectr"))[0]).toMatchObject({ nearest: "vector" });
    expect(problems(rule("p95 of lmm > 2s", "replica"))[0]).toMatchObject({ nearest: "llm" });
    expect(problems("recovery: { learn: true, experiments: [starvd] }")[0]).toMatchObject({
      nearest: "starved",
    });
    expect(problems(rule("errorrate > 1%", "replica"))[0]).toMatchObject({ nearest: "errorRate" });
  });

  test("do not hide what is wrong elsewhere", () => {
    const found = problems(`${rule("cpu > 90%", "cpus")}\ngate: { budgt: 1s }`);
    expect(found.map(({ path }) => path)).toEqual(["recovery.rules[0].do", "gate.budgt"]);
  });
});
