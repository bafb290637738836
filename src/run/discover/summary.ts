/** What was watched, summed up. Pure. */
import type { Observed, ObservedProcess } from "../../config/discover/observed.ts";
import type { Observation } from "../../core/observation.ts";
import { isFailure } from "../../core/outcome.ts";
import type { ProcessSample } from "../../core/profile.ts";
import type { Suite } from "../../core/suite.ts";
import type { CalmEdge } from "./edges.ts";
import { quantile } from "./edges.ts";

/** Length of the calm window. */
export const CALM_MS = 4000;
/** Content events beyond which an answer is a stream. */
const STREAM_CHUNKS = 2;

export const shareOf = (observations: readonly Observation[], is: (each: Observation) => boolean): number =>
  observations.filter(is).length / Math.max(1, observations.length);

export const isDegraded = ({ outcome }: Observation): boolean => outcome === "degraded";

export const processesOf = (samples: readonly ProcessSample[]): ObservedProcess[] =>
  [...Map.groupBy(samples, ({ name }) => name)].map(([name, mine]) => ({
    name,
    cpu: mine.reduce((sum, { cpu }) => sum + cpu, 0) / mine.length,
    memoryBytes: Math.max(...mine.map(({ memoryBytes }) => memoryBytes)),
  }));

/** Fallbacks in calm traffic from which on the probes are coloured by them. */
const MANY_FALLBACKS = 0.05;

const notesOf = (
  suite: Suite,
  observations: readonly Observation[],
  edges: readonly CalmEdge[],
  ended: string | null,
): string[] => [
  ...(shareOf(observations, isDegraded) > MANY_FALLBACKS
    ? [
        "Fallbacks came in calm traffic already: the service is short of something at this rate, and the probes saw that too. Lower workload.rate, or take a quieter machine.",
      ]
    : []),
  ...edges
    .filter(({ attributable, protocol }) => !attributable && protocol === "http")
    .map(
      ({ edge }) => `Which request made which call could not be told on ${edge}: its figures are estimates.`,
    ),
  ...(ended === null ? [] : [`The probes ended early: ${ended}.`]),
  ...(suite.workload.degraded === undefined
    ? [
        "The suite does not say how a fallback is told (workload.degraded): fallback answers count as good ones, or as wrong ones where a request expects more.",
      ]
    : []),
];

export const observedOf = (
  suite: Suite,
  observations: readonly Observation[],
  seen: Pick<Observed, "edges" | "processes" | "logs"> & { readonly ended: string | null },
): Observed => {
  const took = observations.map(({ latencyMs }) => latencyMs);
  const { edges, processes, logs, ended } = seen;
  return {
    requests: observations.length,
    seconds: CALM_MS / 1000,
    failed: observations.filter(({ outcome }) => isFailure(outcome)).length,
    degraded: observations.filter(isDegraded).length,
    p50Ms: quantile(took, 0.5),
    p95Ms: quantile(took, 0.95),
    clientStreams: shareOf(observations, ({ chunks }) => chunks > STREAM_CHUNKS) >= 0.5,
    edges,
    unreached: suite.dependencies
      .map(({ name }) => name)
      .filter((name) => edges.every(({ edge }) => edge !== name)),
    processes,
    logs,
    notes: notesOf(suite, observations, edges, ended),
  };
};
