/** One replayed request, seen from all sides: kept of the worst ones of each scenario, while the sidecar's records are at hand. */
import type { AttributedBy, ExchangeEnd } from "./exchange.ts";

/** One call on one edge that was made for the request; `client` is the request itself as the sidecar saw it. */
export interface ExhibitCall {
  readonly edge: string;
  readonly method: string;
  /** Without secrets, at most 200 characters. */
  readonly path: string;
  /** 0 where no status line was seen. */
  readonly status: number;
  /** ms from the request's scheduled instant. */
  readonly startMs: number;
  readonly firstByteMs: number | null;
  readonly endMs: number;
  readonly end: ExchangeEnd;
  readonly attributedBy: AttributedBy;
  /** Which call of this request on this edge, from 1. */
  readonly attempt: number;
  /** Ids of the placed faults that struck it. */
  readonly faults: readonly string[];
}

export interface RequestExhibit {
  /** With `slot` the observation it belongs to. */
  readonly window: number;
  readonly slot: number;
  /** By start, at most 40. */
  readonly calls: readonly ExhibitCall[];
  /** Calls for which there was no room. */
  readonly leftOut: number;
  /** What processes logged while it was under way, in its order; at most 12 lines, those that tell of trouble first. */
  readonly log: readonly ExhibitLine[];
}

/** Other requests were under way as well: a line need not be of this one. */
export interface ExhibitLine {
  /** `service`, `service-2`, or a dependency's name. */
  readonly process: string;
  /** When it came out of the process, ms from the request's scheduled instant. */
  readonly atMs: number;
  /** Without secrets and control codes, at most 300 characters. */
  readonly line: string;
}

/** Bounds of what is kept: the writer holds to them, and the door of a stored profile lets no more in. */
export const MOST_EXHIBIT_CALLS = 40;
export const MOST_EXHIBIT_LINES = 12;
