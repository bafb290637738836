/** Remedies, their trials, recovery policies and signals as a profile stores them. */
import { z } from "zod";
import type { PolicyAction, PolicyRun, Symptoms } from "../../core/recovery-policy/rule.ts";
import {
  EDGE_REMEDY_KINDS,
  type Remedy,
  type RemedyReceipt,
  RUNTIME_REMEDY_KINDS,
} from "../../core/remedy/remedy.ts";
import type { RemedyTrial, TrialFigures } from "../../core/remedy/trial.ts";
import type { Signal, SignalRecord } from "../../core/signals/signal.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { count, list, ms, number, share, text } from "./primitives.ts";

const on = text;
const positive = z.number().positive();

export const remedySchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("retry"), on, attempts: count, backoffMs: share }),
  z.strictObject({ kind: z.literal("deadline"), on, afterMs: positive }),
  z.strictObject({ kind: z.literal("hedge"), on, afterMs: positive }),
  z.strictObject({ kind: z.literal("retry-after-cap"), on, mostMs: share }),
  z.strictObject({ kind: z.literal("circuit-breaker"), on, failures: count, openMs: positive }),
  z.strictObject({ kind: z.literal("cache"), on, forMs: positive, entries: count }),
  z.strictObject({ kind: z.literal("more-cpu"), on, times: positive }),
  z.strictObject({ kind: z.literal("more-memory"), on, times: positive }),
  z.strictObject({ kind: z.literal("replica"), on }),
  z.strictObject({ kind: z.literal("restart"), on }),
]) satisfies z.ZodType<Remedy>;

const receipt = z.strictObject({
  on: text,
  kind: z.enum([...EDGE_REMEDY_KINDS, ...RUNTIME_REMEDY_KINDS]),
  seen: count,
  acted: count,
}) satisfies z.ZodType<RemedyReceipt>;

const quantileInterval = z.tuple([ms, ms.nullable()]).readonly().nullable();

const figures = z
  .strictObject({
    requests: count,
    hits: count,
    errors: count,
    hitErrors: count,
    degraded: count,
    incomplete: count,
    wrong: count,
    // Older files do not have it.
    drifted: count.optional(),
    late: count,
    p50Ms: ms.nullable(),
    p95Ms: ms.nullable(),
    hit50Ms: ms.nullable(),
    p50IntervalMs: quantileInterval,
    p95IntervalMs: quantileInterval,
    hit50IntervalMs: quantileInterval,
    calls: list(z.strictObject({ edge: text, calls: count }), 1000),
    recoveryMs: ms.nullable(),
  })
  .refine(
    ({ requests, hits, errors, hitErrors, degraded, incomplete, wrong, late, drifted = 0 }) =>
      hits <= requests &&
      hitErrors <= Math.min(hits, errors) &&
      [errors, degraded, incomplete, wrong, late, drifted].every((counted) => counted <= requests),
    "more of something than there were requests",
  )
  .transform((value): TrialFigures => withoutUndefined(value));

export const trialSchema = z
  .strictObject({
    scenario: text,
    phase: z.enum(["calm", "fault"]),
    remedy: remedySchema.nullable(),
    startMs: ms,
    durationMs: ms,
    figures,
    receipt: receipt.nullable(),
    invalid: text.optional(),
  })
  .transform((value): RemedyTrial => withoutUndefined(value));

const signal = z.strictObject({
  name: text,
  source: z.discriminatedUnion("type", [
    z
      .strictObject({
        type: z.literal("path"),
        path: text,
        watchedAs: list(z.enum(["health", "ready"]), 2).optional(),
      })
      .transform((value) => withoutUndefined(value)),
    z
      .strictObject({
        type: z.literal("metric"),
        path: text,
        metric: text,
        labels: z.record(text, text),
        counter: z.boolean(),
        above: number.optional(),
        below: number.optional(),
      })
      .transform((value) => withoutUndefined(value)),
    z.strictObject({ type: z.literal("log"), pattern: text }),
  ]),
}) satisfies z.ZodType<Signal>;

export const signalRecordSchema = z.strictObject({
  signal,
  samples: list(z.strictObject({ atMs: ms, value: number.nullable() }), 1_000_000),
}) satisfies z.ZodType<SignalRecord>;

const placeSymptoms = {
  cpu: number.nullable(),
  memory: number.nullable(),
  errorRate: share.nullable(),
  p95Ms: ms.nullable(),
  inFlight: share.nullable(),
};

const symptoms = z
  .strictObject({ ...placeSymptoms, of: z.record(text, z.strictObject(placeSymptoms)).optional() })
  .transform((value): Symptoms => withoutUndefined(value));

export const policyActionSchema = z
  .strictObject({
    atMs: ms,
    remedy: remedySchema,
    because: text,
    undoneMs: ms.optional(),
    failed: text.optional(),
  })
  .transform((value): PolicyAction => withoutUndefined(value));

export const policyRunSchema = z
  .strictObject({
    scenario: text,
    policy: z.enum(["none", "rules", "learned"]),
    startMs: ms,
    durationMs: ms,
    recoveryMs: ms.nullable(),
    actions: list(policyActionSchema, 1000),
    symptoms: list(symptoms, 10_000),
    requests: count,
    errors: count,
    invalid: text.optional(),
  })
  .transform((value): PolicyRun => withoutUndefined(value));
