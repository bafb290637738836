/**
 * Baselines (`<suite>.squall-baseline.gz`) and a run's samples (`samples.json.gz`): gzip JSON, observations by column.
 * Both are read as hostile input: a pull request from a fork may have written them.
 */

import { z } from "zod";
import { SquallError } from "../core/errors.ts";
import type { Baseline, Profile } from "../core/profile.ts";
import { ColumnsError, fromColumns, toColumns } from "./stored/columns.ts";
import { brokenFile, checkShape, checkVersion, pack, type StoredFile, unpack } from "./stored/envelope.ts";
import { list, text } from "./stored/primitives.ts";
import { type StoredProfile, storedProfileSchema } from "./stored/profile-schema.ts";
import { fingerprintSchema, provenanceSchema } from "./stored/scenario-schema.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** More runs than any policy pools. */
const MAX_PROFILES = 64;

/** suite, fingerprint and provenance of the newest run stand in front, readable without the rest. */
export const baselineFileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal("squall-baseline"),
  tool: text,
  suite: text,
  fingerprint: fingerprintSchema,
  provenance: provenanceSchema,
  profiles: list(storedProfileSchema, MAX_PROFILES).min(1),
});

export const samplesFileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal("squall-samples"),
  profile: storedProfileSchema,
});

const baselineFile = (file: string): StoredFile => ({
  file,
  code: "baseline-invalid",
  what: "baseline",
  remedy: "Delete it and measure the default branch again with `squall baseline`.",
});

const samplesFile = (file: string): StoredFile => ({
  file,
  code: "result-invalid",
  what: "samples",
  remedy: "Measure again with `squall run`.",
});

type OptionalList = "frontiers" | "signals" | "trials" | "policyRuns" | "jobRuns" | "exhibits";

/** Lists as the schema types them; those that are absent stay so. */
const optionalLists = ({
  frontiers,
  signals,
  trials,
  policyRuns,
  jobRuns,
  exhibits,
}: Profile): Pick<StoredProfile, OptionalList> =>
  withoutUndefined({ frontiers, signals, trials, policyRuns, jobRuns, exhibits }) as unknown as Pick<
    StoredProfile,
    OptionalList
  >;

const storable = (whole: Profile): StoredProfile => {
  const {
    frontiers: _,
    signals: __,
    trials: ___,
    policyRuns: ____,
    jobRuns: _____,
    exhibits: ______,
    ...profile
  } = whole;
  return {
    ...profile,
    ...optionalLists(whole),
    scenarios: profile.scenarios as unknown as StoredProfile["scenarios"],
    windows: profile.windows as StoredProfile["windows"],
    recoveries: [...profile.recoveries],
    edgeCalls: [...profile.edgeCalls],
    edgeSeconds: [...profile.edgeSeconds],
    health: [...profile.health],
    processes: [...profile.processes],
    deaths: [...profile.deaths],
    aborts: [...profile.aborts],
    attribution: [...profile.attribution],
    notes: [...profile.notes],
    observations: toColumns(profile.observations) as StoredProfile["observations"],
  };
};

const restored = (stored: z.output<typeof storedProfileSchema>, file: StoredFile): Profile => {
  try {
    const observations = fromColumns(stored.observations, stored.windows.length);
    return { ...withoutUndefined(stored), observations };
  } catch (error) {
    if (error instanceof ColumnsError) throw brokenFile(file, error.message, error);
    throw error;
  }
};

const notStorable = (detail: readonly string[]): SquallError =>
  new SquallError("internal", "the run's profile can not be stored", {
    detail,
    remedy: "Report this as a bug of squall.",
  });

/** Nothing is written that could not be read back: a NaN would otherwise come to light a month later. */
const checked = (profile: Profile): StoredProfile => {
  const stored = storable(profile);
  const parsed = storedProfileSchema.safeParse(stored);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 10);
    throw notStorable(issues.map((issue) => `${z.core.toDotPath(issue.path)}: ${issue.message}`));
  }
  try {
    fromColumns(parsed.data.observations, profile.windows.length);
  } catch (error) {
    throw error instanceof ColumnsError ? notStorable([error.message]) : error;
  }
  return stored;
};

/**
 * @throws SquallError `internal` where the profile holds what can not be stored (a NaN)
 */
export const encodeProfile = (profile: Profile): Buffer =>
  pack({ schemaVersion: 1, kind: "squall-samples", profile: checked(profile) });

/** @throws SquallError `result-invalid` with the file, what is wrong with it, and what to do */
export const decodeProfile = (buffer: Buffer, options: { readonly file: string }): Profile => {
  const file = samplesFile(options.file);
  const value = unpack(buffer, file);
  checkVersion(value, file, 1);
  return restored(checkShape(samplesFileSchema, value, file).profile, file);
};

/**
 * @throws SquallError `internal` where a profile holds what can not be stored, or where there is none
 */
export const encodeBaseline = (baseline: Baseline): Buffer => {
  const newest = baseline.profiles.at(-1);
  if (newest === undefined) throw new SquallError("internal", "a baseline without runs can not be stored");
  return pack({
    schemaVersion: 1,
    kind: "squall-baseline",
    tool: newest.provenance.tool,
    suite: baseline.suite,
    fingerprint: newest.fingerprint,
    provenance: newest.provenance,
    profiles: baseline.profiles.map(checked),
  });
};

/** @throws SquallError `baseline-invalid` with the file, what is wrong with it, and what to do */
export const decodeBaseline = (buffer: Buffer, options: { readonly file: string }): Baseline => {
  const file = baselineFile(options.file);
  const value = unpack(buffer, file);
  checkVersion(value, file, 1);
  const stored = checkShape(baselineFileSchema, value, file);
  const stranger = stored.profiles.find((profile) => profile.suite !== stored.suite);
  if (stranger !== undefined) {
    throw brokenFile(file, `it says suite ${stored.suite}, but holds a run of ${stranger.suite}`);
  }
  return {
    schemaVersion: 1,
    suite: stored.suite,
    profiles: stored.profiles.map((profile) => restored(profile, file)),
  };
};

/**
 * A profile as it will be read back (times to 0.01 ms). Judge this one, not the raw measurement: then the verdict of
 * today and the verdict from the stored file are the same words.
 */
export const asStored = (profile: Profile): Profile => ({
  ...profile,
  observations: fromColumns(toColumns(profile.observations), profile.windows.length),
});
