/**
 * What might restore the steady state under a fault, tried as a counterfactual: at the sidecar, between the service and the fault, or at a
 * process. Never a change of the user's code.
 *
 *   service -> [remedies of the edge] -> [faults of the edge] -> dependency
 */

/** Done by the sidecar on an edge's calls. Each call is seen whole; answers are streamed where the remedy allows it. */
export type EdgeRemedy =
  /** Calls again after a failure: no connection, a reset, 408, 429, 5xx, an answer cut short before its first byte went on. */
  | { readonly kind: "retry"; readonly attempts: number; readonly backoffMs: number }
  /** Gives up on a call whose first byte is not there in time, and answers 504. */
  | { readonly kind: "deadline"; readonly afterMs: number }
  /** Sends a second call where the first has no answer yet; the first answer wins, the other call is ended. */
  | { readonly kind: "hedge"; readonly afterMs: number }
  /** No answer tells the service to wait for longer. */
  | { readonly kind: "retry-after-cap"; readonly mostMs: number }
  /** After so many failures in a row calls are answered 503 at once; then one is let through. */
  | { readonly kind: "circuit-breaker"; readonly failures: number; readonly openMs: number }
  /** Whole good answers to the same question are given again. */
  | { readonly kind: "cache"; readonly forMs: number; readonly entries: number };

/** Done by the runtime to the service's processes. */
export type RuntimeRemedy =
  /** So many times the cores that it may use now; needs a limit to lift. */
  | { readonly kind: "more-cpu"; readonly times: number }
  | { readonly kind: "more-memory"; readonly times: number }
  /** One more process of the service behind the client edge. */
  | { readonly kind: "replica" }
  | { readonly kind: "restart" };

/** `on`: an edge (the dependency's name) for an edge remedy, `service` or a dependency's name for one of the runtime. */
export type Remedy = { readonly on: string } & (EdgeRemedy | RuntimeRemedy);
export type PlacedEdgeRemedy = { readonly on: string } & EdgeRemedy;
export type PlacedRuntimeRemedy = { readonly on: string } & RuntimeRemedy;

export type EdgeRemedyKind = EdgeRemedy["kind"];
export type RuntimeRemedyKind = RuntimeRemedy["kind"];
export type RemedyKind = EdgeRemedyKind | RuntimeRemedyKind;

/** In order of what they cost their owner, cheapest first: the order in which they are tried. */
export const EDGE_REMEDY_KINDS = [
  "retry-after-cap",
  "deadline",
  "retry",
  "circuit-breaker",
  "cache",
  "hedge",
] as const satisfies readonly EdgeRemedyKind[];

export const RUNTIME_REMEDY_KINDS = [
  "restart",
  "more-cpu",
  "more-memory",
  "replica",
] as const satisfies readonly RuntimeRemedyKind[];

const isEdgeKind = new Set<RemedyKind>(EDGE_REMEDY_KINDS);

export const isEdgeRemedy = (remedy: Remedy): remedy is PlacedEdgeRemedy => isEdgeKind.has(remedy.kind);

/** Proof of what a remedy did: calls (or processes) it met, and those it did something to. */
export interface RemedyReceipt {
  readonly on: string;
  readonly kind: RemedyKind;
  readonly seen: number;
  readonly acted: number;
}
