import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effectiveSuite } from "../../../src/config/effective-suite.ts";
import { parseSuite } from "../../../src/config/suite.ts";
import { canBeTried } from "../../../src/core/gate/experiment-pairs.ts";
import { weakenings } from "../../../src/core/gate/weakening.ts";
import { metricFits } from "../../../src/core/job/expectations.ts";
import { sameValue } from "../../../src/core/same-value.ts";
import type { Suite } from "../../../src/core/suite.ts";
import { jobSuite } from "../../config/job/jobs.ts";

const BASE = `version: 1
name: train
service: { command: node train.ts }
dependencies: { data: { command: node shards.ts } }
workload:
  job: { steps: 100, workers: 2, timeout: 60s, repeats: 3, log: nanogpt, patterns: { saved: whole }, restart: { limit: 5, stall: 20s } }
experiments:
  - { name: slow, at: { chance: 10% }, duration: 20s, faults: [{ kind: latency, on: data, delay: 1s, strikes: 50% }] }
  - { name: killed, at: { every: 30 }, faults: [{ kind: kill }], expect: { lostSteps: "<= 10" } }
  - { name: late, at: { step: 90 }, faults: [{ kind: node-replace, replica: 1 }] }
  - { name: saving, at: { save: each }, faults: [{ kind: kill, after: 200ms }] }
`;

const suiteOf = (text: string): Suite => {
  const parsed = parseSuite(text, { file: "squall.yml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.suite;
};
const side = (suite: Suite) =>
  suite.job === undefined
    ? { suite, requestSetHash: "r", requestIds: ["q"] }
    : { suite, requestSetHash: "", requestIds: [] };
const found = (base: Suite, head: Suite) => weakenings(side(base), side(head));
const edit = (...edits: readonly (readonly [string, string])[]): string =>
  edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${from} is not in the suite`);
    return text.replace(from, to);
  }, BASE);
const titles = (head: string): string[] => found(suiteOf(BASE), suiteOf(head)).map(({ title }) => title);

describe("what a change makes easier for a training job is a finding", () => {
  test.each([
    [
      "a rarer strike",
      edit(["chance: 10%", "chance: 5%"]),
      /slow was changed: .*at 10 % of the steps.* became .*at 5 %/,
    ],
    [
      "another rhythm",
      edit(["every: 30", "every: 45"]),
      /killed was changed: .*every 30 steps became .*every 45 steps/,
    ],
    ["another step", edit(["step: 90", "step: 10"]), /late was changed: .*at step 90 became .*at step 10/],
    [
      "fewer saves",
      edit(["save: each", "save: 1"]),
      /saving was changed: .*during each save became .*during save 1/,
    ],
    ["another kind of trigger", edit(["every: 30", "chance: 50%"]), /killed was changed/],
    [
      "a shorter strike",
      edit(["duration: 20s", "duration: 2s"]),
      /slow was changed: .*for 20 s became .*for 2 s/,
    ],
    ["a strike without an end", edit([" duration: 20s,", ""]), /slow was changed/],
    [
      "a fault of fewer strikes",
      edit(["strikes: 50%", "strikes: 20%"]),
      /slow was changed: .* became the same with other details/,
    ],
    ["a fault that begins later", edit(["after: 200ms", "after: 9s"]), /saving was changed: .*other details/],
    [
      "an experiment removed",
      edit(["  - { name: late, at: { step: 90 }, faults: [{ kind: node-replace, replica: 1 }] }\n", ""]),
      /late was removed \(.*another machine, at step 90\)/,
    ],
    ["a looser expectation", edit(['"<= 10"', '"<= 90"']), /killed: lostSteps <= 10 was loosened to <= 90/],
    ["a longer timeout", edit(["timeout: 60s", "timeout: 2m"]), /job\.timeout was raised from 60 s to 120 s/],
    ["fewer repeats", edit(["repeats: 3", "repeats: 2"]), /job\.repeats was lowered from 3 to 2/],
    ["fewer steps", edit(["steps: 100", "steps: 95"]), /job\.steps was lowered from 100 to 95/],
    ["other workers", edit(["workers: 2", "workers: 3"]), /job\.workers was raised from 2 to 3/],
    ["more restarts", edit(["limit: 5", "limit: 50"]), /restart\.limit was raised from 5 to 50/],
    [
      "a sooner restart",
      edit(["limit: 5,", "limit: 5, backoff: 10ms,"]),
      /restart\.backoff was lowered from 500 ms to 10 ms/,
    ],
    [
      "a shorter longest wait",
      edit(["limit: 5,", "limit: 5, maxBackoff: 1s,"]),
      /restart\.maxBackoff was lowered from 10 s to 1 s/,
    ],
    [
      "a restart of the one worker",
      edit(["limit: 5,", "limit: 5, scope: worker,"]),
      /restart\.scope was changed from job to worker/,
    ],
    [
      "a hang seen sooner",
      edit(["stall: 20s", "stall: 2s"]),
      /restart\.stall was shortened from 20 s to 2 s/,
    ],
    [
      "another log",
      edit(["log: nanogpt", "log: megatron"]),
      /progress was changed: output, log nanogpt became output, log megatron/,
    ],
    [
      "other patterns",
      edit(["saved: whole", "saved: other, loaded: back"]),
      /job\.patterns was changed: saved, loaded/,
    ],
    [
      "a file instead",
      edit(["log: nanogpt, patterns: { saved: whole }", 'file: "{{disk}}/a"'], ["save: each", "every: 1"]),
      /progress was changed: output, log nanogpt became file \{\{disk\}\}\/a/,
    ],
  ])("%s", (_, head, title) => {
    expect(titles(head).join("\n")).toMatch(title);
  });

  test.each([
    [
      "more strikes",
      edit(["chance: 10%", "chance: 20%"], ["every: 30", "every: 10"], ["strikes: 50%", "strikes: 90%"]),
    ],
    [
      "a harder job",
      edit(["steps: 100", "steps: 200"], ["repeats: 3", "repeats: 5"], ["timeout: 60s", "timeout: 30s"]),
    ],
    ["fewer restarts, later", edit(["limit: 5, stall: 20s", "limit: 2, backoff: 2s, maxBackoff: 30s"])],
    ["another name", edit(["name: killed", "name: murdered"])],
  ])("%s is none", (_, head) => {
    expect(titles(head)).toEqual([]);
  });

  test("more workers are told as workers alone", () => {
    expect(titles(edit(["workers: 2", "workers: 3"]))).toEqual([
      "workload.job.workers was raised from 2 to 3",
    ]);
  });

  test("a shorter job that no longer comes to a strike says that it was not measured", () => {
    const head = suiteOf(edit(["steps: 100", "steps: 80"], ["step: 90", "step: 70"]));
    const late = found(suiteOf(BASE), head).find(({ scenario }) => scenario === "late");
    expect(late?.detail[0]).toMatch(/could not be measured any more/);
    expect(
      effectiveSuite(suiteOf(BASE), head).experiments.find(({ name }) => name === "late")?.trigger,
    ).toEqual({
      type: "step",
      step: 70,
    });
  });
});

describe("a change from a service to a job, or back", () => {
  const service = suiteOf(`version: 1
name: train
service: { command: node train.ts, ready: /ready, replicas: 2 }
dependencies: { data: { command: node shards.ts } }
workload: { requests: requests.jsonl }
reference: { checkout: base }
experiments:
  - { name: killed, faults: [{ kind: kill }], expect: { errorRate: "<= 5%", goodput: ">= 90%" } }
  - { name: slow, frontier: { fault: latency, on: data, of: delay, from: 0ms, to: 5s }, expect: { errorRate: "<= 5%" } }
`);
  const job = suiteOf(BASE);

  test.each([
    [service, job, "a service became a training job"],
    [job, service, "a training job became a service"],
  ])("is told as one, with the experiments that could not be measured", (base, head, title) => {
    const findings = found(base, head);
    expect(findings.filter((finding) => finding.title.startsWith("The workload was changed"))).toHaveLength(
      1,
    );
    expect(findings.map((finding) => finding.title).join("\n")).toContain(title);
    expect(findings.map((finding) => finding.title).join("\n")).not.toMatch(/request set|replicas/);
    expect(findings.find(({ scenario }) => scenario === "killed")?.detail[0]).toMatch(
      /could not be measured/,
    );
  });

  test("leaves the head's own experiments, with nothing that its kind cannot be held to", () => {
    for (const [base, head, kind] of [
      [service, job, "job"],
      [job, service, "service"],
    ] as const) {
      const effective = effectiveSuite(base, head);
      expect(effective.experiments.every((each) => canBeTried(each, head))).toBe(true);
      expect(effective.experiments.map(({ name }) => name).sort()).toEqual(
        head.experiments.map(({ name }) => name).sort(),
      );
      for (const { metric } of effective.experiments.flatMap((each) => each.expect))
        expect([metric, metricFits(metric, kind)]).toEqual([metric, true]);
    }
  });
});

test("a job is given no frontier and no reference that its base had as a service", () => {
  const service = suiteOf(`version: 1
service: { command: node train.ts }
dependencies: { data: { command: node shards.ts } }
workload: { requests: requests.jsonl }
reference: { checkout: base }
experiments:
  - { name: killed, frontier: { fault: latency, on: data, of: delay, from: 0ms, to: 5s }, expect: { errorRate: "<= 5%" } }
`);
  const { frontiers, reference, experiments } = effectiveSuite(service, suiteOf(BASE));
  expect([frontiers, reference]).toEqual([[], undefined]);
  expect(experiments.map(({ name }) => name)).toContain("killed");
});

describe("the effective suite of a job", () => {
  const trigger = fc.constantFrom(
    { step: 5 },
    { step: 95 },
    { every: 30 },
    { every: 7 },
    { chance: "10%" },
    { save: 1 },
    { save: "each" },
  );
  const fault = fc.constantFrom(
    { kind: "kill" },
    { kind: "kill", after: "1s" },
    { kind: "latency", on: "data", delay: "1s", forSteps: 3 },
    { kind: "latency", on: "data", delay: "1s", strikes: "80%" },
  );
  const expected = fc.constantFrom({}, { lostSteps: "<= 5" }, { lostSteps: "<= 9", completed: ">= 90%" });
  const experiments = fc.uniqueArray(
    fc
      .record({
        name: fc.constantFrom("a", "b", "c"),
        at: trigger,
        fault,
        expect: expected,
        long: fc.boolean(),
      })
      .map(({ fault: one, long, at, ...rest }) => {
        // A share of the strikes is none of a single one.
        const share = "strikes" in one && !("every" in at || "chance" in at);
        return { ...rest, at, faults: [share ? { kind: "kill" } : one], ...(long ? { duration: "9s" } : {}) };
      }),
    { selector: ({ name }) => name, minLength: 1 },
  );
  const suite = experiments.map((each) => jobSuite({}, { experiments: each }));

  test("is never weaker than the base, keeps its triggers, and is settled at once", () => {
    fc.assert(
      fc.property(suite, suite, (base, head) => {
        const effective = effectiveSuite(base, head);
        expect(found(base, effective)).toEqual([]);
        for (const { name, trigger: at, strikeMs, faults } of base.experiments)
          expect(
            effective.experiments.some(
              (each) =>
                each.name === name &&
                sameValue(each.trigger, at) &&
                each.strikeMs === strikeMs &&
                sameValue(each.faults, faults),
            ),
          ).toBe(true);
        expect(effectiveSuite(base, effective)).toEqual(effective);
        expect(effectiveSuite(head, head)).toEqual(head);
      }),
      { numRuns: 60 },
    );
  });

  test("has the base's hash where only expectations and the order differ, so that runs strike the same steps", () => {
    fc.assert(
      fc.property(suite, (base) => {
        const head = {
          ...base,
          experiments: base.experiments.map((each) => ({ ...each, expect: [] })).toReversed(),
        };
        const effective = effectiveSuite(base, head);
        expect([effective.hash, effective.frameHash]).toEqual([base.hash, base.frameHash]);
      }),
      { numRuns: 30 },
    );
  });
});
