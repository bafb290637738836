import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeProfile } from "../../src/config/baseline-file.ts";
import { readRunArtifact } from "../../src/config/run-artifact.ts";
import { SquallError } from "../../src/core/errors.ts";
import { profile } from "./profiles.ts";

const SHA = "a".repeat(40);
const samples = encodeProfile(profile());
const claim = { suite: "answers", gate: { change: { headSha: SHA, repository: "o/r" } } };

const filesWith = (files: Readonly<Record<string, Buffer | string | object>>): ReadonlyMap<string, Buffer> =>
  new Map(
    Object.entries(files).map(([name, content]) => [
      name,
      Buffer.isBuffer(content)
        ? content
        : Buffer.from(typeof content === "string" ? content : JSON.stringify(content)),
    ]),
  );

/** The samples with their JSON changed as text. */
const forged = (change: (json: string) => string): Buffer =>
  gzipSync(change(gunzipSync(samples).toString("utf8")));

const refusal = (files: ReadonlyMap<string, Buffer>): SquallError => {
  try {
    readRunArtifact(files);
  } catch (error) {
    if (error instanceof SquallError) return error;
    throw error;
  }
  throw new Error("it was taken");
};

describe("a run's files", () => {
  test("give the samples, and what the run says of itself", () => {
    const read = readRunArtifact(filesWith({ "samples.json.gz": samples, "result.json": claim }));
    expect(read.profile.suite).toBe("answers");
    expect(read.profile.observations).toHaveLength(50);
    expect(read.claimed).toEqual({ suite: "answers", headSha: SHA, repository: "o/r" });
  });

  test.each([
    ["no result", {}],
    ["no JSON", { "result.json": "{" }],
    ["another shape", { "result.json": [] }],
    ["no gate", { "result.json": { suite: "answers" } }],
    [
      "a commit that is none",
      { "result.json": { ...claim, gate: { change: { headSha: "HEAD", repository: "o/r" } } } },
    ],
    [
      "a repository that is none",
      { "result.json": { ...claim, gate: { change: { headSha: SHA, repository: "o/r/../x" } } } },
    ],
    ["deeply nested JSON", { "result.json": "[".repeat(1_000_000) }],
    ["more than 8 MiB", { "result.json": `${" ".repeat(8 << 20)}${JSON.stringify(claim)}` }],
  ])("%s is no claim, and the samples stand", (_, files) => {
    const read = readRunArtifact(filesWith({ "samples.json.gz": samples, ...files }));
    expect(read.claimed).toBeNull();
    expect(read.profile.seed).toBe(42);
  });

  test("without samples are refused, whatever else there is", () => {
    const error = refusal(
      filesWith({ "result.json": { verdict: { word: "pass" } }, "logs/samples.json.gz": samples }),
    );
    expect(error.code).toBe("artifact-invalid");
    expect(error.message).toContain("holds no samples.json.gz");
    expect(error.exitCode).toBe(3);
  });

  test("are not looked at beyond samples and claim: a report of 50 MB changes nothing", () => {
    const report = Buffer.alloc(50 << 20, "<script>@everyone</script> ");
    const read = readRunArtifact(filesWith({ "samples.json.gz": samples, "report.md": report }));
    expect(JSON.stringify(read)).not.toContain("@everyone");
  });
});

describe("samples", () => {
  test.each([
    ["empty", Buffer.alloc(0)],
    ["no gzip", Buffer.from("no")],
    ["cut short", samples.subarray(0, 100)],
    ["no JSON", gzipSync("no")],
    ["a baseline", gzipSync(JSON.stringify({ schemaVersion: 1, kind: "squall-baseline" }))],
    ["a bomb", gzipSync(Buffer.alloc(300 << 20))],
    ["an infinite number", forged((json) => json.replace('"probeMs":12.5', '"probeMs":1e999'))],
    ["a number that is none", forged((json) => json.replace('"probeMs":12.5', '"probeMs":"NaN"'))],
    ["an infinite time", forged((json) => json.replace(/"latencyMs":\[\d+/, '"latencyMs":[1e999'))],
    ["a window that is not there", forged((json) => json.replace(/"window":\[\d+,/, '"window":[77,'))],
    ["an unknown key", forged((json) => json.replace('"suite":', '"__proto__x":1,"suite":'))],
  ])("that are %s are refused", (_, broken) => {
    const error = refusal(filesWith({ "samples.json.gz": broken, "result.json": claim }));
    expect(error.code).toBe("artifact-invalid");
    expect(error.place).toBe("samples.json.gz");
    expect(error.remedy).toContain("again");
  });

  test("of any bytes are read or refused, never anything else", () => {
    const json = gunzipSync(samples);
    const change = fc.record({ at: fc.nat(json.length - 1), to: fc.integer({ min: 32, max: 126 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const other = Buffer.from(json);
        for (const { at, to } of changes) other[at] = to;
        const files = filesWith({ "samples.json.gz": gzipSync(other, { level: 1 }) });
        const outcome = ((): string => {
          try {
            return readRunArtifact(files).profile.observations.length >= 0 ? "read" : "nothing";
          } catch (error) {
            return error instanceof SquallError ? error.code : String(error);
          }
        })();
        expect(["read", "artifact-invalid"]).toContain(outcome);
      }),
      { numRuns: 300 },
    );
  });
});
