import type { EdgeFault, EdgeFaultKind } from "../../core/fault.ts";
import { answerGarbage } from "./answer-garbage.ts";
import { bandwidth } from "./bandwidth.ts";
import { blackhole } from "./blackhole.ts";
import { bodyCorrupt } from "./body-corrupt.ts";
import { buffering } from "./buffering.ts";
import { close } from "./close.ts";
import { connectionLimit } from "./connection-limit.ts";
import { eventCorrupt } from "./event-corrupt.ts";
import { eventDuplicate } from "./event-duplicate.ts";
import type { ActiveFault, FaultContext, FaultFactory } from "./fault.ts";
import { firstTokenDelay } from "./first-token-delay.ts";
import { headerDrop } from "./header-drop.ts";
import { headerSet } from "./header-set.ts";
import { httpAbort } from "./http-abort.ts";
import { httpDelay } from "./http-delay.ts";
import { httpError } from "./http-error.ts";
import { idleCut } from "./idle-cut.ts";
import { keepaliveRace } from "./keepalive-race.ts";
import { latency } from "./latency.ts";
import { limitData } from "./limit-data.ts";
import { rateLimit } from "./rate-limit.ts";
import { refuse } from "./refuse.ts";
import { reset } from "./reset.ts";
import { slicer } from "./slicer.ts";
import { slowClose } from "./slow-close.ts";
import { streamError } from "./stream-error.ts";
import { streamStall } from "./stream-stall.ts";
import { streamTruncate } from "./stream-truncate.ts";
import { tokenSlow } from "./token-slow.ts";
import { toolArgsCorrupt } from "./tool-args-corrupt.ts";

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
  "http-delay": httpDelay,
  "http-error": httpError,
  "http-abort": httpAbort,
  "body-corrupt": bodyCorrupt,
  "header-drop": headerDrop,
  "header-set": headerSet,
  buffering,
  "idle-cut": idleCut,
  "keepalive-race": keepaliveRace,
  // Model streams
  "first-token-delay": firstTokenDelay,
  "token-slow": tokenSlow,
  "stream-stall": streamStall,
  "stream-truncate": streamTruncate,
  "stream-error": streamError,
  "event-corrupt": eventCorrupt,
  "event-duplicate": eventDuplicate,
  "tool-args-corrupt": toolArgsCorrupt,
  "answer-garbage": answerGarbage,
  "rate-limit": rateLimit,
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
