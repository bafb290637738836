import type { EdgeFaultKind } from "../../core/fault.ts";
import type { FaultFactory } from "./fault.ts";
import { httpError } from "./http-error.ts";
import { latency } from "./latency.ts";
import { streamStall } from "./stream-stall.ts";

/** Every fault the sidecar can do. A kind without a row is refused when the state is set. */
export const FAULTS: { readonly [K in EdgeFaultKind]?: FaultFactory<K> } = {
  // Stream of bytes
  latency,
  // HTTP
  "http-error": httpError,
  // Model streams
  "stream-stall": streamStall,
};
