/** What processes used over time: the service's replicas, then its dependencies. */
import type { ProcessSample, Profile } from "../../../profile.ts";
import { inSegments, isDrawable } from "./thin.ts";

export interface UsagePoint {
  /** Seconds from the run's start. */
  readonly atS: number;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly segment: number;
}

export interface UsageLine {
  /** Of the process. */
  readonly name: string;
  /** By time. */
  readonly points: readonly UsagePoint[];
  readonly peakCores: number;
  readonly peakBytes: number;
}

export interface Usage {
  readonly lines: readonly UsageLine[];
  /** Processes for which there was no line. */
  readonly leftOut: number;
}

const MOST_LINES = 5;
/** Samples are taken once a second; one or two may be late. */
const GAP_S = 4;
/** A petabyte; more than any machine has of either. */
const MOST = 2 ** 50;

const sensible = (value: number): number => Math.min(MOST, Math.max(0, value));

const isService = (name: string): boolean => /^service(?:-\d{1,6})?$/.test(name);

const lineOf = (name: string, samples: readonly ProcessSample[]): UsageLine => {
  const points = samples
    .map(({ atMs, cpu, memoryBytes }) => ({
      atS: atMs / 1000,
      cores: sensible(cpu),
      memoryBytes: sensible(memoryBytes),
    }))
    .sort((a, b) => a.atS - b.atS);
  return {
    name,
    points: inSegments(points, ({ atS }) => atS, GAP_S),
    peakCores: points.reduce((most, { cores }) => Math.max(most, cores), 0),
    peakBytes: points.reduce((most, { memoryBytes }) => Math.max(most, memoryBytes), 0),
  };
};

/** At most five processes: the service first, then those that used most. */
export const usageOf = ({ processes }: Profile): Usage => {
  const drawable = processes.filter(({ atMs }) => isDrawable(atMs));
  const lines = [...Map.groupBy(drawable, ({ name }) => name)]
    .map(([name, samples]) => lineOf(name, samples))
    .sort(
      (a, b) =>
        Number(isService(b.name)) - Number(isService(a.name)) ||
        b.peakCores - a.peakCores ||
        b.peakBytes - a.peakBytes,
    );
  return { lines: lines.slice(0, MOST_LINES), leftOut: Math.max(0, lines.length - MOST_LINES) };
};
