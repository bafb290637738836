import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { suiteJsonSchema } from "../../scripts/generate/suite-json-schema.ts";
import { FAULT_KIND_SCHEMAS, faultSchema, toFault } from "../../src/config/fault-schema.ts";
import type { FaultKind } from "../../src/core/fault.ts";
import { FAULT_CATALOGUE, FAULT_KINDS } from "../../src/core/fault-catalogue.ts";
import { mustParse, problemsOf, suiteWith } from "./support.ts";

const written = (kind: FaultKind): Record<string, unknown> => {
  const { family } = FAULT_CATALOGUE[kind];
  const edge = family !== "process" && family !== "load";
  return { ...FAULT_KIND_SCHEMAS[kind].example, ...(edge ? { on: "llm" } : {}) };
};

/** A suite in which the fault may stand: node-replace is of training jobs alone. */
const suiteOf = (kind: FaultKind, fault: object): string =>
  kind === "node-replace"
    ? suiteWith({
        workload: { job: { steps: 9 } },
        service: { command: "node train.ts" },
        experiments: [{ name: "tried", at: { step: 1 }, faults: [fault] }],
      })
    : suiteWith({ experiments: [{ name: "tried", faults: [fault] }] });

describe("every fault kind", () => {
  test.each(FAULT_KINDS)("%s parses from its example, on its default target", (kind) => {
    const text = suiteOf(kind, written(kind));
    const [fault] = mustParse(text).suite.experiments[0]?.faults ?? [];
    const { family } = FAULT_CATALOGUE[kind];
    expect(fault?.kind).toBe(kind);
    expect(fault?.on).toBe(family === "process" ? "service" : family === "load" ? "client" : "llm");
    expect(Object.entries(fault ?? {}).filter(([, value]) => value === undefined)).toEqual([]);
  });

  test.each(FAULT_KINDS)("%s refuses a key that is not its own, and names the nearest", (kind) => {
    const text = suiteOf(kind, { ...written(kind), fracton: 0.2 });
    expect(problemsOf(text)).toEqual(["experiments[0].faults[0].fracton: This key is not known"]);
  });

  test("that works by the clock takes no fraction", () => {
    const refusing = FAULT_KINDS.filter((kind) =>
      problemsOf(
        suiteWith({ experiments: [{ name: "tried", faults: [{ ...written(kind), fraction: "20%" }] }] }),
      ).some((problem) => problem.includes("works by the clock")),
    );
    expect(refusing).toEqual(FAULT_KINDS.filter((kind) => !FAULT_CATALOGUE[kind].perRequest));
  });
});

describe("units of faults", () => {
  const parsed = (fault: object): unknown =>
    toFault(faultSchema.parse(fault), { tcp: false, shape: "openai" });
  const cases: readonly (readonly [object, object])[] = [
    [
      { kind: "latency", on: "llm", delay: "1.5s", jitter: "50ms" },
      { delayMs: 1500, jitterMs: 50, distribution: "uniform", direction: "downstream" },
    ],
    [
      { kind: "bandwidth", on: "llm", rate: "2MiB/s", direction: "both" },
      { bytesPerSecond: 2_097_152, direction: "both" },
    ],
    [
      { kind: "slicer", on: "llm", size: "1KB", variation: 10, delay: "5ms" },
      { sizeBytes: 1000, variationBytes: 10, delayMs: 5 },
    ],
    [{ kind: "reset", on: "llm", after: "2s" }, { afterMs: 2000 }],
    [{ kind: "close", on: "llm", afterBytes: "4KiB" }, { afterBytes: 4096 }],
    [{ kind: "packet-loss", on: "llm", rate: "5%" }, { rate: 0.05 }],
    [
      { kind: "http-error", on: "llm", status: 529, headers: { "Retry-After": 2 }, body: { error: "x" } },
      { headers: { "Retry-After": "2" }, body: '{"error":"x"}' },
    ],
    [
      { kind: "stream-stall", on: "llm", stall: "1m", afterEvents: 7, pings: true },
      { stallMs: 60_000, afterEvents: 7, pings: true },
    ],
    [
      { kind: "rate-limit", on: "llm", requests: 3, window: "2s" },
      { requests: 3, windowMs: 2000 },
    ],
    [{ kind: "body-corrupt", on: "llm" }, { mutation: "truncate" }],
    [{ kind: "memory-limit", bytes: "512MiB" }, { bytes: 536_870_912 }],
    [{ kind: "clock-skew", offset: "-1h" }, { offsetMs: -3_600_000 }],
    [
      { kind: "cpu-stress", load: "50%" },
      { workers: 1, load: 0.5 },
    ],
    [{ kind: "disk-slow", readBps: "1MB/s" }, { readBytesPerSecond: 1_000_000 }],
    [
      { kind: "kill", replica: "random" },
      { signal: "SIGKILL", restartAfterMs: 1000, replica: "random" },
    ],
    [
      { kind: "pause", for: "2s" },
      { forMs: 2000, on: "service" },
    ],
    [
      {
        kind: "http-abort",
        on: "llm",
        match: { method: "POST", path: "/v1/*", header: { name: "x-a" } },
        first: 3,
      },
      { first: 3, match: { method: "POST", path: "/v1/*", header: { name: "x-a" } } },
    ],
  ];
  test.each(cases)("%j", (fault, expected) => {
    expect(parsed(fault)).toMatchObject(expected);
  });
});

describe("the JSON Schema", () => {
  const ajv = new Ajv2020({ strict: false });
  const validate = ajv.compile(suiteJsonSchema("ref"));

  test("takes a suite with every kind, as the door does", () => {
    const experiments = FAULT_KINDS.map((kind) => ({ name: kind, faults: [written(kind)] }));
    validate(JSON.parse(suiteWith({ experiments })));
    expect(validate.errors).toBeNull();
  });

  test("refuses an unknown key, kind and pack", () => {
    for (const parts of [
      { servce: 1 },
      { experiments: [{ name: "a", faults: [{ kind: "latncy" }] }] },
      { experiments: [{ pack: "x" }] },
    ])
      expect(validate(JSON.parse(suiteWith(parts)))).toBe(false);
  });

  test("describes every key", () => {
    const missing: string[] = [];
    const walk = (node: unknown, place: string): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [key, value] of Object.entries(node)) {
        if (key === "properties")
          for (const [name, child] of Object.entries(
            value as Record<string, { description?: string; const?: unknown }>,
          ))
            if (child.description === undefined && child.const === undefined)
              missing.push(`${place}.${name}`);
        walk(value, `${place}.${key}`);
      }
    };
    walk(suiteJsonSchema("inline"), "");
    expect(missing).toEqual([]);
  });
});
