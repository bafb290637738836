import type { EdgeFault, EdgeFaultKind } from "../../core/fault.ts";
import { bandwidth } from "./bandwidth.ts";
import { blackhole } from "./blackhole.ts";
import { close } from "./close.ts";
import { connectionLimit } from "./connection-limit.ts";
import type { ActiveFault, FaultContext, FaultFactory } from "./fault.ts";
import { httpError } from "./http-error.ts";
import { latency } from "./latency.ts";
import { limitData } from "./limit-data.ts";
import { refuse } from "./refuse.ts";
import { reset } from "./reset.ts";
import { slicer } from "./slicer.ts";
import { slowClose } from "./slow-close.ts";
import { streamStall } from "./stream-stall.ts";

/** Every fault the sidecar can do. A kind without a row is refused when the state is set. */
export const FAULTS: { readonly [K in EdgeFaultKind]?: FaultFactory<K> } = {
  // Stream of bytes
  latency,
  bandwidth,
  slicer,
  blackhole,
  refuse,
  reset,
  close,
  "slow-close": slowClose,
  "limit-data": limitData,
  "connection-limit": connectionLimit,
  // HTTP
  "http-error": httpError,
  // Model streams
  "stream-stall": streamStall,
};

/** Throws where the sidecar has no such fault; the control API has checked that before. */
export const createFault = (fault: EdgeFault, context: FaultContext): ActiveFault => {
  // The table pairs each kind with its own factory; TypeScript can not follow one key through both sides.
  const factory = FAULTS[fault.kind] as
    | ((fault: EdgeFault, context: FaultContext) => ActiveFault)
    | undefined;
  if (factory === undefined) throw new Error(`the sidecar has no fault "${fault.kind}"`);
  return factory(fault, context);
};
