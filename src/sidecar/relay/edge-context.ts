import type { Attributor } from "../attribution.ts";
import type { ExchangeLog } from "../exchange-log.ts";
import type { FaultInForce } from "../fault-state.ts";
import type { Dialer, Rewrite } from "../upstream.ts";

/** A request as it came, for `squall record`. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: Buffer;
  /** Epoch ms. */
  readonly atMs: number;
}

/** What a connection needs to know of its edge. */
export interface EdgeContext {
  readonly name: string;
  readonly protocol: "http" | "tcp";
  /** The edge in front of the service, whose requests are named by the generator. */
  readonly isClient: boolean;
  readonly rewrite: Rewrite | null;
  readonly dialer: Dialer;
  readonly log: ExchangeLog;
  readonly attributor: Attributor;
  /** Told of every whole request of up to 4 MiB; null: nobody records. */
  readonly onRequest: ((request: SeenRequest) => void) | null;
  /** Faults on this edge now. */
  faults: readonly FaultInForce[];
}
