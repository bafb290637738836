import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asStored,
  decodeBaseline,
  decodeProfile,
  encodeBaseline,
  encodeProfile,
} from "../../src/config/baseline-file.ts";
import { SquallError } from "../../src/core/errors.ts";
import { recoveryCases } from "../../src/core/recovery-policy/cases.ts";
import type { PolicyRun } from "../../src/core/recovery-policy/rule.ts";
import { observations, profile } from "./profiles.ts";

const file = { file: "answers.squall-baseline.gz" };

const refusal = (read: () => unknown): SquallError => {
  try {
    read();
  } catch (error) {
    if (error instanceof SquallError) return error;
    throw error;
  }
  throw new Error("the file was accepted");
};

type Json = Record<string, unknown>;

/** A stored baseline, changed as JSON and packed again. */
const forged = (change: (root: Json, first: Json, rows: Json, columns: Json) => void): Buffer => {
  const root = JSON.parse(
    gunzipSync(encodeBaseline({ schemaVersion: 1, suite: "answers", profiles: [profile()] })).toString(),
  ) as Json;
  const first = (root["profiles"] as Json[])[0] as Json;
  const rows = first["observations"] as Json;
  change(root, first, rows, rows["columns"] as Json);
  return gzipSync(JSON.stringify(root));
};
const replaced = (from: string, to: string): Buffer =>
  gzipSync(
    gunzipSync(encodeBaseline({ schemaVersion: 1, suite: "answers", profiles: [profile()] }))
      .toString()
      .replace(from, to),
  );

describe("stored profiles and baselines", () => {
  it("of before there were frames are of none", () => {
    const old = forged((_, first) => delete first["frameHash"]);
    expect(decodeBaseline(old, file).profiles[0]?.frameHash).toBe("");
  });

  it("read back as they were, times to 0.01 ms", () => {
    const one = profile();
    const back = decodeProfile(encodeProfile(one), { file: "samples.json.gz" });
    expect({ ...back, observations: [] }).toEqual({ ...one, observations: [] });
    back.observations.forEach((row, index) => {
      const was = one.observations[index];
      expect(row.latencyMs).toBeCloseTo(was?.latencyMs ?? Number.NaN, 1);
      expect(Math.abs(row.latencyMs - (was?.latencyMs ?? 0))).toBeLessThanOrEqual(0.005_000_1);
      expect(row).toEqual({
        ...was,
        scheduledMs: row.scheduledMs,
        lagMs: row.lagMs,
        ttftMs: row.ttftMs,
        latencyMs: row.latencyMs,
        maxGapMs: row.maxGapMs,
      });
      expect(row.ttftMs === null).toBe(was?.ttftMs === null);
    });
  });

  it("refuse an engine that is none", () => {
    expect(() => decodeBaseline(replaced('"engine":"toxiproxy"', '"engine":"toxiprox"'), file)).toThrow(
      SquallError,
    );
  });

  it("change no more once stored: judging the file gives what judging the stored profile gave", () => {
    const stored = asStored(profile({}, 500));
    expect(decodeProfile(encodeProfile(stored), file)).toEqual(stored);
    expect(encodeProfile(decodeProfile(encodeProfile(stored), file))).toEqual(encodeProfile(stored));
  });

  it("keep the order and number of pooled runs", () => {
    const profiles = [1, 2, 3].map((seed) => asStored(profile({ seed })));
    const back = decodeBaseline(encodeBaseline({ schemaVersion: 1, suite: "answers", profiles }), file);
    expect(back.profiles).toEqual(profiles);
  });

  it("hold 60,000 requests in well under a megabyte", () => {
    const size = encodeProfile(profile({ observations: observations(60_000) })).length;
    expect(size).toBeLessThan(900_000);
  });

  it("refuse to be written with what could not be read back", () => {
    const [first] = profile().windows;
    expect(refusal(() => encodeProfile(profile({ probeMs: Number.NaN }))).detail.join()).toContain("probeMs");
    const windows = [{ ...(first as NonNullable<typeof first>), lagP99Ms: Number.POSITIVE_INFINITY }];
    expect(refusal(() => encodeProfile(profile({ windows, observations: [] }))).code).toBe("internal");
    const [row] = observations(1);
    const broken = profile({
      observations: [{ ...(row as NonNullable<typeof row>), latencyMs: Number.NaN }],
    });
    expect(refusal(() => encodeProfile(broken)).code).toBe("internal");
  });
});

describe("a hostile or broken baseline", () => {
  const bomb = gzipSync(Buffer.alloc(257 * 1024 * 1024));
  const deep = gzipSync(`{"schemaVersion":1,"kind":${"[".repeat(500_000)}${"]".repeat(500_000)}}`);
  const whole = encodeBaseline({ schemaVersion: 1, suite: "answers", profiles: [profile()] });

  it.each<[string, Buffer, string]>([
    ["empty", Buffer.alloc(0), "it is empty"],
    ["not gzip", Buffer.from("hello"), "not gzip"],
    ["cut short", whole.subarray(0, whole.length - 20), "cut short"],
    ["cut to its header", whole.subarray(0, 10), "cut short"],
    ["damaged", Buffer.from(whole.map((byte, index) => (index === 400 ? byte ^ 0xff : byte))), "damaged"],
    ["a gzip bomb", bomb, "unpacks to more than 268435456 bytes"],
    ["no JSON", gzipSync("{"), "no JSON"],
    ["another JSON", gzipSync("[]"), "format 1"],
    ["null", gzipSync("null"), "format 1"],
    ["nested past the stack", deep, "kind"],
    ["a samples file", encodeProfile(profile()), "kind"],
    ["without a version", forged((root) => delete root["schemaVersion"]), "format 1"],
    ["without runs", forged((root) => (root["profiles"] = [])), "profiles"],
    [
      "of too many runs",
      forged((root, first) => (root["profiles"] = Array.from({ length: 65 }, () => first))),
      "profiles",
    ],
    ["with an unknown key", forged((_, first) => (first["extra"] = 1)), "extra"],
    [
      "with a prototype key",
      replaced('"schemaVersion":1', '"__proto__":{"polluted":1},"schemaVersion":1'),
      "__proto__",
    ],
    ["of another suite inside", forged((_, first) => (first["suite"] = "other")), "holds a run of other"],
    ["with an infinite number", replaced('"probeMs":12.5', '"probeMs":1e999'), "probeMs"],
    ["with a text for a number", replaced('"probeMs":12.5', '"probeMs":"NaN"'), "probeMs"],
    ["with a forged count", forged((_, __, rows) => (rows["count"] = 51)), "50 rows where 51 are announced"],
    ["with a huge count", forged((_, __, rows) => (rows["count"] = 2_000_001)), "observations.count"],
    ["with a count that is none", forged((_, __, rows) => (rows["count"] = -1)), "observations.count"],
    [
      "without a column",
      forged((_, __, ___, columns) => delete columns["status"]),
      "column status is missing",
    ],
    ["with a column of the prototype", forged((_, __, rows) => (rows["columns"] = {})), "is missing"],
    [
      "with a column that is no list",
      forged((_, __, ___, columns) => (columns["hit"] = { length: 50 })),
      "columns.hit",
    ],
    [
      "with a null in a column",
      forged((_, __, ___, columns) => ((columns["lagMs"] as unknown[])[3] = null)),
      "row 3",
    ],
    [
      "with a fraction in a column",
      forged((_, __, ___, columns) => ((columns["slot"] as unknown[])[3] = 0.5)),
      "row 3",
    ],
    [
      "with a window that is not there",
      forged((_, __, ___, columns) => ((columns["window"] as unknown[])[3] = 99)),
      "outside -1..39",
    ],
    [
      "with an outcome that is not there",
      forged((_, __, ___, columns) => ((columns["outcome"] as unknown[])[3] = 16)),
      "outside 0..15",
    ],
    [
      "with an id that is not there",
      forged((_, __, ___, columns) => ((columns["requestId"] as unknown[])[3] = 1000)),
      "not there",
    ],
    [
      "with an id from the prototype",
      forged((_, __, ___, columns) => ((columns["requestId"] as unknown[])[3] = "constructor")),
      "row 3",
    ],
    [
      "with an unknown fault",
      forged((_, first) => {
        (first["scenarios"] as Json[])[1] = {
          ...((first["scenarios"] as Json[])[1] as Json),
          faults: [{ kind: "evil", on: "x", fraction: 1, attempts: 1 }],
        };
      }),
      "scenarios[1].faults[0].kind",
    ],
  ])("%s is refused in words, with a remedy", (_, buffer, message) => {
    const error = refusal(() => decodeBaseline(buffer, file));
    expect(error.code).toBe("baseline-invalid");
    expect(error.place).toBe(file.file);
    expect([error.message, ...error.detail].join("\n")).toContain(message);
    expect(error.remedy).toContain("squall baseline");
    expect({}).not.toHaveProperty("polluted");
  });

  it("of a newer format says which squall is needed", () => {
    const error = refusal(() => decodeBaseline(gzipSync('{"schemaVersion":2,"whatever":true}'), file));
    expect(error.message).toContain("written by a newer squall");
    expect(error.remedy).toContain("Use the squall that wrote it, or newer");
  });

  it("never brings anything but its own error", () => {
    const base = gunzipSync(whole).toString();
    const cut = fc.tuple(fc.nat(base.length), fc.nat(40), fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(cut, ([at, length, text]) => {
        const broken = gzipSync(base.slice(0, at) + text + base.slice(at + length));
        let outcome = "read";
        try {
          decodeBaseline(broken, file);
        } catch (error) {
          outcome = error instanceof SquallError ? error.code : String(error);
        }
        expect(["read", "baseline-invalid"]).toContain(outcome);
      }),
      { numRuns: 150 },
    );
  });
});

describe("runs under recovery policies", () => {
  const place = { cpu: 0.98, memory: 0.4, errorRate: 0.12, p95Ms: 3000, inFlight: 80 };
  const remedy = { kind: "more-cpu", on: "service", times: 2 } as const;
  const run: PolicyRun = {
    scenario: "starved",
    policy: "learned",
    startMs: 1000,
    durationMs: 15_000,
    recoveryMs: null,
    actions: [
      { atMs: 3000, remedy, because: "5 of 5 alike cases" },
      { atMs: 3000, remedy: { ...remedy, kind: "more-memory" }, because: "", failed: "no limit to lift" },
      { atMs: 4000, remedy: { kind: "restart", on: "service" }, because: "", undoneMs: 9000 },
    ],
    symptoms: [place, { ...place, cpu: null, of: { llm: { ...place, errorRate: null, p95Ms: null } } }],
    requests: 450,
    errors: 17,
  };

  it("are kept with the baseline as they were", () => {
    expect(asStored(profile({ policyRuns: [run] })).policyRuns).toEqual([run]);
  });

  it("teach the next run what they taught this one", () => {
    const one = { ...run, recoveryMs: 5000 };
    const cases = recoveryCases([asStored(profile({ policyRuns: [one] }))]);
    expect(cases).toHaveLength(1);
    expect(cases).toEqual(recoveryCases([profile({ policyRuns: [one] })]));
  });
});
