import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { suiteJsonSchema } from "../../../scripts/generate/suite-json-schema.ts";
import { parseSuite } from "../../../src/config/suite.ts";
import { JOB_LOG_FORMATS } from "../../../src/core/job/workload.ts";
import { mustParse, problemsOf, suiteWith } from "../support.ts";
import { ARTICLE, jobSuite, jobText } from "./jobs.ts";

describe("a training job", () => {
  test("is read with its strategy, its triggers and its defaults", () => {
    const { suite, warnings } = mustParse(ARTICLE);
    expect(warnings).toEqual([]);
    expect(suite.job).toEqual({
      steps: 100,
      workers: 1,
      timeoutMs: 60_000,
      repeats: 3,
      progress: { type: "output", format: "nanogpt", patterns: {} },
      restart: { limit: 5, backoffMs: 500, maxBackoffMs: 10_000, scope: "job" },
    });
    expect(suite.experiments).toEqual([
      {
        name: "article",
        trigger: { type: "chance", share: 0.1 },
        strikeMs: 60_000,
        expect: [],
        faults: [
          {
            kind: "latency",
            on: "data",
            fraction: 0.2,
            attempts: 1,
            forMs: 10_000,
            delayMs: 50,
            jitterMs: 0,
            distribution: "constant",
            direction: "downstream",
          },
          {
            kind: "cpu-limit",
            on: "service",
            fraction: 1,
            attempts: "all",
            forMs: 10_000,
            strikeShare: 0.3,
            cpus: 0.3,
          },
        ],
      },
      {
        name: "killed",
        trigger: { type: "every", steps: 30 },
        faults: [
          {
            kind: "kill",
            on: "service",
            fraction: 1,
            attempts: "all",
            signal: "SIGKILL",
            restartAfterMs: 1000,
          },
        ],
        expect: [
          { metric: "completed", comparator: ">=", limit: 1, text: "completed >= 100%" },
          { metric: "lostSteps", comparator: "<=", limit: 10, text: "lostSteps <= 10" },
          { metric: "resume", comparator: "<=", limit: 3000, text: "resume <= 3s" },
        ],
      },
      {
        name: "disk-full-while-saving",
        trigger: { type: "save", nth: "each" },
        expect: [],
        faults: [
          {
            kind: "disk-full",
            on: "service",
            fraction: 1,
            attempts: "all",
            forSteps: 5,
            path: "{{checkpoints}}",
            leaveBytes: 0,
          },
          {
            kind: "kill",
            on: "service",
            fraction: 1,
            attempts: "all",
            afterMs: 200,
            signal: "SIGKILL",
            restartAfterMs: 1000,
          },
        ],
      },
    ]);
    expect(suite.workload.requestsPath).toBe("");
    expect(suite.frontiers).toEqual([]);
  });

  test("has its workers where a service has its replicas", () => {
    expect(jobSuite({ workers: 4 }).service.replicas).toBe(4);
    const faults = [
      { kind: "kill", replica: 3 },
      { kind: "node-replace", replica: "random" },
    ];
    expect(
      problemsOf(jobText({ workers: 4 }, { experiments: [{ name: "a", at: { step: 1 }, faults }] })),
    ).toEqual([]);
  });

  test.each([
    [{ log: "hf-trainer" }, { type: "output", format: "hf-trainer", patterns: {} }],
    [
      { patterns: { step: "step (?<step>\\d+)", saving: "saving" } },
      { type: "output", format: "auto", patterns: { step: "step (?<step>\\d+)", saving: "saving" } },
    ],
    [{ file: "{{ disk }}/logs/a.jsonl" }, { type: "file", directory: "disk", path: "logs/a.jsonl" }],
    [{ metrics: { step: "a:step" } }, { type: "metrics", path: "/metrics", step: "a:step" }],
    [
      { metrics: { path: "/m", step: "s", loss: "l" } },
      { type: "metrics", path: "/m", step: "s", loss: "l" },
    ],
  ])("is watched by %j", (keys, progress) => {
    expect(jobSuite(keys).job?.progress).toEqual(progress);
  });

  test("takes every part of a restart policy", () => {
    const restart = { limit: 0, backoff: "0s", maxBackoff: "0s", scope: "worker", stall: "20s" };
    expect(jobSuite({ restart }).job?.restart).toEqual({
      limit: 0,
      backoffMs: 0,
      maxBackoffMs: 0,
      scope: "worker",
      stallMs: 20_000,
    });
  });

  test("sees saves in every format but JSONL, whose lines are steps", () => {
    const experiments = [{ name: "a", at: { save: 2 }, faults: [{ kind: "kill" }] }];
    const refused = ["auto", ...JOB_LOG_FORMATS].filter(
      (log) => problemsOf(jobText({ log }, { experiments })).length > 0,
    );
    expect(refused).toEqual(["jsonl"]);
    const saving = { saving: "saving" };
    expect(problemsOf(jobText({ log: "jsonl", patterns: saving }, { experiments }))).toEqual([]);
  });

  test("may reset connections some time after they began: that is not when the fault begins", () => {
    const faults = [{ kind: "reset", on: "data", after: "2s" }];
    const experiments = [{ name: "a", at: { step: 1 }, duration: "1s", faults }];
    expect(jobSuite({}, { experiments }).experiments[0]?.faults[0]).toMatchObject({ afterMs: 2000 });
    expect(
      problemsOf(suiteWith({ experiments: [{ name: "a", faults: [{ ...faults[0], on: "llm" }] }] })),
    ).toEqual([]);
  });

  test("is warned of a single run, and of a hang that is never seen", () => {
    const { warnings } = mustParse(jobText({ repeats: 1, timeout: "20s", restart: { stall: "20s" } }));
    expect(warnings).toEqual([
      "One run of each says nothing of how much runs differ: losses cannot be compared",
      "No hang is ever seen: the run is ended after 20000 ms",
    ]);
  });

  test("without experiments is one where it may be", () => {
    const text = jobText({}, { experiments: [] });
    expect(parseSuite(text, { file: "squall.yml", mayLackExperiments: true })).toMatchObject({
      ok: true,
      suite: { experiments: [], job: { steps: 100 } },
    });
    expect(problemsOf(text)).not.toEqual([]);
  });

  test("fits the JSON Schema for editors, and a service fits it as before", () => {
    const validate = new Ajv2020({ strict: false }).compile(suiteJsonSchema("ref"));
    for (const text of [ARTICLE, jobText(), suiteWith()])
      expect([text, validate(parse(text))]).toEqual([text, true]);
    expect(validate(parse(ARTICLE.replace("every: 30", "evry: 30")))).toBe(false);
  });
});

describe("a suite's hash", () => {
  const experiment = { name: "a", at: { step: 10 }, faults: [{ kind: "pause", for: "1s" }] };
  const hashes = (job: object, changed: object = {}) => {
    const { hash, frameHash } = jobSuite({ ...job }, { experiments: [{ ...experiment, ...changed }] });
    return { hash, frameHash };
  };

  test("of a service is what it was before there were jobs", () => {
    const { hash, frameHash } = mustParse(suiteWith()).suite;
    expect([hash, frameHash]).toEqual([
      "7b9f89b6a2f35ae01141ca4c7b7cd4aea4a3a0b9eaf017bb0078341bd7e6000f",
      "32e14875c28e0d73cafdb10f6ef1e6d0004c58727f369de8207bc48493f04596",
    ]);
  });

  test.each([
    { steps: 101 },
    { workers: 2 },
    { timeout: "1m" },
    { repeats: 2 },
    { log: "megatron" },
    { patterns: { saving: "saving" } },
    { restart: { limit: 4 } },
    { restart: { stall: "5s" } },
  ])("changes with %j, and so does its frame's", (job) => {
    const [before, after] = [hashes({}), hashes(job)];
    expect(after.hash).not.toBe(before.hash);
    expect(after.frameHash).not.toBe(before.frameHash);
  });

  test.each([{ at: { step: 11 } }, { duration: "5s" }, { faults: [{ kind: "pause", forSteps: 3 }] }])(
    "changes with an experiment's %j, and its frame's does not",
    (changed) => {
      const [before, after] = [hashes({}), hashes({}, changed)];
      expect(after.hash).not.toBe(before.hash);
      expect(after.frameHash).toBe(before.frameHash);
    },
  );

  test("stays where only what is expected or written otherwise changes", () => {
    expect(hashes({ restart: {}, workers: 1 }, { expect: { completed: ">= 50%" } })).toEqual(hashes({}));
  });
});

describe("any", () => {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
  const duration = fc
    .tuple(
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom("ms" as const, "s" as const, "m" as const, "h" as const),
    )
    .map(([count, unit]) => ({
      text: `${count}${unit}`,
      ms: count * units[unit],
    }));

  test("durations of job, strike and fault come out in milliseconds", () => {
    fc.assert(
      fc.property(duration, duration, duration, duration, (timeout, strike, held, stall) => {
        const faults = [
          { kind: "pause", for: held.text },
          { kind: "kill", after: "1ms" },
        ];
        fc.pre(strike.ms > 1);
        const suite = jobSuite(
          { timeout: timeout.text, restart: { stall: stall.text } },
          { experiments: [{ name: "a", at: { step: 1 }, duration: strike.text, faults }] },
        );
        expect(suite.job).toMatchObject({ timeoutMs: timeout.ms, restart: { stallMs: stall.ms } });
        expect(suite.experiments[0]).toMatchObject({
          strikeMs: strike.ms,
          faults: [{ forMs: held.ms }, { afterMs: 1 }],
        });
      }),
      { numRuns: 40 },
    );
  });

  const written = fc.oneof(
    fc.integer({ min: -5, max: 300 }).map((step) => ({ step })),
    fc.integer({ min: -5, max: 300 }).map((every) => ({ every })),
    fc.integer({ min: -5, max: 120 }).map((percent) => ({ chance: `${percent}%` })),
    fc.oneof(fc.integer({ min: -5, max: 300 }), fc.constantFrom("each", "all")).map((save) => ({ save })),
  );

  test("trigger is taken exactly where it strikes some step of the job", () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 1, max: 200 }), (at, steps) => {
        const text = jobText({ steps }, { experiments: [{ name: "a", at, faults: [{ kind: "kill" }] }] });
        const fits = (): boolean => {
          if ("step" in at) return at.step >= 0 && at.step <= steps;
          // Nothing would come after the last step.
          if ("every" in at) return at.every >= 1 && at.every < steps;
          if ("save" in at) return at.save === "each" || (typeof at.save === "number" && at.save >= 1);
          const share = Number.parseInt(at.chance, 10) / 100;
          return share > 0 && share <= 1 && Math.round(share * steps) > 0;
        };
        expect([at, problemsOf(text).length === 0]).toEqual([at, fits()]);
      }),
      { numRuns: 150 },
    );
  });

  const hostile = fc.oneof(
    fc.constantFrom<unknown>(1e300, -1, 0.5, Number.MAX_SAFE_INTEGER, "1e9", "", "each", null, true, [], {}, [
      [],
    ]),
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.dictionary(fc.constantFrom("step", "every", "save", "chance", "limit", "__proto__"), fc.anything(), {
      noNullPrototype: true,
    }),
  );
  const places = fc.constantFrom(
    ...["steps", "workers", "timeout", "repeats", "log", "patterns", "file", "metrics", "restart"].map(
      (key) => ["workload", "job", key] as const,
    ),
    ...["step", "saving", "loaded"].map((key) => ["workload", "job", "patterns", key] as const),
    ...["limit", "backoff", "scope", "stall"].map((key) => ["workload", "job", "restart", key] as const),
    ["workload", "job"] as const,
    ["experiments", 0, "at"] as const,
    ["experiments", 0, "at", "step"] as const,
    ["experiments", 0, "at", "chance"] as const,
    ["experiments", 0, "duration"] as const,
    ...["forSteps", "after", "strikes", "for", "path"].map(
      (key) => ["experiments", 0, "faults", 0, key] as const,
    ),
  );

  const withValue = (path: readonly (string | number)[], value: unknown): string => {
    const root: unknown = parse(jobText({ patterns: { saving: "s" }, restart: { limit: 1 } }));
    let here = root as Record<string | number, unknown>;
    for (const part of path.slice(0, -1)) here = here[part] as Record<string | number, unknown>;
    here[path.at(-1) ?? ""] = value;
    return stringify(root);
  };

  /** Problems without a place or words, a suite beyond its bounds. */
  const complaints = (result: ReturnType<typeof parseSuite>): unknown[] => {
    if (!result.ok) {
      const placeless = result.problems.filter(
        ({ line, column, message }) => !(line >= 1 && column >= 1) || message === "",
      );
      return result.problems.length === 0 ? ["neither a suite nor a problem"] : placeless;
    }
    const { job, experiments } = result.suite;
    if (job === undefined) return ["no job"];
    return [
      ...(job.steps >= 1 && job.steps <= 1_000_000 ? [] : [job.steps]),
      ...(job.restart.limit >= 0 && job.restart.limit <= 1000 ? [] : [job.restart]),
      ...(job.timeoutMs > 0 && job.timeoutMs <= 86_400_000 ? [] : [job.timeoutMs]),
      ...(experiments.every(({ trigger }) => trigger !== undefined) ? [] : ["no trigger"]),
    ];
  };

  test("value in any of its places is a suite of sound numbers, or positioned problems", () => {
    fc.assert(
      fc.property(places, hostile, (path, value) => {
        const result = parseSuite(withValue(path, value), { file: "squall.yml" });
        expect(complaints(result)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("file stays inside of its directory", () => {
    const piece = fc.constantFrom("..", ".", "a", "b.jsonl", "", "\\", "{{disk}}", "\u0000");
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (parts) => {
        const file = `{{checkpoints}}/${parts.join("/")}`;
        const result = parseSuite(jobText({ file }), { file: "squall.yml" });
        const bad = parts.some((part) => part !== "a" && part !== "b.jsonl");
        expect(result.ok).toBe(!bad);
        const progress = result.ok ? result.suite.job?.progress : undefined;
        expect(progress).toEqual(
          bad ? undefined : { type: "file", directory: "checkpoints", path: parts.join("/") },
        );
      }),
      { numRuns: 300 },
    );
  });
});
