/** What a fault does to calls or processes: by this, not by its kind, it is told which remedies could matter. */
import type { Fault, FaultKind } from "../fault.ts";

/** What a fault does, seen by whoever calls through it or is struck by it. */
export type FaultEffect =
  /** Calls fail, and say so. */
  | "failing"
  /** Calls fail, and ask to be repeated later. */
  | "throttled"
  /** Calls are answered late, or never. */
  | "slow"
  /** Calls are answered with what is no good answer. */
  | "garbled"
  | "less-cpu"
  | "less-memory"
  /** Processes are gone, or stand still. */
  | "gone"
  /** More is asked than usual. */
  | "load"
  /** There is no fault: calm traffic is worse. */
  | "calm"
  /** Nothing that a remedy could stand before. */
  | "other";

/** On an edge, or on the service itself. */
const EFFECTS: Readonly<Record<FaultKind, FaultEffect>> = {
  "node-replace": "other",
  latency: "slow",
  bandwidth: "slow",
  slicer: "slow",
  blackhole: "slow",
  refuse: "failing",
  reset: "failing",
  close: "failing",
  "slow-close": "slow",
  "limit-data": "failing",
  "packet-loss": "slow",
  "connection-limit": "failing",
  "http-delay": "slow",
  "http-error": "failing",
  "http-abort": "failing",
  "body-corrupt": "garbled",
  "header-drop": "garbled",
  "header-set": "garbled",
  buffering: "slow",
  "idle-cut": "failing",
  "keepalive-race": "failing",
  "first-token-delay": "slow",
  "token-slow": "slow",
  "stream-stall": "slow",
  "stream-truncate": "failing",
  "stream-error": "failing",
  "event-corrupt": "garbled",
  "event-duplicate": "garbled",
  "tool-args-corrupt": "garbled",
  "answer-garbage": "garbled",
  "rate-limit": "throttled",
  kill: "gone",
  pause: "gone",
  "cpu-limit": "less-cpu",
  "cpu-stress": "less-cpu",
  "memory-limit": "less-memory",
  "memory-stress": "less-memory",
  "disk-full": "other",
  "disk-slow": "other",
  "dns-fail": "other",
  "clock-skew": "other",
  disconnect: "gone",
  overload: "load",
  burst: "load",
  "many-connections": "load",
  "client-abort": "other",
};

const asksToWait = (fault: Fault): boolean =>
  fault.kind === "http-error" &&
  [...Object.keys(fault.headers), ...Object.keys(fault.datesInMs ?? {})].some(
    (name) => name.toLowerCase() === "retry-after",
  );

/** Of a fault on a dependency, as its callers see it: a dead one refuses, one that stands still or has too little answers late. */
export const effectOnCallers = (fault: Fault): FaultEffect => {
  switch (fault.kind) {
    case "kill":
    case "disconnect":
    case "memory-limit":
      return "failing";
    case "pause":
    case "cpu-limit":
    case "cpu-stress":
    case "memory-stress":
    case "disk-slow":
      return "slow";
    default:
      return asksToWait(fault) ? "throttled" : EFFECTS[fault.kind];
  }
};

/** Does a second call meet the fault as the first one did? */
export const strikesAll = ({ fraction, attempts, first, forMs }: Fault): boolean =>
  fraction >= 1 && attempts === "all" && first === undefined && forMs === undefined;

/** Of a fault on the service, or on what its clients ask of it. Between clients and the service there is no place for a remedy. */
export const effectOnService = ({ on, kind }: Fault): FaultEffect => {
  const effect = EFFECTS[kind];
  return on === "client" && effect !== "load" ? "other" : effect;
};
