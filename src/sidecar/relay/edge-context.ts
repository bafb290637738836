import type { Attributor } from "../attribution.ts";
import type { ExchangeLog } from "../exchange-log.ts";
import type { FaultInForce } from "../fault-state.ts";
import type { Dialer, Rewrite } from "../upstream.ts";

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
  /** Faults on this edge now. */
  faults: readonly FaultInForce[];
}
