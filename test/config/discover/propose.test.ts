import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sidecarEngine } from "../../../src/adapters/engines/sidecar.ts";
import { experimentsYaml, withExperiments } from "../../../src/config/discover/experiments-text.ts";
import {
  chooseProposals,
  faultsOf,
  type Proposal,
  questionKey,
  rankProposals,
} from "../../../src/config/discover/propose.ts";
import { parseSuite } from "../../../src/config/suite.ts";
import { FAULT_CATALOGUE } from "../../../src/core/fault-catalogue.ts";
import type { Suite } from "../../../src/core/suite.ts";
import { mustParse, suiteWith } from "../support.ts";
import { anyObserved, BARE, edge, observed, PROTECTED, SUITE_TEXT, suite } from "./observed.ts";

const empty: Suite = { ...suite, experiments: [] };

const choose = (ranked: readonly Proposal[], most = 12, of = empty) =>
  chooseProposals(ranked, { suite: of, most, whyNot: () => null });

const scoreOf = (ranked: readonly Proposal[], name: string): number => {
  const found = ranked.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} is not proposed`);
  return found.score;
};

describe("ranking", () => {
  test("puts a bare edge before a protected one of the same traffic, and a busy one before a quiet one", () => {
    const ranked = rankProposals(
      observed({
        edges: [
          edge("llm", { probes: PROTECTED }),
          edge("vector", { probes: BARE, source: "command" }),
          edge("api", { probes: BARE, requestShare: 0.3, source: "url" }),
        ],
      }),
      empty,
    );
    expect(ranked.slice(0, 3).map(({ name }) => name)).toEqual([
      "vector-fails-at-times",
      "vector-hangs",
      "vector-down",
    ]);
    for (const suffix of ["fails-at-times", "hangs", "down"]) {
      expect(scoreOf(ranked, `vector-${suffix}`)).toBeGreaterThan(scoreOf(ranked, `api-${suffix}`));
      expect(scoreOf(ranked, `api-${suffix}`)).toBeGreaterThan(scoreOf(ranked, `llm-${suffix}`));
    }
  });

  test("an edge of which nothing is known stands between a bare and a protected one, and says that it is not known", () => {
    const ranked = rankProposals(
      observed({
        edges: [edge("llm", { probes: PROTECTED }), edge("api"), edge("vector", { probes: BARE })],
      }),
      empty,
    );
    const hangs = ["vector-hangs", "api-hangs", "llm-hangs"].map((name) => scoreOf(ranked, name));
    expect(hangs).toEqual(hangs.toSorted((a, b) => b - a));
    expect(new Set(hangs).size).toBe(3);
    expect(ranked.find(({ name }) => name === "api-hangs")?.reasons[0]).toContain("is not known");
  });

  test("a Retry-After that is obeyed without a cap leads over one that is capped", () => {
    const uncapped = {
      question: "retry-after",
      state: "answered",
      counts: { struck: 9, ok: 0, degraded: 0, timedOut: 9, callsPerRequest: 1, medianMs: 9000 },
    } as const;
    const ranked = rankProposals(
      observed({
        edges: [
          edge("llm", { shape: "openai", probes: PROTECTED }),
          edge("api", { probes: [...PROTECTED.slice(0, 3), uncapped] }),
        ],
      }),
      empty,
    );
    expect(ranked[0]).toMatchObject({ name: "api-long-retry-after" });
    expect(ranked[0]?.reasons[0]).toContain("Retry-After is obeyed without a cap");
  });

  test("log lines raise what they speak for, on the edge they name", () => {
    const logs = [{ log: "service", pattern: "connection-reset", lines: 40, naming: { api: 40 } }];
    const edges = [edge("llm", { probes: BARE }), edge("api", { probes: BARE })];
    const [without, withLogs] = [[], logs].map((each) =>
      rankProposals(observed({ edges, logs: each }), empty),
    );
    expect(without?.some(({ name }) => name.endsWith("-resets"))).toBe(false);
    expect(withLogs?.[0]).toMatchObject({ name: "api-resets" });
    expect(withLogs?.some(({ name }) => name === "llm-resets")).toBe(false);
    expect(withLogs?.[0]?.reasons[1]).toBe(
      "40 lines of service's log look like connection resets and name api.",
    );
  });

  test("what a log says of no edge is held against the most exposed one; a dependency's own log against itself", () => {
    const edges = [edge("llm", { probes: PROTECTED }), edge("api", { probes: BARE })];
    const named = (log: string): string[] =>
      rankProposals(
        observed({ edges, logs: [{ log, pattern: "pool-exhausted", lines: 5, naming: {} }] }),
        empty,
      )
        .map(({ name }) => name)
        .filter((name) => name.endsWith("few-connections"));
    expect(named("service")).toEqual(["api-few-connections"]);
    expect(named("llm")).toEqual(["llm-few-connections"]);
  });

  test("a model that streams is asked about its streams, a store about its bodies", () => {
    const names = rankProposals(
      observed({
        edges: [edge("llm", { shape: "openai", streams: true }), edge("vector", { shape: "search" })],
      }),
      empty,
    ).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "llm-stream-stalls",
        "llm-stream-ends-early",
        "llm-rate-limited",
        "vector-corrupt-answer",
      ]),
    );
    expect(names).not.toContain("llm-corrupt-answer");
    expect(names).not.toContain("vector-rate-limited");
  });
});

describe("choosing", () => {
  const ranked = rankProposals(observed({ edges: [edge("llm", { probes: BARE })] }), empty);

  test("leaves out what the suite asks already, whatever its figures and name", () => {
    const had = mustParse(
      suiteWith({
        experiments: [
          { name: "mine", faults: [{ kind: "http-error", on: "llm", status: 503, fraction: "35%" }] },
          { name: "llm-hangs", faults: [{ kind: "refuse", on: "llm" }] },
        ],
      }),
    ).suite;
    const { proposals, already } = choose(ranked, 50, had);
    expect(already).toContainEqual({ proposal: "llm-fails-at-times", experiment: "mine" });
    expect(proposals.map(({ name }) => name)).toContain("llm-hangs-2");
    expect(proposals.some(({ name }) => name === "llm-fails-at-times")).toBe(false);
  });

  test("a short and a long Retry-After, a part and the whole, are different questions", () => {
    const key = (fault: object): string =>
      questionKey(
        mustParse(suiteWith({ experiments: [{ name: "x", faults: [fault] }] })).suite.experiments[0]
          ?.faults ?? [],
      );
    const limited = { kind: "http-error", on: "llm", status: 429, fraction: "20%" };
    expect(key({ ...limited, headers: { "Retry-After": "2" } })).toBe(key(limited));
    expect(key({ ...limited, headers: { "Retry-After": "600" } })).not.toBe(key(limited));
    expect(key({ ...limited, fraction: "100%" })).not.toBe(key(limited));
    expect(key({ ...limited, status: 503 })).not.toBe(key(limited));
  });

  test("takes the best, counts the rest, and says why something cannot be done", () => {
    const chosen = chooseProposals(ranked, {
      suite: empty,
      most: 2,
      whyNot: ({ name }) => (name === "llm-hangs" ? "not here" : null),
    });
    expect(chosen.proposals.map(({ name }) => name)).toEqual(["llm-fails-at-times", "llm-down"]);
    expect(chosen.impossible).toEqual([{ proposal: "llm-hangs", why: "not here" }]);
    expect(chosen.more).toBe(ranked.length - 3);
  });
});

test("the YAML of a typical service is as recorded", async () => {
  const ranked = rankProposals(
    observed({
      clientStreams: true,
      edges: [
        edge("llm", {
          shape: "openai",
          streams: true,
          callsPerRequest: 1.34,
          probes: [PROTECTED[0], BARE[1], BARE[2], PROTECTED[3]].flatMap((each) => each ?? []),
        }),
        edge("vector", { source: "command", shape: "search", callsPerConnection: 40, probes: PROTECTED }),
        edge("db", {
          protocol: "tcp",
          shape: "tcp",
          source: "command",
          callsPerConnection: null,
          requestShare: 0.6,
          attributable: false,
        }),
      ],
      processes: [{ name: "service", cpu: 0.63, memoryBytes: 180 * 1024 * 1024 }],
      logs: [
        { log: "service", pattern: "rate-limit", lines: 14, naming: { llm: 12 } },
        { log: "service", pattern: "context-length", lines: 1, naming: {} },
      ],
    }),
    empty,
  );
  const text = experimentsYaml(choose(ranked, 50).proposals);
  await expect(text).toMatchFileSnapshot("../../golden/discover/experiments.yml");
  const whole = SUITE_TEXT.replace(/ "experiments": \[[\s\S]*\]/, ` "experiments": []`);
  const merged = withExperiments(whole, choose(ranked, 50).proposals) ?? "";
  expect(parseSuite(merged, { file: "squall.yml" })).toMatchObject({ ok: true });
});

test("whatever was seen, every proposal is a valid experiment that an engine of its kind supports, with a reason on one line", () => {
  fc.assert(
    fc.property(anyObserved, (seen) => {
      const ranked = rankProposals(seen, empty);
      const { proposals } = choose(ranked, 200);
      for (const [place, { score }] of ranked.entries())
        expect(score).toBeLessThanOrEqual(ranked[place - 1]?.score ?? Number.POSITIVE_INFINITY);
      const value: unknown = {
        ...(JSON.parse(SUITE_TEXT) as object),
        experiments: proposals.map(({ name, faults }) => ({ name, faults })),
      };
      const parsed = parseSuite(JSON.stringify(value), { file: "squall.yml" });
      expect(parsed.ok ? [] : parsed.problems).toEqual([]);
      // The YAML reads back as the same experiments.
      const text = JSON.stringify({ ...(JSON.parse(SUITE_TEXT) as object), experiments: undefined }, null, 1);
      const written = withExperiments(text, proposals);
      expect(written).not.toBeNull();
      const yaml = experimentsYaml(proposals);
      for (const line of yaml.split("\n").slice(1, -1))
        expect(line).toMatch(/^ {2}(# \S|- name: | {2}faults: \[\{)/);
      for (const proposal of proposals) {
        expect(proposal.reasons.length).toBeGreaterThan(0);
        const onEdges = faultsOf(proposal, suite.dependencies).filter(({ kind }) =>
          FAULT_CATALOGUE[kind].engines.includes("sidecar"),
        );
        for (const fault of onEdges) expect(sidecarEngine().supports(fault)).toEqual({ ok: true });
      }
    }),
    { numRuns: 40 },
  );
});
