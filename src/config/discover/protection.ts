/** How well an edge is protected, from what the probes counted. */
import type { ObservedEdge, ProbeCounts, ProbeQuestion } from "./observed.ts";

/** Shares 0..1; null: not known. */
export interface Protection {
  /** Single failures that the client did not notice as one. */
  readonly retried: number | null;
  /** Hanging calls of which the service made an end before the client did. */
  readonly bounded: number | null;
  /** Requests that were answered while the dependency was away altogether. */
  readonly fallback: number | null;
  /** What is missing of these, over those that are known; half where nothing is. */
  readonly missing: number;
}

/** Where nothing is known an edge is taken to be half protected: it neither leads the list nor ends it. */
export const UNKNOWN_MISSING = 0.5;

export const probeCounts = ({ probes }: ObservedEdge, question: ProbeQuestion): ProbeCounts | null => {
  const probe = probes.find((each) => each.question === question);
  return probe?.state === "answered" && probe.counts.struck > 0 ? probe.counts : null;
};

export const survivedShare = ({ ok, degraded, struck }: ProbeCounts): number =>
  Math.min(1, (ok + degraded) / struck);

const boundedShare = ({ timedOut, struck }: ProbeCounts): number => Math.max(0, 1 - timedOut / struck);

const shareOf = (counts: ProbeCounts | null, share: (counts: ProbeCounts) => number): number | null =>
  counts === null ? null : share(counts);

export const protectionOf = (edge: ObservedEdge): Protection => {
  const retried = shareOf(probeCounts(edge, "single-failure"), survivedShare);
  const bounded = shareOf(probeCounts(edge, "hang"), boundedShare);
  const fallback = shareOf(probeCounts(edge, "outage"), survivedShare);
  const known = [retried, bounded, fallback].filter((share) => share !== null);
  return {
    retried,
    bounded,
    fallback,
    missing:
      known.length === 0 ? UNKNOWN_MISSING : known.reduce((sum, share) => sum + 1 - share, 0) / known.length,
  };
};

/** What an edge is ranked by: how much traffic it carries, and how little protects it. 0..1 */
export const exposureOf = (edge: ObservedEdge): number => edge.requestShare * protectionOf(edge).missing;
