/** What explains a verdict, as result.json holds it: detection, signals, localisation, diagnosis, recovery policies. */
import { z } from "zod";
import { DETECTOR_NAMES, type DetectorResult, MOST_ALARMS } from "../../core/detect/result.ts";
import type { DiagnosisResult, TriedRemedy } from "../../core/diagnosis/result.ts";
import type { LocalisationResult } from "../../core/localise/result.ts";
import { METRIC_UNITS } from "../../core/metric-unit.ts";
import type { PolicyResult } from "../../core/recovery-policy/result.ts";
import { METRIC_WORDS } from "../../core/report/words.ts";
import type { SignalResult } from "../../core/signals/result.ts";
import type { Metric } from "../../core/verdict.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { count, interval, list, measuredOrNull, ms, number, share, text } from "./primitives.ts";
import { policyActionSchema, remedySchema } from "./remedy-schema.ts";

const delay = ms.nullable().describe("ms from the fault's start, median; null: never");

export const detectorResultSchema = z
  .strictObject({
    detector: z.enum(DETECTOR_NAMES),
    form: text,
    fellBack: text.optional().describe("why another form than the one asked for was used"),
    calmMs: ms,
    falseAlarms: count,
    alarms: list(z.strictObject({ atMs: ms, isFalse: z.boolean() }), MOST_ALARMS)
      .optional()
      .describe("when each alarm began; false: in calm"),
    scenarios: list(
      z.strictObject({ scenario: text, windows: count, found: count, medianDelayMs: delay }),
      1000,
    ),
  })
  .transform((value): DetectorResult => withoutUndefined(value))
  .meta({ id: "detector" });

export const signalResultSchema = z
  .strictObject({
    signal: text,
    description: text,
    samples: count.describe("looks that could be read"),
    untold: text.optional().describe("why it cannot be told when it showed; absent: it can"),
    falselyShown: count.describe("times it showed in calm traffic"),
    calmMs: ms,
    scenarios: list(
      z.strictObject({
        scenario: text,
        windows: count,
        shown: count.describe("windows in which it showed"),
        medianDelayMs: delay,
        harmedShare: share.describe("of requests that failed or were late"),
      }),
      1000,
    ),
  })
  .transform((value): SignalResult => withoutUndefined(value))
  .meta({ id: "signal" });

export const localisationSchema = z
  .strictObject({
    scenario: text,
    truth: list(text, 100).describe("where the faults were injected"),
    suspects: list(
      z.strictObject({
        place: text,
        type: z.enum(["edge", "process"]),
        score: number,
        reasons: list(text, 100),
      }),
      1000,
    ).describe("most suspect first"),
    right: z.boolean(),
    propagation: list(
      z.strictObject({
        kind: z.enum(["retry-storm", "queueing", "propagation"]),
        from: text,
        to: text,
        text,
      }),
      1000,
    ),
  })
  .meta({ id: "localisation" }) satisfies z.ZodType<LocalisationResult>;

const triedRemedy = z
  .strictObject({
    remedy: remedySchema,
    description: text,
    outcome: z.enum(["restored", "helped", "no-effect", "worse", "not-tried"]),
    value: measuredOrNull,
    interval: interval.describe("95 % interval of with minus without"),
    restoredShare: number.nullable().describe("of the way back to the steady state"),
    reason: text,
  })
  .meta({ id: "triedRemedy" }) satisfies z.ZodType<TriedRemedy>;

export const diagnosisSchema = z
  .strictObject({
    scenario: text,
    metric: z.enum(Object.keys(METRIC_WORDS) as [Metric, ...Metric[]]),
    unit: z.enum(METRIC_UNITS),
    edge: text.optional(),
    without: measuredOrNull.describe("under the fault, without a remedy"),
    steady: measuredOrNull,
    tried: list(triedRemedy, 1000),
    best: triedRemedy.nullable(),
  })
  .transform((value): DiagnosisResult => withoutUndefined(value))
  .meta({ id: "diagnosis" });

export const policyResultSchema = z
  .strictObject({
    scenario: text,
    policy: z.enum(["rules", "learned"]),
    recoveryMs: ms.nullable(),
    withoutMs: ms.nullable().describe("the same, doing nothing"),
    watchedMs: ms,
    actions: list(policyActionSchema, 1000),
  })
  .meta({ id: "recoveryPolicy" }) satisfies z.ZodType<PolicyResult>;
