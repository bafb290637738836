/** `frontier:` as people write it, to the grid that is searched. */
import { assert, constant, constantFrom, double, object, oneof, property, record, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { readFrontier } from "../../src/config/frontier/read.ts";
import { parseSuite } from "../../src/config/suite.ts";

const read = (frontier: object) => {
  const reading = readFrontier(frontier);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.frontier;
};

const suite = (experiments: string): string => `version: 1
service: { command: node server.ts, env: { LLM_URL: "{{llm}}" } }
dependencies: { llm: { stub: openai } }
workload: { requests: requests.jsonl }
experiments:
${experiments}
`;

describe("the range of a frontier", () => {
  test("is a grid of 32 from the harmless end to the hard one, with the fault at each", () => {
    const { range, faults } = read({ fault: "latency", on: "llm", of: "delay", from: "0ms", to: "5s" });
    expect(range).toMatchObject({ parameter: "delay", unit: "ms", from: 0 });
    expect(range.levels).toHaveLength(32);
    expect([range.levels[0], range.levels[15], range.levels[31]]).toEqual([156, 2500, 5000]);
    expect(faults.map((fault) => (fault as { readonly delay?: number }).delay)).toEqual(range.levels);
  });

  test.each([
    [
      "a share",
      { fault: "http-error", status: 503, on: "llm", of: "fraction", from: "0%", to: "100%" },
      "share",
      32,
    ],
    ["cpus, downwards", { fault: "cpu-limit", of: "cpus", from: 2, to: 0.25 }, "ratio", 32],
    ["memory, downwards", { fault: "memory-limit", of: "bytes", from: "1GiB", to: "64MiB" }, "bytes", 32],
    [
      "a rate of bytes, downwards",
      { fault: "bandwidth", on: "llm", of: "rate", from: "1MB/s", to: "1KB/s" },
      "bytes/s",
      32,
    ],
    ["the load", { fault: "overload", of: "times", from: 1, to: 8 }, "ratio", 32],
    ["a count", { fault: "connection-limit", on: "llm", of: "max", from: 10, to: 1 }, "ratio", 9],
  ])("of %s is in its own unit, every level a fault of its own", (_, frontier, unit, count) => {
    const { range, faults } = read(frontier);
    expect(range.unit).toBe(unit);
    expect(range.levels).toHaveLength(count);
    expect(new Set(faults.map((fault) => JSON.stringify(fault))).size).toBe(count);
    const ascending = (range.levels[0] ?? 0) > range.from;
    expect(range.levels).toEqual(range.levels.toSorted((a, b) => (ascending ? a - b : b - a)));
  });

  test("that spans decades is divided by ratio", () => {
    const { range } = read({ fault: "bandwidth", on: "llm", of: "rate", from: "1MB/s", to: "1KB/s" });
    expect(range.levels[15]).toBeCloseTo(31_600, -2);
  });

  test("of anything at all never throws", () => {
    const value = oneof(string(), double(), constant("5s"), constant("10%"), object());
    const frontier = record({
      fault: constantFrom("latency", "http-error", "kill", "cpu-limit", "__proto__"),
      on: value,
      of: constantFrom("delay", "fraction", "cpus", "kind", "__proto__", "constructor", "on"),
      from: value,
      to: value,
    });
    assert(
      property(frontier, (each) => {
        expect(typeof readFrontier(each).ok).toBe("boolean");
      }),
    );
  });
});

describe("a suite with a frontier", () => {
  const FRONTIER = `  - name: slow
    frontier: { fault: latency, on: llm, of: delay, from: 0ms, to: 5s, direction: both }
    expect: { errorRate: "<= 5%", p95: "<= 2s" }`;
  const DOWN = "  - { name: down, faults: [{ kind: refuse, on: llm }] }";

  const parsed = (experiments: string) => {
    const result = parseSuite(suite(experiments), { file: "squall.yml" });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    return result.suite;
  };

  test("holds it beside its experiments; other parameters are the fault's own", () => {
    const { experiments, frontiers } = parsed(`${FRONTIER}\n${DOWN}`);
    expect(experiments.map(({ name }) => name)).toEqual(["down"]);
    expect(frontiers[0]).toMatchObject({
      name: "slow",
      faults: expect.arrayContaining([
        expect.objectContaining({ kind: "latency", direction: "both", delayMs: 5000 }),
      ]),
      expect: [
        { metric: "errorRate", limit: 0.05, text: "errorRate <= 5%" },
        { metric: "p95", limit: 2000 },
      ],
    });
  });

  test("may have nothing else", () => {
    expect(parsed(FRONTIER).frontiers).toHaveLength(1);
  });

  test("is another measurement where the range is another, and one without any keeps its hash", () => {
    const hashes = [FRONTIER, FRONTIER.replace("5s", "4s"), FRONTIER.replace("5%", "4%")].map(
      (text) => parsed(`${text}\n${DOWN}`).hash,
    );
    expect(new Set(hashes).size).toBe(3);
    // As it was before there were frontiers.
    expect(parsed(DOWN).hash).toBe("b2909bd2287d78e3643302455ecc9d3c99941b6cade448a826ca7a5787e586a2");
  });

  test("refuses a name that an experiment has", () => {
    const result = parseSuite(suite(`${FRONTIER}\n${DOWN.replace("down", "slow")}`), { file: "squall.yml" });
    expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
      "experiments[0] has this name already",
    ]);
  });
});
