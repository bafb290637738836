import { describe, expect, test } from "vitest";
import { memberName, PACKS } from "../../src/config/packs/expand.ts";
import { PACK_NAMES } from "../../src/config/packs/names.ts";
import { rolesOf } from "../../src/config/packs/pack.ts";
import type { DependencySpec } from "../../src/core/suite.ts";
import { mustParse, suiteWith } from "./support.ts";

const withPack = (pack: object, parts: object = {}) =>
  mustParse(suiteWith({ experiments: [pack], ...parts }));

const EVERYTHING = {
  llm: { stub: "openai" },
  vector: { command: "node vector.ts" },
  db: { url: "tcp://127.0.0.1:5432" },
  cache: { url: "tcp://127.0.0.1:6379" },
};

/** What a bare machine cannot do. */
const CONTAINER_ONLY = [
  "memory-limit",
  "disk-full",
  "disk-slow",
  "dns-fail",
  "clock-skew",
  "disconnect",
  "packet-loss",
];

describe("a pack", () => {
  test.each(PACK_NAMES)("%s stands on the dependencies of the suite, by their roles", (pack) => {
    const { suite } = withPack({ pack }, { dependencies: EVERYTHING });
    expect(suite.experiments.length).toBeGreaterThanOrEqual(4);
    const known = ["service", "client", ...Object.keys(EVERYTHING)];
    for (const { faults, pack: from, name } of suite.experiments) {
      expect(from).toBe(pack);
      expect(name.startsWith(`${pack}-`)).toBe(true);
      for (const { on } of faults) expect(known).toContain(on);
    }
  });

  test.each(PACK_NAMES)("%s asks a bare machine for nothing it cannot do", (pack) => {
    for (const runtime of ["auto", "process"]) {
      const { suite } = withPack({ pack }, { dependencies: EVERYTHING, runtime });
      for (const { kind } of suite.experiments.flatMap(({ faults }) => faults))
        expect(CONTAINER_ONLY).not.toContain(kind);
    }
  });

  test.each(PACK_NAMES)("%s has every member somewhere: each is placed in some suite", (pack) => {
    const container = { service: { image: "answers:1", port: 80 }, runtime: "docker" };
    const { suite, warnings } = withPack({ pack }, { ...container, dependencies: EVERYTHING });
    expect(warnings).toEqual([]);
    for (const member of PACKS[pack])
      expect(suite.experiments.some(({ name }) => name.startsWith(memberName(pack, member)))).toBe(true);
  });

  test("leaves out what does not apply, and says so", () => {
    const { suite, warnings } = withPack(
      { pack: "e-commerce" },
      { dependencies: { llm: { stub: "openai" } } },
    );
    expect(suite.experiments.map(({ name }) => name)).toEqual([
      "e-commerce-overload",
      "e-commerce-many-shoppers",
      "e-commerce-impatient-shoppers",
    ]);
    expect(warnings).toEqual([
      "e-commerce-connection-limit is left out: no dependency is a database or cache or vector",
      "e-commerce-cache-down is left out: no dependency is a cache",
    ]);
  });

  test("uses byte faults where a dependency is no HTTP", () => {
    const { suite } = withPack(
      { pack: "finance", only: ["finance-database-slow"] },
      { dependencies: EVERYTHING },
    );
    expect(suite.experiments[0]?.faults[0]).toMatchObject({ kind: "latency", on: "db", delayMs: 500 });
  });

  test("stands on each of two models, under names of their own", () => {
    const dependencies = { llm: { stub: "openai" }, claude: { stub: "anthropic" } };
    const { suite } = withPack(
      { pack: "llm", only: ["llm-error-in-stream", "llm-client-abort"] },
      { dependencies },
    );
    expect(suite.experiments.map(({ name }) => name)).toEqual([
      "llm-error-in-stream-llm",
      "llm-error-in-stream-claude",
      "llm-client-abort",
    ]);
    expect(suite.experiments[1]?.faults[0]).toMatchObject({ shape: "anthropic" });
  });

  test("kills one replica at random where there are several", () => {
    const service = { command: "node a.js", replicas: 3 };
    const { suite } = withPack({ pack: "cloud", only: ["cloud-server-crash"] }, { service });
    expect(suite.experiments[0]?.faults[0]).toMatchObject({ kind: "kill", replica: "random" });
  });

  test("loses the members named in except", () => {
    const { suite } = withPack({ pack: "llm", except: ["llm-dead-engine"] });
    expect(suite.experiments.map(({ name }) => name)).not.toContain("llm-dead-engine");
  });
});

describe("roles", () => {
  const named = (name: string): DependencySpec => ({
    name,
    protocol: "http",
    source: { type: "url", url: "http://a" },
  });
  test.each([
    ["qdrant", ["vector"]],
    ["vector-search", ["vector"]],
    ["orders-db", ["database"]],
    ["postgres", ["database"]],
    ["redis", ["cache"]],
    ["kafka", ["queue"]],
    ["openai", ["model"]],
    ["feedback", []],
    ["billing", []],
  ])("%s is %j", (name, roles) => {
    expect(rolesOf(named(name))).toEqual(roles);
  });
});
