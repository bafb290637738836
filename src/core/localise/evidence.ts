/** One thing that speaks against a place, with its figures, and how the weights of several come together. */
import { formatMs, formatRatio, formatShare } from "../report/format.ts";
import { type Figure, SURE_Z } from "./figures.ts";

export type EvidenceKind =
  /** Calls failed there. */
  | "failures"
  /** Callers hung up before the answer was over. */
  | "abandoned"
  /** Answers, first bytes, or pieces of answers came later. */
  | "slower"
  | "faster"
  /** Answers have another size. */
  | "size"
  /** Callers ask again. */
  | "asked-again"
  /** Callers open new connections: those they had, or the calls on them, came to nothing. */
  | "reconnecting"
  /** Callers no longer come through. */
  | "missing"
  /** A process tells of itself: it died, stood still, met a limit. */
  | "process"
  /** The time between requests and dependencies, which only the service itself can have spent. */
  | "own-time"
  /** Answers that the service itself failed. */
  | "own-failures"
  /** What the edge adds to, or keeps from, what the service did. */
  | "edge-itself"
  /** What clients found in their answers, and nobody else. */
  | "client-view"
  /** Clients ask more, hold more connections, hang up. */
  | "load";

export interface Evidence {
  readonly kind: EvidenceKind;
  /** 0..1 */
  readonly strength: number;
  /** "errors 0 -> 21 % of calls" */
  readonly reason: string;
}

/** Independent pieces add up, never beyond 1. */
export const together = (evidence: readonly Evidence[]): number =>
  1 - evidence.reduce((left, { strength }) => left * (1 - Math.min(0.99, Math.max(0, strength) || 0)), 1);

export const scaled = (evidence: Evidence, factor: number): Evidence => ({
  ...evidence,
  strength: evidence.strength * factor,
});

/** A fifth of all calls weighs half. */
export const weightOfShare = (share: number): number => 1 - (1 - Math.min(1, Math.max(0, share))) ** 3;

/** Below this a share of calls is told of no one. */
const LEAST_SHARE = 0.01;

/** More of the calls than in calm traffic, beyond what others explain. */
export const moreOften = (
  kind: EvidenceKind,
  figure: Figure,
  words: string,
  explained = 0,
): readonly Evidence[] => {
  const more = figure.fault - figure.calm - Math.max(0, explained);
  if (figure.z < SURE_Z || more < LEAST_SHARE) return [];
  return [
    {
      kind,
      strength: weightOfShare(more),
      reason: `${words} ${formatShare(figure.calm)} -> ${formatShare(figure.fault)} of calls`,
    },
  ];
};

/** Below this a time is no delay that anybody meets. */
const NOTHING_MS = 2;

const timesText = (ratio: number): string => formatRatio(ratio < 10 ? ratio : Math.round(ratio));

/**
 * @param words "answers", "first bytes"
 * @param nothingMs beside the time of a whole request this is nothing
 */
export const later = (
  kind: EvidenceKind,
  figure: Figure,
  words: string,
  nothingMs: number = NOTHING_MS,
): readonly Evidence[] => {
  if (figure.z < SURE_Z) return [];
  const nothing = Math.max(NOTHING_MS, nothingMs);
  const ratio = (figure.fault + nothing) / (figure.calm + nothing);
  return [
    {
      kind,
      strength: 1 - 1 / ratio,
      reason: `${words} ${timesText(figure.fault / Math.max(0.1, figure.calm))} times as slow (${formatMs(figure.calm)} -> ${formatMs(figure.fault)})`,
    },
  ];
};

/** Of several ways to see the same thing the one that shows most. */
export const strongest = (evidence: readonly Evidence[]): readonly Evidence[] =>
  evidence.length === 0 ? [] : [evidence.reduce((a, b) => (b.strength > a.strength ? b : a))];
