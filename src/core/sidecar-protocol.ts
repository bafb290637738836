/**
 * The sidecar's control API: JSON over HTTP on its own loopback port, `authorization: Bearer <token>` on every call.
 *
 *   GET  /health                  -> { ok: true, revision }
 *   PUT  /state      FaultState   -> { revision }           the whole fault state, set at once; in force when answered
 *   GET  /receipts                -> ReceiptsAnswer         since the last PUT /state
 *   PUT  /attribution Attribution -> { learned }            texts and learn mode
 *   GET  /records?after=N         -> NDJSON of ExchangeRecord with sequence > N, ends at the newest
 *   GET  /active                  -> ActiveAnswer           calls open, begun and connections so far, by edge
 *   GET  /probe?host=H&port=N[&path=P] -> ProbeAnswer       connects from where the sidecar is (with a path: GETs it)
 *   PUT  /remedies   RemedyState  -> 204                    all edge remedies, set at once
 *   GET  /remedies                -> RemediesAnswer         since the last PUT /remedies
 *   PUT  /upstreams  UpstreamChange -> 204                  other addresses behind an edge
 *   POST /stop                    -> 202, then the process exits
 *
 * A wrong token is 401; a body that does not fit is 400 with { error } that says what is wrong where.
 */

import type { Receipt } from "./exchange.ts";
import type { EdgeFault } from "./fault.ts";
import type { PlacedEdgeRemedy, RemedyReceipt } from "./remedy/remedy.ts";
import type { StubModel } from "./suite.ts";

/** What stands behind an edge. */
export type Upstream =
  /** One or more addresses; several are taken in turn, a refused one is passed over. */
  | {
      readonly type: "addresses";
      readonly addresses: readonly { readonly host: string; readonly port: number }[];
    }
  /** A real URL; https is spoken by the sidecar, and Host is rewritten to the URL's. */
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "stub"; readonly stub: StubModel; readonly seed: number }
  | { readonly type: "cassette"; readonly file: string; readonly mode: "replay" }
  /** Relay to the URL and write what came back, with its timing, redacted. */
  | { readonly type: "cassette"; readonly file: string; readonly mode: "record"; readonly url: string };

export interface EdgeConfig {
  /** `client` or a dependency's name. */
  readonly name: string;
  readonly protocol: "http" | "tcp";
  /** Listen address; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  readonly upstream: Upstream;
}

/** Handed to the sidecar process as one JSON line on its standard input; it answers with SidecarReady on standard output. */
export interface SidecarConfig {
  readonly token: string;
  readonly controlHost: string;
  readonly controlPort: number;
  readonly edges: readonly EdgeConfig[];
  /** Header names whose values never leave the process (cassettes, records), beyond the built-in list. */
  readonly redact: readonly string[];
  /** Exit when standard input closes: so it cannot outlive whoever started it. */
  readonly exitWithParent: boolean;
}

export interface SidecarReady {
  readonly controlPort: number;
  readonly ports: Readonly<Record<string, number>>;
}

/** Which requests a placed fault strikes. */
export type Marks =
  | { readonly type: "all" }
  /** Client requests by key `id~repetition`. A call that cannot be attributed is never struck. */
  | { readonly type: "keys"; readonly keys: readonly string[] }
  /** Calls on the edge by running number in blocks: call n is struck when pattern[n % pattern.length]. */
  | { readonly type: "pattern"; readonly pattern: readonly boolean[] };

export interface PlacedFault {
  readonly id: string;
  readonly fault: EdgeFault;
  readonly marks: Marks;
  /** Seed of the fault's own draws (jitter, which event, which bytes). */
  readonly seed: number;
}

export interface FaultState {
  /** Grows by one with each state of a run. */
  readonly revision: number;
  readonly faults: readonly PlacedFault[];
  /** The sidecar itself clears the state this long after it was set, whatever happens to the run. */
  readonly deadlineMs: number;
}

export interface ReceiptsAnswer {
  readonly revision: number;
  /** True once the state's deadline has cleared it. */
  readonly expired: boolean;
  readonly receipts: readonly Receipt[];
}

/**
 * Remedies stand between an edge's callers and its faults. Calls on connections that were there before are met by them too, from
 * the next one on.
 */
export interface RemedyState {
  readonly remedies: readonly PlacedEdgeRemedy[];
  /** The sidecar itself ends them this long after they were set. */
  readonly deadlineMs: number;
}

export interface RemediesAnswer {
  /** True once the state's deadline has ended them. */
  readonly expired: boolean;
  /** In the order of the state. */
  readonly receipts: readonly RemedyReceipt[];
}

/**
 * Replaces the addresses of an edge whose upstream is of type `addresses`. On an HTTP edge callers' connections
 * that are there are connected anew with their next call; a call under way is answered. On a TCP edge they stay.
 */
export interface UpstreamChange {
  readonly edge: string;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}

export interface Attribution {
  /** While true, calls made during exactly one open client request teach the map from body fingerprint to request id. */
  readonly learn: boolean;
  /** Fallback: a text of the request that is looked for in a dependency call's body. */
  readonly texts: readonly { readonly requestId: string; readonly text: string }[];
}

/** Whether something answers at an address, as seen from the sidecar. */
export interface ProbeAnswer {
  readonly ok: boolean;
  /** Why not: "ECONNREFUSED", "GET /ready answered 503". */
  readonly reason?: string;
}

/** By edge. On a TCP edge a connection is an exchange. */
export interface ActiveAnswer {
  /** Exchanges open now. */
  readonly open: Readonly<Record<string, number>>;
  /** Exchanges begun since the sidecar started: what an engine before the edge counts by. */
  readonly begun: Readonly<Record<string, number>>;
  /** Connections accepted since the sidecar started, also those on which nothing was asked. */
  readonly accepted: Readonly<Record<string, number>>;
}
