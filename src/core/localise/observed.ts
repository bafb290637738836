/**
 * What somebody sees who did not inject the faults: series of edges and processes, deaths, what clients made of their answers, and when
 * something was on. Everything that localisation reads comes through here, so it cannot read what it should find: faults and their
 * descriptions, receipts, which requests were struck, and who killed a process are not in these types.
 */
import { isFailure, isUnscored } from "../outcome.ts";
import type { EdgeSecond, ProcessDeath, ProcessSample, Profile } from "../profile.ts";

/** ms from the run's start. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** One answer, as the client that asked for it saw it. */
export interface ClientAnswer {
  /** When it was asked for, ms from the run's start. */
  readonly atMs: number;
  readonly failed: boolean;
}

export type SeenDeath = Pick<ProcessDeath, "name" | "atMs" | "exitCode" | "signal">;

export interface Observed {
  readonly calm: readonly Span[];
  readonly experiments: readonly { readonly name: string; readonly spans: readonly Span[] }[];
  readonly edges: readonly EdgeSecond[];
  /** Each at the middle of the second that it tells of. */
  readonly processes: readonly ProcessSample[];
  readonly deaths: readonly SeenDeath[];
  readonly answers: readonly ClientAnswer[];
}

/** A sample tells of the second before it: its time is the middle of that. */
const HALF_AN_INTERVAL_MS = 500;

/** An address of one replica past the load balancer (`service@2`) is no edge of the system. */
const isEdge = ({ edge }: EdgeSecond): boolean => !edge.includes("@");

export const observe = (profile: Profile): Observed => {
  const calm = new Set(profile.scenarios.filter(({ shape }) => shape === "control").map(({ name }) => name));
  const loaded = profile.windows.filter(({ phase }) => phase === "load");
  const byScenario = Map.groupBy(loaded, ({ scenario }) => scenario);
  const spansOf = (scenario: string): Span[] =>
    (byScenario.get(scenario) ?? []).map(({ startMs, guardMs, durationMs }) => ({
      startMs: startMs + guardMs,
      endMs: startMs + durationMs,
    }));
  return {
    calm: [...calm].flatMap(spansOf),
    experiments: profile.scenarios
      .filter(({ name }) => !calm.has(name))
      .map(({ name }) => ({ name, spans: spansOf(name) })),
    edges: profile.edgeSeconds.filter(isEdge),
    processes: profile.processes.map((sample) => ({ ...sample, atMs: sample.atMs - HALF_AN_INTERVAL_MS })),
    deaths: profile.deaths.map(({ name, atMs, exitCode, signal }) => ({ name, atMs, exitCode, signal })),
    answers: profile.observations.flatMap(({ window, scheduledMs, outcome }) => {
      const record = profile.windows[window];
      if (record === undefined || isUnscored(outcome)) return [];
      return [{ atMs: record.startMs + scheduledMs, failed: isFailure(outcome) }];
    }),
  };
};
