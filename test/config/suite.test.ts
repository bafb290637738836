import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatProblems } from "../../src/config/problems.ts";
import { parseSuite } from "../../src/config/suite.ts";
import { mustParse, problemsOf, suiteWith } from "./support.ts";

/** As in the design, word for word. */
const DESIGN = `version: 1
service: {build: ., port: 8000, ready: /healthz, env: {LLM_URL: "{{llm}}/v1"}}
dependencies: {llm: {stub: openai}}
workload: {requests: chaos/requests.jsonl, rate: 30/s}
experiments:
  - {name: llm-rate-limited, faults: [{kind: http-error, on: llm, status: 429, headers: {retry-after: "2"}, fraction: 0.2}]}
  - {name: service-killed, faults: [{kind: kill, on: service, restartAfter: 1s}], expect: {recovery: "<= 5s", errorRate: "<= 2%"}}
  - {pack: cloud}
gate: {budget: 120s, minEffect: {latency: "10% and 10ms", errorRate: 1pt}, onInconclusive: warn}
`;

describe("a suite file", () => {
  test("of the design becomes a suite with its units read", () => {
    const { suite } = mustParse(DESIGN);
    expect(suite.service).toMatchObject({
      readyPath: "/healthz",
      container: {
        source: { type: "build", context: ".", dockerfile: "Dockerfile", args: {}, cache: true },
        port: 8000,
        env: { LLM_URL: "{{llm}}/v1" },
      },
    });
    expect(suite.workload).toMatchObject({ rateRps: 30, requestsPath: "chaos/requests.jsonl" });
    expect(suite.experiments[0]?.faults).toEqual([
      {
        kind: "http-error",
        on: "llm",
        status: 429,
        headers: { "retry-after": "2" },
        fraction: 0.2,
        attempts: 1,
      },
    ]);
    expect(suite.experiments[1]?.expect).toEqual([
      { metric: "errorRate", comparator: "<=", limit: 0.02, text: "errorRate <= 2%" },
      { metric: "recovery", comparator: "<=", limit: 5000, text: "recovery <= 5s" },
    ]);
    expect(suite.policy).toMatchObject({
      budgetMs: 120_000,
      latency: { relative: 0.1, absoluteMs: 10 },
      errorRate: 0.01,
      onInconclusive: "warn",
    });
    expect(suite.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("that is the design's first six lines is whole", () => {
    const text = DESIGN.split("\n").slice(0, 6).join("\n");
    expect(mustParse(text).suite.experiments).toHaveLength(1);
  });

  test("warns of hang-ups that leave no answer to judge", () => {
    const abort = (fraction: object) =>
      mustParse(
        suiteWith({
          experiments: [{ name: "gone", faults: [{ kind: "client-abort", afterEvents: 1, ...fraction }] }],
        }),
      ).warnings;
    expect(abort({})).toEqual([
      expect.stringContaining("Every client hangs up, so no answer is left to judge"),
    ]);
    expect(abort({ fraction: "30%" })).toEqual([]);
  });

  test("takes its policy from the method where it says nothing", () => {
    expect(mustParse(suiteWith()).suite.policy).toEqual({
      budgetMs: 120_000,
      alpha: 0.05,
      latency: { relative: 0.1, absoluteMs: 10 },
      errorRate: 0.005,
      degradedRate: 0.02,
      slowShare: 0.02,
      callsPerRequest: { relative: 0.1, absolute: 0.05 },
      recovery: { relative: 0.25, absoluteMs: 500 },
      frontier: 0.25,
      onInconclusive: "warn",
      onNoBaseline: "pass",
      onWeakened: "warn",
      acceptance: "commit",
      diagnosisMs: 60_000,
      earlyStop: true,
      pooledRuns: 8,
      maxBaselineAgeMs: 30 * 86_400_000,
      maxBaselineCommits: 500,
      maxLagP99Ms: 5,
      minAchievedRate: 0.99,
    });
  });

  test("says how old a baseline may be, and how long an acceptance holds", () => {
    const gate = { maxBaselineAge: "7d", maxBaselineCommits: 40, onWeakened: "fail", acceptance: "never" };
    expect(mustParse(suiteWith({ gate })).suite.policy).toMatchObject({
      maxBaselineAgeMs: 7 * 86_400_000,
      maxBaselineCommits: 40,
      onWeakened: "fail",
      acceptance: "never",
    });
    const wrong = { maxBaselineAge: "11y", maxBaselineCommits: -1, acceptance: "always" };
    expect(problemsOf(suiteWith({ gate: wrong }))).toHaveLength(3);
    expect(problemsOf(suiteWith({ gate: { maxBaselineAge: "3651d" } }))).toEqual([
      "gate.maxBaselineAge: Must be above 0 and at most 3650 days",
    ]);
  });

  test("may be written with anchors and merge keys", () => {
    const text = `version: 1
service: {command: node a.js}
dependencies: {llm: {stub: openai}}
workload: {requests: r.jsonl}
experiments:
  - name: a
    faults: [&slow {kind: http-delay, on: llm, delay: 1s, fraction: 20%}]
  - name: b
    faults: [{<<: *slow, delay: 2s}]
`;
    const faults = mustParse(text).suite.experiments.flatMap((each) => each.faults);
    expect(faults.map((fault) => (fault.kind === "http-delay" ? fault.delayMs : 0))).toEqual([1000, 2000]);
  });

  test("strikes the first attempt of a share, and every attempt of an outage", () => {
    const attempts = (fault: object): unknown =>
      mustParse(suiteWith({ experiments: [{ name: "a", faults: [fault] }] })).suite.experiments[0]?.faults[0]
        ?.attempts;
    expect(attempts({ kind: "http-abort", on: "llm", fraction: "20%" })).toBe(1);
    expect(attempts({ kind: "http-abort", on: "llm" })).toBe("all");
    expect(attempts({ kind: "http-abort", on: "llm", fraction: 0.2, attempts: 2 })).toBe(2);
  });

  test("keeps its frame when experiments change, and has another with all else that is measured", () => {
    const of = (parts: object) => mustParse(suiteWith({ ...parts })).suite;
    const same = of({});
    const experiments = [{ name: "other", faults: [{ kind: "http-abort", on: "llm", fraction: "20%" }] }];
    expect(of({ experiments })).toMatchObject({ frameHash: same.frameHash });
    expect(of({ experiments }).hash).not.toBe(same.hash);
    expect(same.frameHash).toMatch(/^[0-9a-f]{64}$/);
    expect(same.frameHash).not.toBe(same.hash);
    const frames = [
      { workload: { requests: "requests.jsonl", rate: "21/s" } },
      { service: { command: "node service.ts", replicas: 2 } },
      { runtime: "process" },
    ].map((parts) => of(parts).frameHash);
    expect(new Set([same.frameHash, ...frames]).size).toBe(4);
  });

  test("keeps its hash when policy, command or environment change, and changes it with what is measured", () => {
    const hash = (parts: object): string => mustParse(suiteWith({ ...parts })).suite.hash;
    const same = hash({});
    expect(hash({ gate: { budget: "60s", minEffect: { errorRate: "2pt" } } })).toBe(same);
    expect(hash({ service: { command: "node other.ts", ready: "/healthz", env: { A: "b" } } })).toBe(same);
    expect(hash({ workload: { requests: "requests.jsonl", rate: "21/s" } })).not.toBe(same);
    expect(hash({ service: { command: "node server.ts", ready: "/healthz", replicas: 2 } })).not.toBe(same);
    expect(
      hash({ dependencies: { llm: { stub: "anthropic" }, vector: { command: "node vector.ts" } } }),
    ).not.toBe(same);
    expect(hash({ experiments: [{ name: "x", faults: [{ kind: "refuse", on: "llm" }] }] })).not.toBe(same);
  });

  test("splits a command as a shell would, without one", () => {
    const command = (written: unknown): unknown =>
      mustParse(suiteWith({ service: { command: written } })).suite.service.process?.command;
    expect(command("node 'my server.ts' --name \"a b\" c\\ d")).toEqual([
      "node",
      "my server.ts",
      "--name",
      "a b",
      "c d",
    ]);
    expect(command(["sh", "-c", "a | b"])).toEqual(["sh", "-c", "a | b"]);
    expect(command("grep '|' \"a && b\"")).toEqual(["grep", "|", "a && b"]);
  });

  test("gives a stream error the shape of its stub", () => {
    const text = suiteWith({
      dependencies: { llm: { stub: "anthropic" } },
      experiments: [{ name: "a", faults: [{ kind: "stream-error", on: "llm" }] }],
    });
    expect(mustParse(text).suite.experiments[0]?.faults[0]).toMatchObject({ shape: "anthropic" });
  });

  test("reads a tcp URL as protocol tcp", () => {
    const text = suiteWith({
      dependencies: { llm: { stub: "openai" }, db: { url: "tcp://127.0.0.1:5432" } },
    });
    expect(mustParse(text).suite.dependencies[1]).toEqual({
      name: "db",
      protocol: "tcp",
      source: { type: "url", url: "tcp://127.0.0.1:5432" },
    });
  });

  test("warns of a secret in it, and shows the secret nowhere", () => {
    const secret = "sk-proj-abcdefghijklmnop123456";
    const text = suiteWith({ service: { command: "node a.js", env: { OPENAI_API_KEY: secret } } });
    const result = parseSuite(text, { file: "squall.yml" });
    expect(result.ok).toBe(true);
    const shown = formatProblems(result.ok ? result.warnings : [], text);
    expect(shown).toContain("OPENAI_API_KEY looks like a secret");
    expect(shown).not.toContain(secret);
    const broken = `version: 1\nservice: { comand: x, env: { OPENAI_API_KEY: ${secret} } }\n`;
    const problems = parseSuite(broken, { file: "squall.yml" });
    const words = formatProblems(problems.ok ? [] : problems.problems, broken);
    expect(words).toContain("comand");
    expect(words).not.toContain(secret);
  });

  test("takes dummy keys without a word", () => {
    const env = { OPENAI_API_KEY: "test-key", TOKEN: "dummy", LLM_KEY: "{{llm}}", MAX_TOKENS: 4096 };
    expect(mustParse(suiteWith({ service: { command: "node a.js", env } })).warnings).toEqual([]);
  });

  test("does not let one broken part hide what is wrong elsewhere", () => {
    const text = suiteWith({
      service: { command: "a | b" },
      experiments: [{ name: "a", faults: [{ kind: "latency", on: "lm", delay: 5 }] }],
      gate: { budget: "1s" },
    });
    expect(problemsOf(text)).toEqual([
      'service.command: "|" is a shell operator',
      "experiments[0].faults[0].on: This names no dependency",
      "experiments[0].faults[0].delay: A duration needs a unit",
      "gate.budget: The budget is too short to measure anything",
    ]);
  });

  test("larger than a mebibyte is refused unread", () => {
    expect(problemsOf(`${suiteWith()}${" ".repeat(1024 * 1024)}`)).toEqual([
      ": The file is larger than 1 MiB",
    ]);
  });

  test("nested without end is refused", () => {
    for (const text of [
      "[".repeat(200_000),
      `a: ${"{b: ".repeat(5000)}`,
      `version: ${"[".repeat(100)}${"]".repeat(100)}`,
    ])
      expect(problemsOf(text).length).toBeGreaterThan(0);
  });

  test("of a few lines that would grow without end is refused at once", () => {
    const levels = Array.from({ length: 9 }, (_, index) =>
      index === 0
        ? "l0: &l0 {k: 1}"
        : `l${index}: &l${index} {<<: [${Array(10)
            .fill(`*l${index - 1}`)
            .join(", ")}]}`,
    );
    const startedMs = performance.now();
    expect(problemsOf(levels.join("\n"))).toEqual([": Aliases make the file too large"]);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});

describe("the suites of the examples", () => {
  const folder = new URL("../../examples/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    // What is under ci/ are workflows of the same name.
    (name) => name.endsWith("squall.yml") && !/node_modules|^ci\b/.test(name),
  );
  test("are there", () => {
    expect(files.length).toBeGreaterThan(0);
  });
  test.each(files)("%s is taken without a warning", (name) => {
    expect(mustParse(readFileSync(new URL(name, folder), "utf8")).warnings).toEqual([]);
  });
});

describe("a suite without experiments", () => {
  const without = (experiments: unknown): string => suiteWith({ experiments });

  test.each([[undefined], [[]], [null]])(
    "(%j) is one where it may be, and a problem elsewhere",
    (experiments) => {
      const parsed = parseSuite(without(experiments), { file: "squall.yml", mayLackExperiments: true });
      expect(parsed).toMatchObject({ ok: true, suite: { experiments: [], frontiers: [] } });
      expect(problemsOf(without(experiments))).not.toEqual([]);
    },
  );

  test("is checked like any other, and one with broken experiments is not taken for one", () => {
    const options = { file: "squall.yml", mayLackExperiments: true };
    const broken = parseSuite(suiteWith({ experiments: [], workload: {} }), options);
    expect(broken.ok ? [] : broken.problems.map(({ path }) => path)).toEqual(["workload.requests"]);
    expect(parseSuite(without([{}]), options).ok).toBe(false);
    expect(parseSuite(without({}), options).ok).toBe(false);
    expect(parseSuite("[]", options).ok).toBe(false);
  });
});
