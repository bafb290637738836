import { describe, expect, test } from "vitest";
import { effectiveSuite } from "../../../src/config/effective-suite.ts";
import { parseSuite } from "../../../src/config/suite.ts";
import { weakenings } from "../../../src/core/gate/weakening.ts";
import type { Suite } from "../../../src/core/suite.ts";

const BASE = `version: 1
name: answers
service: { command: node server.js, ready: /healthz, health: /healthz, env: { LLM_URL: "{{llm}}" } }
dependencies: { llm: { stub: openai } }
workload: { requests: requests.jsonl, rate: 30/s }
experiments:
  - { name: limited, faults: [{ kind: http-error, on: llm, status: 429, fraction: 20% }], expect: { errorRate: "<= 2%" } }
  - { name: killed, faults: [{ kind: kill, on: service, restartAfter: 1s }] }
  - { name: edge, frontier: { fault: latency, on: llm, of: delay, from: 0ms, to: 5s }, expect: { errorRate: "<= 2%" } }
gate: { budget: 60s, minEffect: { errorRate: 0.5pt } }
`;

const suiteOf = (text: string): Suite => {
  const parsed = parseSuite(text, { file: "squall.yml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.suite;
};

const side = (text: string, requestIds: readonly string[] = ["a", "b"]) => ({
  suite: suiteOf(text),
  requestSetHash: requestIds.join(),
  requestIds,
});

const edit = (from: string, to: string): string => {
  if (!BASE.includes(from)) throw new Error(`${from} is not in the suite`);
  return BASE.replace(from, to);
};
const titles = (head: string, ids?: readonly string[]): string[] =>
  weakenings(side(BASE), side(head, ids)).map(({ title }) => title);

const EDGE =
  '  - { name: edge, frontier: { fault: latency, on: llm, of: delay, from: 0ms, to: 5s }, expect: { errorRate: "<= 2%" } }\n';
const KILLED = "  - { name: killed, faults: [{ kind: kill, on: service, restartAfter: 1s }] }\n";

describe("what a change loosens of its own gate is a finding", () => {
  test.each([
    ["an experiment removed", edit(KILLED, ""), /experiment killed was removed \(.*kill/i],
    [
      "milder faults",
      edit("fraction: 20%", "fraction: 5%"),
      /experiment limited was changed: .*20 %.*became.*5 %/,
    ],
    [
      "a looser expectation",
      edit('"<= 2%"', '"<= 20%"'),
      /limited: errorRate <= 2 % was loosened to <= 20 %/,
    ],
    [
      "an expectation gone",
      edit(', expect: { errorRate: "<= 2%" }', ""),
      /errorRate <= 2 % is no longer expected/,
    ],
    ["a frontier removed", edit(EDGE, ""), /experiment edge was removed \(llm is 5 s away/],
    [
      "a frontier's range",
      edit("to: 5s", "to: 1s"),
      /frontier edge was changed: up to "llm is 5 s away.*" became up to "llm is 1 s away/,
    ],
    [
      "what a frontier expects",
      edit('to: 5s }, expect: { errorRate: "<= 2%" }', 'to: 5s }, expect: { errorRate: "<= 9%" }'),
      /edge: errorRate <= 2 % was loosened to <= 9 %/,
    ],
    [
      "a smaller loss that counts",
      edit("minEffect: {", "minEffect: { frontier: 50%,"),
      /minEffect\.frontier was loosened from 25 % to 50 %/,
    ],
    [
      "a wider margin",
      edit("errorRate: 0.5pt", "errorRate: 5pt"),
      /minEffect\.errorRate was loosened from 0\.5 points to 5 points/,
    ],
    ["a shorter budget", edit("budget: 60s", "budget: 30s"), /gate\.budget was loosened from 60 s to 30 s/],
    ["less load", edit("rate: 30/s", "rate: 3/s"), /workload\.rate was lowered from 30\/s to 3\/s/],
    ["a path no longer judged", edit(", health: /healthz", ""), /service\.health .* no longer judged/],
    [
      "a choice",
      edit("budget: 60s", "budget: 60s, acceptance: pull-request"),
      /gate\.acceptance was loosened from commit to pull-request/,
    ],
  ])("%s", (_, head, expected) => {
    expect(titles(head)).toEqual([expect.stringMatching(expected)]);
  });

  test("a changed request set, counted", () => {
    expect(titles(BASE, ["b", "c", "d"])).toEqual([
      "The request set was changed: 1 removed, 2 added, 1 kept (3 requests now)",
    ]);
  });

  test.each([
    ["nothing changed", BASE],
    ["stricter", edit('"<= 2%"', '"<= 1%"')],
    ["harder faults", edit("fraction: 20%", "fraction: 40%")],
    ["another command", edit("node server.js", "node other.js")],
    ["an experiment renamed", edit("name: killed", "name: crashed")],
    [
      "an experiment added",
      edit(KILLED, `${KILLED}  - { name: slow, faults: [{ kind: latency, on: llm, delay: 1s }] }\n`),
    ],
  ])("but not: %s", (_, head) => expect(titles(head)).toEqual([]));

  test("it blocks where the base says so, whatever the head says", () => {
    const strict = edit("budget: 60s", "budget: 60s, onWeakened: fail");
    const findings = weakenings(side(strict), side(edit(KILLED, "")));
    expect(findings.map(({ severity }) => severity)).toEqual(["block", "block"]);
  });
});

describe("the suite that is measured", () => {
  const base = suiteOf(BASE);
  const names = (suite: Suite): string[] => suite.experiments.map(({ name }) => name);

  test("is the base's to the hash where the head only loosens", () => {
    const loose = suiteOf(
      edit(KILLED, "").replace('"<= 2%"', '"<= 90%"').replace("errorRate: 0.5pt", "errorRate: 50pt"),
    );
    const effective = effectiveSuite(base, loose);
    expect(names(effective)).toEqual(["limited", "killed"]);
    expect(effective.hash).toBe(base.hash);
    expect(effective.policy).toEqual(base.policy);
    expect(effective.experiments[0]?.expect).toEqual(base.experiments[0]?.expect);
  });

  test("has the head's service, its own experiments after the base's, and its stricter limits", () => {
    const head = suiteOf(
      edit("node server.js", "node other.js")
        .replace(
          "experiments:\n",
          "experiments:\n  - { name: slow, faults: [{ kind: latency, on: llm, delay: 1s }] }\n",
        )
        .replace('"<= 2%"', '"<= 1%"'),
    );
    const effective = effectiveSuite(base, head);
    expect(names(effective)).toEqual(["limited", "killed", "slow"]);
    expect(effective.service).toEqual(head.service);
    expect(effective.experiments[0]?.expect[0]?.limit).toBe(0.01);
    expect(effective.frameHash).toBe(base.frameHash);
    expect(effective.hash).not.toBe(base.hash);
  });

  test("is the head's where there is no base, and itself against itself", () => {
    expect(effectiveSuite(null, base)).toEqual(base);
    expect(effectiveSuite(base, base)).toEqual(base);
  });

  test("searches the base's frontiers along the base's range, by the stricter expectation, then the head's own", () => {
    const own = EDGE.replace("edge", "own").replace("5s", "3s");
    const head = suiteOf(edit(EDGE, `${EDGE.replace("5s", "1s").replace("<= 2%", "<= 1%")}${own}`));
    const { frontiers } = effectiveSuite(base, head);
    expect(frontiers.map(({ name, range }) => [name, range.levels.at(-1)])).toEqual([
      ["edge", 5000],
      ["own", 3000],
    ]);
    expect(frontiers[0]?.expect.map(({ limit }) => limit)).toEqual([0.01]);
    expect(effectiveSuite(base, suiteOf(edit(EDGE, ""))).frontiers).toEqual(base.frontiers);
  });

  test("has a name once, where one side searches what the other fixes", () => {
    const fixed = suiteOf(
      edit(EDGE, "  - { name: edge, faults: [{ kind: latency, on: llm, delay: 1s }] }\n"),
    );
    for (const [one, other] of [
      [base, fixed],
      [fixed, base],
    ] as const) {
      const { experiments, frontiers } = effectiveSuite(one, other);
      const all = [...experiments, ...frontiers].map(({ name }) => name);
      expect(all.filter((name) => name === "edge")).toHaveLength(1);
      expect(frontiers.some(({ name }) => name === "edge")).toBe(one === base);
    }
  });

  test("leaves out what can no longer be struck", () => {
    const head = suiteOf(BASE.replaceAll("llm", "model").replaceAll("LLM_URL", "M"));
    expect(names(effectiveSuite(base, head))).toContain("killed");
    expect(
      effectiveSuite(base, suiteOf(BASE.replace(EDGE, "").replaceAll("llm", "model"))).frontiers,
    ).toEqual([]);
  });
});
