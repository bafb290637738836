import type {
  ByteFault,
  Delay,
  Fault,
  HttpFault,
  LoadFault,
  ProcessFault,
  StreamFault,
  Targeting,
} from "./fault.ts";
import { FAULT_CATALOGUE } from "./fault-catalogue.ts";

const seconds = (ms: number): string => (ms < 1000 ? `${round(ms)} ms` : `${round(ms / 1000)} s`);
const round = (value: number): string => String(Math.round(value * 100) / 100);
const size = (bytes: number): string =>
  bytes >= 1024 * 1024
    ? `${round(bytes / 1024 / 1024)} MiB`
    : bytes >= 1024
      ? `${round(bytes / 1024)} KiB`
      : `${bytes} B`;
const delayed = (delay: Delay): string =>
  seconds(delay.delayMs) + (delay.jitterMs > 0 ? ` ± ${seconds(delay.jitterMs)}` : "");

const unit = (fault: Fault): string => (fault.on === "client" ? "requests" : "calls");

const share = (targeting: Targeting, of: string): string =>
  targeting.fraction >= 1 ? `on all ${of}` : `on ${round(targeting.fraction * 100)} % of ${of}`;

/** Words of an http-error: the Retry-After is what most services trip over, so it is said. */
const answered = ({
  status,
  headers,
  datesInMs = {},
}: Extract<HttpFault, { readonly kind: "http-error" }>): string => {
  const retryAfter = valueOf(headers, "retry-after");
  const retryInMs = valueOf(datesInMs, "retry-after");
  if (retryInMs !== undefined) return `answers ${status}, Retry-After the date in ${seconds(retryInMs)}`;
  if (retryAfter === undefined) return `answers ${status}`;
  return `answers ${status}, Retry-After ${/^\d+$/.test(retryAfter) ? `${retryAfter} s` : retryAfter}`;
};

const valueOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.entries(record).find(([each]) => each.toLowerCase() === name)?.[1];

/** What bytes do, as a verb phrase. */
const onBytes = (fault: ByteFault): string => {
  switch (fault.kind) {
    case "latency":
      return `is ${delayed(fault)} away`;
    case "bandwidth":
      return `sends at most ${size(fault.bytesPerSecond)}/s`;
    case "slicer":
      return `sends in pieces of ${size(fault.sizeBytes)}`;
    case "blackhole":
      return "accepts and stays silent";
    case "refuse":
      return "refuses connections";
    case "reset":
      return "resets the connection";
    case "close":
      return "closes in mid-message";
    case "slow-close":
      return `closes ${seconds(fault.delayMs)} late`;
    case "limit-data":
      return `closes after ${size(fault.bytes)}`;
    case "packet-loss":
      return `loses ${round(fault.rate * 100)} % of packets`;
    case "connection-limit":
      return `takes at most ${fault.max} connections`;
  }
};

/** What messages and streams do. */
const onMessages = (fault: HttpFault | StreamFault): string => {
  switch (fault.kind) {
    case "http-delay":
      return `is ${delayed(fault)} late`;
    case "http-error":
      return answered(fault);
    case "http-abort":
      return "aborts";
    case "body-corrupt":
      return "answers 200 with a corrupt body";
    case "header-drop":
      return `loses the header ${fault.header}`;
    case "header-set":
      return `has the header ${fault.header} changed`;
    case "buffering":
      return "is behind a buffering proxy";
    case "idle-cut":
      return `is cut off after ${seconds(fault.idleMs)} of silence`;
    case "keepalive-race":
      return "closes reused connections as requests arrive";
    case "first-token-delay":
      return `gives its first token ${delayed(fault)} late`;
    case "token-slow":
      return `gives every token ${seconds(fault.perTokenMs)} late`;
    case "stream-stall":
      return `stalls for ${seconds(fault.stallMs)} after ${fault.afterEvents} events`;
    case "stream-truncate":
      return `ends its stream early (${fault.clean ? "cleanly" : "cut"})`;
    case "stream-error":
      return "sends an error event in mid-stream";
    case "event-corrupt":
      return "sends malformed events";
    case "event-duplicate":
      return fault.mode === "cumulative" ? "repeats all text so far in its events" : "repeats events";
    case "tool-args-corrupt":
      return "truncates tool-call arguments";
    case "answer-garbage":
      return "answers garbage";
    case "rate-limit":
      return `allows ${fault.requests} requests in ${seconds(fault.windowMs)}`;
  }
};

/** What processes and clients do. */
const onProcesses = (fault: ProcessFault | LoadFault): string => {
  switch (fault.kind) {
    case "kill":
      return `is killed (${fault.signal})`;
    case "node-replace":
      return "moves to another machine";
    case "pause":
      return "stands still";
    case "cpu-limit":
      return `has ${round(fault.cpus)} CPUs`;
    case "cpu-stress":
      return `shares the machine with ${fault.workers} busy neighbours`;
    case "memory-limit":
      return `has ${size(fault.bytes)} of memory`;
    case "memory-stress":
      return `shares the machine with a neighbour holding ${size(fault.bytes)}`;
    case "disk-full":
      return "has a full disk";
    case "disk-slow":
      return "has a slow disk";
    case "dns-fail":
      return `cannot resolve ${fault.names.join(", ")}`;
    case "clock-skew":
      return `has its clock off by ${seconds(fault.offsetMs)}`;
    case "disconnect":
      return "is off the network";
    case "overload":
      return `gets ${round(fault.times)} times the load`;
    case "burst":
      return `gets ${fault.requests} requests at once`;
    case "many-connections":
      return `holds ${fault.connections} idle connections`;
    case "client-abort":
      return `has clients hang up after ${fault.afterEvents} events`;
  }
};

/** What happens to the target, as a verb phrase without its share. */
const happening = (fault: Fault): string => {
  switch (FAULT_CATALOGUE[fault.kind].family) {
    case "bytes":
      return onBytes(fault as ByteFault);
    case "http":
    case "stream":
      return onMessages(fault as HttpFault | StreamFault);
    case "process":
    case "load":
      return onProcesses(fault as ProcessFault | LoadFault);
  }
};

/** "llm answers 429, Retry-After 2 s, on 20 % of calls": one fault in words, for headlines and reports. */
export const describeFault = (fault: Fault): string => {
  const target = fault.on === "client" ? "the service, seen by its clients," : fault.on;
  const words = `${target} ${happening(fault)}`;
  const restart = fault.kind === "kill" ? ` and back after ${seconds(fault.restartAfterMs)}` : "";
  // What works by the clock strikes its target as a whole, not this or that call.
  const { family, perRequest } = FAULT_CATALOGUE[fault.kind];
  const isWhole = fault.fraction >= 1 && (fault.on === "service" || (!perRequest && family !== "load"));
  // Only where the suite asked for it: the same fault may be tried by two engines.
  const by = fault.engine === undefined ? "" : ` (by ${fault.engine})`;
  return (isWhole ? words + restart : `${words}, ${share(fault, unit(fault))}`) + by;
};

/** All faults of an experiment. */
export const describeFaults = (faults: readonly Fault[]): string => faults.map(describeFault).join("; ");
