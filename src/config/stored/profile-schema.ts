/** A profile as it is stored: everything but the observations row by row, those by column (columns.ts). */
import { z } from "zod";
import type { KillSignal } from "../../core/fault.ts";
import {
  type AbortRecord,
  type EdgeSecond,
  ERROR_CLASSES,
  type ProcessSample,
  type Profile,
  type WindowRecord,
} from "../../core/profile.ts";
import { type WithoutUndefined, withoutUndefined } from "../without-undefined.ts";
import { MAX_OBSERVATIONS } from "./columns.ts";
import { exhibitSchema } from "./exhibit-schema.ts";
import { frontierSchema } from "./frontier-schema.ts";
import { jobRunSchema } from "./job-schema.ts";
import { count, list, ms, number, share, text } from "./primitives.ts";
import { policyRunSchema, signalRecordSchema, trialSchema } from "./remedy-schema.ts";
import { fingerprintSchema, provenanceSchema, scenarioSchema } from "./scenario-schema.ts";

const SIGNALS = [
  "SIGKILL",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGABRT",
  "SIGSEGV",
  "SIGUSR1",
  "SIGUSR2",
] as const satisfies readonly KillSignal[];

const window = z
  .strictObject({
    scenario: text,
    round: z.int(),
    phase: z.enum(["load", "settle", "recovery"]),
    startMs: ms,
    durationMs: ms,
    guardMs: ms,
    planned: count,
    lagP99Ms: ms,
    achievedRate: share,
    eventLoopP99Ms: ms,
    receipts: list(z.strictObject({ faultId: text, edge: text, seen: count, affected: count }), 1000),
    invalid: text.optional(),
  })
  .transform((value): WindowRecord => withoutUndefined(value));

const processSample = z
  .strictObject({
    name: text,
    atMs: ms,
    cpu: number,
    memoryBytes: number,
    cpuLimit: number.optional(),
    memoryLimitBytes: number.optional(),
    // Only runtimes that can tell; older files have neither.
    receivedBytesPerSecond: number.optional(),
    sentBytesPerSecond: number.optional(),
  })
  .transform((value): ProcessSample => withoutUndefined(value));

const edgeSecond = z
  .strictObject({
    edge: text,
    second: z.int(),
    calls: count,
    errors: count,
    meanMs: ms,
    p95Ms: ms,
    // Older files have none of these.
    errorsByClass: z
      .partialRecord(z.enum(ERROR_CLASSES), count)
      .optional()
      .transform((value) => (value === undefined ? undefined : withoutUndefined(value))),
    inFlight: count.optional(),
    retries: count.optional(),
    firstByteMs: ms.nullable().optional(),
    longestGapMs: ms.nullable().optional(),
    meanGapMs: ms.nullable().optional(),
    upstreamMs: ms.nullable().optional(),
    upstreamCalls: count.optional(),
    answerBytes: number.optional(),
    sinceRequestMs: ms.nullable().optional(),
    connections: count.optional(),
  })
  .transform((value): EdgeSecond => withoutUndefined(value));

const abortRecord = z
  .strictObject({
    window: z.int().min(-1),
    aborted: count,
    openAfter1s: count,
    // Older files do not have it.
    finished: count.optional(),
    drainedMs: ms.nullable(),
  })
  .transform((value): AbortRecord => withoutUndefined(value));

const columns = z.strictObject({
  count: count.max(MAX_OBSERVATIONS),
  requestIds: list(text, 100_000),
  answerHashes: list(text, MAX_OBSERVATIONS),
  // Checked by fromColumns in one pass: a schema call for each of a million numbers is slow.
  columns: z.record(text, z.custom<readonly (number | null)[]>(Array.isArray)),
});

export const storedProfileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  suite: text,
  suiteHash: text,
  // Runs stored before there was one are of no known frame.
  frameHash: text.default(""),
  scheduleHash: text,
  seed: number,
  fingerprint: fingerprintSchema,
  provenance: provenanceSchema,
  probeMs: ms,
  deadlines: z.strictObject({
    connectMs: ms,
    headersMs: ms,
    firstContentMs: ms,
    silenceMs: ms,
    totalMs: ms,
  }),
  sloMs: ms,
  scenarios: list(scenarioSchema, 1000),
  windows: list(window, 100_000),
  observations: columns,
  recoveries: list(
    z.strictObject({
      scenario: text,
      round: z.int(),
      signal: z.enum(SIGNALS),
      replica: z.int(),
      recoveryMs: ms.nullable(),
      watchedMs: ms,
    }),
    100_000,
  ),
  edgeCalls: list(
    z.strictObject({
      window: z.int().min(-1),
      edge: text,
      calls: count,
      hitCalls: count,
      clientRequests: count,
      hitRequests: count,
      maxCalls: count,
    }),
    1_000_000,
  ),
  edgeSeconds: list(edgeSecond, 1_000_000),
  health: list(
    z.strictObject({
      window: z.int().min(-1),
      path: z.enum(["health", "ready"]),
      atMs: ms,
      status: z.int().min(0).max(999),
    }),
    1_000_000,
  ),
  processes: list(processSample, 1_000_000),
  deaths: list(
    z.strictObject({
      name: text,
      atMs: ms,
      window: z.int().min(-1),
      exitCode: z.int().nullable(),
      signal: text.nullable(),
      injected: z.boolean(),
    }),
    100_000,
  ),
  aborts: list(abortRecord, 100_000),
  attribution: list(
    z.strictObject({
      edge: text,
      calls: count,
      byHeader: count,
      byTrace: count,
      byFingerprint: count,
      byText: count,
      none: count,
    }),
    1000,
  ),
  frontiers: list(frontierSchema, 200).optional(),
  signals: list(signalRecordSchema, 100).optional(),
  trials: list(trialSchema, 10_000).optional(),
  policyRuns: list(policyRunSchema, 10_000).optional(),
  jobRuns: list(jobRunSchema, 10_000).optional(),
  exhibits: list(exhibitSchema, 1000).optional(),
  measuringMs: ms,
  notes: list(text, 10_000),
});

export type StoredProfile = z.input<typeof storedProfileSchema>;

type Restored = WithoutUndefined<Omit<z.output<typeof storedProfileSchema>, "observations">>;

/** Fails to compile where the schema and core's Profile part ways. */
type Fits =
  Restored extends Omit<Profile, "observations">
    ? Exclude<keyof Profile, keyof z.output<typeof storedProfileSchema>> extends never
      ? true
      : never
    : never;
export const profileSchemaFitsCore: Fits = true;
