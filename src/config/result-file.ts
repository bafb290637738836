/** result.json: the published schema, and the door for results that others may have written. */
import { z } from "zod";
import type { FrontierResult } from "../core/frontier/result.ts";
import { CLASS_ORDER } from "../core/judge/finding-classes.ts";
import { METRIC_UNITS } from "../core/metric-unit.ts";
import { METRIC_WORDS } from "../core/report/words.ts";
import type {
  Comparison,
  Finding,
  HypothesisResult,
  MeasuredScenario,
  Metric,
  Result,
  Verdict,
} from "../core/verdict.ts";
import { checkShape, checkVersion, parseJson, type StoredFile } from "./stored/envelope.ts";
import {
  detectorResultSchema,
  diagnosisSchema,
  localisationSchema,
  policyResultSchema,
  signalResultSchema,
} from "./stored/explanation-schema.ts";
import { gateSchema } from "./stored/gate-schema.ts";
import { jobResultSchema } from "./stored/job-schema.ts";
import { count, interval, list, measured, measuredOrNull, number, text } from "./stored/primitives.ts";
import { fingerprintSchema, provenanceSchema, scenarioSchema } from "./stored/scenario-schema.ts";
import { timelineSchema } from "./stored/timeline-schema.ts";
import { withoutUndefined } from "./without-undefined.ts";

const metric = z.enum(Object.keys(METRIC_WORDS) as [Metric, ...Metric[]]);
const unit = z.enum(METRIC_UNITS);

const comparison = z
  .strictObject({
    scenario: text,
    metric,
    unit: unit.describe("ms; share 0..1; ratio of counts; count; bytes; bytes/s"),
    edge: text.optional().describe("the dependency, for calls per request"),
    moreIsBetter: z.literal(true).optional().describe("a loss is worse; absent: a gain is"),
    primary: z.boolean().describe("must be bounded for a pass"),
    method: z.enum(["twin", "stored", "none"]),
    label: z.enum(["ok", "regressed", "improved", "unbounded", "refused", "advisory"]),
    refused: z
      .enum(["n", "neff", "cliff", "censored", "advisory", "no-baseline", "not-measured"])
      .optional()
      .describe("why it was not judged"),
    base: measuredOrNull,
    head: measuredOrNull,
    change: measuredOrNull.describe("head minus base, after standardisation"),
    interval: interval.describe("95 % interval of the change"),
    margin: measuredOrNull.describe("what was allowed"),
    smallestVisible: measuredOrNull.describe("smallest change this run could have seen with 80 % power"),
    p: number.nullable().describe("one-sided, of: the change exceeds the margin"),
    n: count,
    details: z.record(z.string().max(256), number),
  })
  .transform((value): Comparison => withoutUndefined(value))
  .meta({ id: "comparison" });

const hypothesis = z.strictObject({
  scenario: text,
  text,
  holds: z.enum(["yes", "no", "unclear"]),
  observed: measuredOrNull,
  interval,
  unit,
}) satisfies z.ZodType<HypothesisResult>;

const finding = z
  .strictObject({
    kind: z.enum([
      "regression",
      "hypothesis",
      "invalid-window",
      "machine",
      "fault-missed",
      "not-settled",
      "cache",
      "attribution",
      "death",
      "health-lies",
      "buffering",
      "new-scenario",
      "missing-scenario",
      "improvement",
      "widest",
      "weakened-gate",
      "stale-baseline",
      "outlier-run",
      "unnoticed",
    ]),
    severity: z.enum(["block", "warn", "note"]).describe("only block makes the verdict"),
    scenario: text.nullable(),
    metric: metric.nullable(),
    edge: text.nullable(),
    title: text,
    detail: list(text, 1000),
    class: z
      .enum(CLASS_ORDER)
      .optional()
      .describe("kind of harm, most severe first; gate: none of the service's"),
    impact: number
      .min(0)
      .optional()
      .describe(
        "how much of it a user meets: share of requests; latency: relative slowdown times the share that is slower; recovery: s; amplification: share of calls that are more",
      ),
  })
  .transform((value): Finding => withoutUndefined(value))
  .meta({ id: "finding" });

const verdictWord = z.enum(["pass", "regressed", "inconclusive", "invalid", "no-baseline"]);

const verdict = z.strictObject({
  word: verdictWord,
  headline: text,
  findings: list(finding, 10_000),
  comparisons: list(comparison, 50_000),
  hypotheses: list(hypothesis, 10_000),
  worstScenario: text.nullable(),
  widest: comparison.nullable(),
}) satisfies z.ZodType<Verdict>;

const measuredScenario = z
  .strictObject({
    scenario: text,
    requests: count.describe("scored: in valid windows, after their guard"),
    errorRate: measuredOrNull.describe("share 0..1"),
    goodput: measuredOrNull.describe("share answered well, and within workload.slo"),
    degradedRate: measuredOrNull.describe("share answered by a fallback"),
    driftRate: measuredOrNull.describe("share of good answers that differ from the calm answer"),
    p50Ms: measuredOrNull.describe("a failed request is slower than any: Infinity"),
    p95Ms: measuredOrNull,
    ttft50Ms: measuredOrNull.describe("time to first content"),
    recovery: z
      .strictObject({ kills: count, medianMs: measured.describe("Infinity: not recovered while watched") })
      .nullable(),
    calls: list(
      z.strictObject({
        edge: text,
        perRequest: number.describe("calls at the dependency for each client request"),
        perHitRequest: number.nullable().describe("the same, of requests the fault struck"),
        timesCalm: number.nullable().describe("perRequest over that of calm traffic"),
        most: count
          .nullable()
          .describe("most calls that a single client request made, where they can be told apart"),
      }),
      1000,
    ),
    paths: list(
      z.strictObject({
        path: z.enum(["health", "ready"]),
        looks: count,
        ok: count.describe("looks that were answered 2xx"),
        falselyOk: count.describe("of these, at a moment when most requests failed"),
      }),
      2,
    ),
    aborts: z
      .strictObject({ aborted: count, openAfter1s: count.describe("dependency calls still open") })
      .nullable(),
    deaths: count.describe("processes that died without our doing"),
    service: z
      .strictObject({ peakCpuCores: number.nullable(), peakMemoryBytes: number })
      .nullable()
      .describe("of its busiest replica"),
  })
  .meta({ id: "measured" }) satisfies z.ZodType<MeasuredScenario>;

const frontier = z
  .strictObject({
    name: text,
    description: text,
    parameter: text.describe("of the fault, as the suite writes it"),
    unit,
    from: number.describe("harmless end of the range that was searched"),
    to: number,
    expect: list(text, 20).describe("what still holds there"),
    head: z.strictObject({
      tolerated: number,
      interval: z.tuple([number, number]).describe("95 % interval of where the service gives way"),
      reach: z.enum(["none", "between", "all"]).describe("how far into the range it holds"),
      windows: count,
    }),
  })
  .meta({ id: "frontier" }) satisfies z.ZodType<FrontierResult>;

/** result.json. */
export const resultSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    suite: text,
    suiteHash: text,
    seed: number,
    verdict,
    scenarios: list(scenarioSchema, 1000),
    measured: list(measuredScenario, 1000).describe("what the head showed under each scenario"),
    frontiers: list(frontier, 200).optional().describe("how much of a fault the head tolerates"),
    head: z.strictObject({
      provenance: provenanceSchema,
      fingerprint: fingerprintSchema,
      observations: count,
      probeMs: number,
      measuringMs: number,
    }),
    baseline: z
      .strictObject({ runs: count, newest: provenanceSchema, fingerprint: fingerprintSchema })
      .nullable(),
    trend: z
      .strictObject({
        runs: list(
          z
            .strictObject({ commit: text.optional(), startedAt: text, calmMs: number.nullable() })
            .transform((value) => withoutUndefined(value)),
          1000,
        ),
        changes: list(
          z.strictObject({
            run: count.describe("place of the first run after it"),
            scenario: text,
            figure: text,
            unit,
            from: number,
            to: number,
          }),
          1000,
        ),
      })
      .optional()
      .describe("the baseline's runs, oldest first, and what changed for good among them"),
    method: z.enum(["paired", "twin", "stored", "none"]),
    confirmation: z
      .strictObject({
        outcome: z.enum(["confirmed", "cleared", "unsettled"]),
        scenarios: list(text, 1000).describe("experiments that were measured in pairs"),
        stored: z.strictObject({ word: verdictWord, headline: text }),
        paired: z.strictObject({ word: verdictWord, headline: text }),
      })
      .optional()
      .describe("the stored baseline's verdict, tried again side by side with the reference"),
    jobs: list(jobResultSchema, 1000)
      .optional()
      .describe("what each scenario's runs of a training job showed; absent: a service was measured"),
    detection: list(detectorResultSchema, 100)
      .optional()
      .describe("what detectors saw; they explain, and never set the verdict"),
    signals: list(signalResultSchema, 100)
      .optional()
      .describe("which faults the service's own signals showed, and after how long"),
    localisation: list(localisationSchema, 1000).optional().describe("which edge or process deviated"),
    diagnoses: list(diagnosisSchema, 1000)
      .optional()
      .describe("which remedy restored the steady state, of experiments that failed"),
    recoveryPolicies: list(policyResultSchema, 1000)
      .optional()
      .describe("experiments under the suite's recovery policies"),
    timeline: timelineSchema.optional().describe("when what happened, of the windows under faults"),
    notes: list(text, 10_000),
    reproduce: text.describe("command that repeats the worst finding"),
    gate: gateSchema.optional().describe("absent: judged by hand, outside of a gate"),
  })
  .transform((value): Result => withoutUndefined(value));

const MAX_BYTES = 64 * 1024 * 1024;

/** @throws SquallError `result-invalid` with the file, every problem, and what to do */
export const parseResult = (json: string, options: { readonly file: string }): Result => {
  const file: StoredFile = {
    file: options.file,
    code: "result-invalid",
    what: "result",
    remedy: "Run `squall run` or `squall compare` again.",
  };
  const value = parseJson(json.length > MAX_BYTES ? "" : json, file);
  checkVersion(value, file, 1);
  return checkShape(resultSchema, value, file);
};

/** JSON Schema of result.json, draft 2020-12: what docs/schema/result.schema.json holds. */
export const resultJsonSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(resultSchema, { io: "input" }),
  title: "squall result",
  description: "What one run of squall concluded, and from what: result.json.",
});
