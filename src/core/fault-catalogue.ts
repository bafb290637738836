import type { EngineName, FaultKind } from "./fault.ts";

export type FaultFamily = "bytes" | "http" | "stream" | "process" | "load";

/** How a fault changes latency, which fixes the scale of comparison before any data is seen (METHOD 1.3). */
export type Scale = "additive" | "multiplicative";

export interface CatalogueRow {
  readonly family: FaultFamily;
  readonly scale: Scale;
  /** Can it strike chosen requests? If not it acts on whole connections or processes, by the clock. */
  readonly perRequest: boolean;
  /** Engines that can do it on a runtime that allows it, in order of preference. */
  readonly engines: readonly EngineName[];
  /** What the peer sees, in one line: used by the generated catalogue and by `squall validate`. */
  readonly seenAs: string;
}

const bytes = (seenAs: string, toxic = true): CatalogueRow => ({
  family: "bytes",
  scale: "additive",
  perRequest: true,
  engines: toxic ? ["sidecar", "toxiproxy"] : ["sidecar"],
  seenAs,
});
const http = (seenAs: string): CatalogueRow => ({
  family: "http",
  scale: "additive",
  perRequest: true,
  engines: ["sidecar"],
  seenAs,
});
const stream = (seenAs: string): CatalogueRow => ({ ...http(seenAs), family: "stream" });
const process_ = (seenAs: string, scale: Scale = "additive"): CatalogueRow => ({
  family: "process",
  scale,
  perRequest: false,
  engines: ["runtime", "chaos-mesh"],
  seenAs,
});
const load = (seenAs: string, perRequest = false): CatalogueRow => ({
  family: "load",
  scale: "multiplicative",
  perRequest,
  engines: ["load"],
  seenAs,
});

/** Every fault kind squall knows. One row a kind; docs/faults.md is generated from it. */
export const FAULT_CATALOGUE: Readonly<Record<FaultKind, CatalogueRow>> = {
  latency: bytes("each direction's bytes arrive late"),
  bandwidth: bytes("slow transfer"),
  slicer: bytes("many small packets"),
  blackhole: bytes("the connection is accepted, then silence until the deadline"),
  refuse: { ...bytes("connection refused"), perRequest: false },
  reset: bytes("RST, also in mid-stream"),
  close: bytes("FIN in mid-message", false),
  "slow-close": bytes("FIN arrives late"),
  "limit-data": bytes("closes after that many bytes"),
  "packet-loss": {
    ...bytes("retransmission stalls", false),
    perRequest: false,
    engines: ["runtime", "chaos-mesh"],
  },
  "connection-limit": {
    ...bytes("connections above a limit are refused or queued", false),
    perRequest: false,
  },
  "http-delay": http("the request, or the response's first byte, is held back"),
  "http-error": http("an error status, answered by the sidecar"),
  "http-abort": http("reset instead of a response"),
  "body-corrupt": http("malformed content in a 200"),
  "header-drop": http("a header is missing"),
  "header-set": http("a header has another value"),
  buffering: http("a proxy holds the stream back and releases it in clumps"),
  "idle-cut": http("a silent connection is closed, as an ingress does"),
  "keepalive-race": http("a reused connection closes just as a request arrives"),
  "first-token-delay": stream("slow prefill: the first content is late"),
  "token-slow": stream("decode under pressure: every token is late"),
  "stream-stall": stream("silence in mid-stream with the socket open"),
  "stream-truncate": stream("the stream ends without finish reason and end sentinel"),
  "stream-error": stream("an error event after a 200"),
  "event-corrupt": stream("a malformed JSON chunk"),
  "event-duplicate": stream("repeated deltas"),
  "tool-args-corrupt": stream("truncated tool-call arguments in a 200"),
  "answer-garbage": stream("a 200 of repeated characters"),
  "rate-limit": { ...stream("429 when the window is full, with rate-limit headers"), perRequest: false },
  kill: process_("the process dies and is started again"),
  "node-replace": process_(
    "a training job's process dies and comes back on another machine, with an empty disk",
  ),
  pause: process_("the process stands still with its sockets open"),
  "cpu-limit": process_("less compute", "multiplicative"),
  "cpu-stress": process_("a noisy neighbour takes the processor", "multiplicative"),
  "memory-limit": process_("less memory", "multiplicative"),
  "memory-stress": process_("a neighbour takes the memory", "multiplicative"),
  "disk-full": process_("no space left on the device"),
  "disk-slow": process_("slow storage"),
  "dns-fail": process_("names no longer resolve"),
  "clock-skew": process_("the clock is wrong"),
  disconnect: process_("off the network"),
  overload: load("a multiple of the arrival rate"),
  burst: load("many requests at one instant"),
  "many-connections": load("many idle connections are held"),
  "client-abort": load("clients hang up in mid-answer", true),
};

export const FAULT_KINDS = Object.keys(FAULT_CATALOGUE) as readonly FaultKind[];
