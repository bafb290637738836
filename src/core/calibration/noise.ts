/** What a machine and a service do by themselves, read from calm traffic: drift, stalls, and how much requests of one moment share. */
import { cleanRun } from "../judge/clean.ts";
import type { ScoredRow } from "../judge/context.ts";
import type { Profile } from "../profile.ts";
import { medianOf } from "../statistics/quantile.ts";
import type { Policy } from "../suite.ts";

export interface Noise {
  /** Median calm latency of each run, ms. */
  readonly controlMs: readonly number[];
  /** Slowest over fastest of these: how much the machine changed between runs. */
  readonly betweenRuns: number;
  /** Largest change of calm latency within a run, relative, from its first third to its last. */
  readonly driftWithinRun: number;
  /** Moments at which calm answers took long for no reason of their own, a minute of calm traffic. */
  readonly stallsPerMinute: number;
}

/** Of a request's own median, and at least so much. */
const STALL_TIMES = 3;
const STALL_LEAST_MS = 50;
/** Late answers closer together than this are one stall. */
const ONE_STALL_MS = 500;

interface Calm {
  readonly atMs: number;
  readonly latencyMs: number;
  /** Over the median of the same request. */
  readonly ratio: number;
}

const calmOf = (profile: Profile, run: number, policy: Policy): readonly Calm[] => {
  const sample = cleanRun(profile, run, { policy, sloMs: profile.sloMs }).samples.get("control");
  const rows = (sample?.rows ?? []).filter(({ failed }) => !failed);
  const byId = Map.groupBy(rows, ({ observation }) => observation.requestId);
  const medians = new Map(
    [...byId].map(([id, own]) => [id, medianOf(own.map(({ latencyMs }) => latencyMs)) ?? 0]),
  );
  const atMs = ({ observation }: ScoredRow): number =>
    (profile.windows[observation.window]?.startMs ?? 0) + observation.scheduledMs;
  return rows
    .map((row) => ({
      atMs: atMs(row),
      latencyMs: row.latencyMs,
      ratio: row.latencyMs / Math.max(0.01, medians.get(row.observation.requestId) ?? 0),
    }))
    .sort((a, b) => a.atMs - b.atMs);
};

const driftOf = (calm: readonly Calm[]): number => {
  const third = Math.floor(calm.length / 3);
  const ratios = (part: readonly Calm[]): number => medianOf(part.map(({ ratio }) => ratio)) ?? 1;
  return third < 5 ? 0 : Math.abs(ratios(calm.slice(-third)) / ratios(calm.slice(0, third)) - 1);
};

const stallsIn = (calm: readonly Calm[]): number => {
  let stalls = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { atMs, latencyMs, ratio } of calm) {
    if (ratio < STALL_TIMES || latencyMs * (1 - 1 / ratio) < STALL_LEAST_MS) continue;
    if (atMs - lastMs > ONE_STALL_MS) stalls += 1;
    lastMs = atMs;
  }
  return stalls;
};

const calmMinutes = ({ windows }: Profile): number =>
  windows
    .filter(({ scenario, phase }) => scenario === "control" && phase === "load")
    .reduce((sum, { durationMs }) => sum + durationMs, 0) / 60_000;

export const noiseOf = (profiles: readonly Profile[], policy: Policy): Noise => {
  const calm = profiles.map((profile, run) => calmOf(profile, run, policy));
  const controlMs = calm.map((rows) => medianOf(rows.map(({ latencyMs }) => latencyMs)) ?? 0);
  const minutes = profiles.reduce((sum, profile) => sum + calmMinutes(profile), 0);
  const stalls = calm.reduce((sum, rows) => sum + stallsIn(rows), 0);
  return {
    controlMs,
    betweenRuns: Math.max(...controlMs) / Math.max(0.01, Math.min(...controlMs)),
    driftWithinRun: Math.max(0, ...calm.map(driftOf)),
    stallsPerMinute: minutes === 0 ? 0 : stalls / minutes,
  };
};
