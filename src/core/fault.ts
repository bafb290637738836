/**
 * Faults as the rest of squall sees them: parsed, with units in the names and every default filled in.
 *
 *   squall.yml --config--> Fault --run/plan--> PlacedFault (which requests it strikes) --engine--> Receipt
 *
 * Adding one: a member here, its row in fault-catalogue.ts, its parameters in config/fault-schema.ts, and one file in
 * sidecar/faults/ (or in the runtime, for process faults). The catalogue test names whatever is missing.
 */

/** What puts faults in force. */
export type EngineName = "sidecar" | "toxiproxy" | "runtime" | "load" | "chaos-mesh";

export type DelayDistribution = "constant" | "uniform" | "normal" | "pareto";

/** A delay and its spread. `jitterMs` is the half width (uniform), the standard deviation (normal) or the scale (pareto). */
export interface Delay {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly distribution: DelayDistribution;
}

export type Direction = "upstream" | "downstream" | "both";

/** Which requests of the target a fault may strike at all. All given parts must hold. */
export interface RequestMatch {
  readonly method?: string;
  /** Path prefix, or a glob with `*` for any run of characters. */
  readonly path?: string;
  /** Header name (any case) and, where given, its exact value. */
  readonly header?: { readonly name: string; readonly value?: string };
}

/** What every fault declares beside its kind and parameters. */
export interface Targeting {
  /** An edge (`client` or a dependency's name) or a process target (`service` or a dependency's name). */
  readonly on: string;
  /** Share of the requests struck, 0 < fraction <= 1; exact, never a coin toss. */
  readonly fraction: number;
  /** How many consecutive attempts (calls on this edge) of a hit request are struck. */
  readonly attempts: number | "all";
  readonly match?: RequestMatch;
  /** Only the first so many matching requests of a window, then heal. */
  readonly first?: number;
  /** The injector itself ends the fault after this long. */
  readonly forMs?: number;
  /** For jobs: it ends when so many steps were made since it began. */
  readonly forSteps?: number;
  /** For jobs: it begins so long after the experiment's trigger. */
  readonly afterMs?: number;
  /** For jobs: share of the strikes that it is part of, exact and seeded, 0 < share <= 1. Absent: all. */
  readonly strikeShare?: number;
  /** Who must do it; absent: the first of the kind's engines that can. */
  readonly engine?: EngineName;
}

export type ByteFault =
  | ({ readonly kind: "latency"; readonly direction: Direction } & Delay)
  | { readonly kind: "bandwidth"; readonly bytesPerSecond: number; readonly direction: Direction }
  | {
      readonly kind: "slicer";
      readonly sizeBytes: number;
      readonly variationBytes: number;
      readonly delayMs: number;
      readonly direction: Direction;
    }
  | { readonly kind: "blackhole" }
  | { readonly kind: "refuse" }
  | { readonly kind: "reset"; readonly afterBytes?: number; readonly afterMs?: number }
  | { readonly kind: "close"; readonly afterBytes?: number; readonly afterMs?: number }
  | { readonly kind: "slow-close"; readonly delayMs: number }
  | { readonly kind: "limit-data"; readonly bytes: number; readonly direction: Direction }
  | { readonly kind: "packet-loss"; readonly rate: number }
  | { readonly kind: "connection-limit"; readonly max: number; readonly excess: "refuse" | "queue" };

export type JsonMutation = "truncate" | "drop-key" | "type-swap";

export type HttpFault =
  | ({ readonly kind: "http-delay"; readonly before: "request" | "response" } & Delay)
  | {
      readonly kind: "http-error";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** Headers whose value is an HTTP date: so many ms after the strike. */
      readonly datesInMs?: Readonly<Record<string, number>>;
      readonly body?: string;
    }
  | { readonly kind: "http-abort" }
  | { readonly kind: "body-corrupt"; readonly bytes?: number; readonly mutation?: JsonMutation }
  | { readonly kind: "header-drop"; readonly header: string; readonly side: "request" | "response" }
  | {
      readonly kind: "header-set";
      readonly header: string;
      readonly value: string;
      readonly side: "request" | "response";
    }
  | { readonly kind: "buffering"; readonly flushBytes: number }
  | { readonly kind: "idle-cut"; readonly idleMs: number }
  | { readonly kind: "keepalive-race"; readonly idleMs: number };

export type ModelShape = "openai" | "anthropic";

export type StreamFault =
  | ({ readonly kind: "first-token-delay" } & Delay)
  | { readonly kind: "token-slow"; readonly perTokenMs: number }
  | {
      readonly kind: "stream-stall";
      readonly afterEvents: number;
      readonly stallMs: number;
      readonly pings: boolean;
    }
  | { readonly kind: "stream-truncate"; readonly afterEvents: number; readonly clean: boolean }
  | { readonly kind: "stream-error"; readonly afterEvents: number; readonly shape: ModelShape }
  | { readonly kind: "event-corrupt"; readonly share: number }
  | {
      readonly kind: "event-duplicate";
      readonly share: number;
      /** `cumulative`: a struck delta carries all the text so far. */
      readonly mode: "repeat" | "cumulative";
    }
  | { readonly kind: "tool-args-corrupt"; readonly cut: number }
  | { readonly kind: "answer-garbage" }
  | { readonly kind: "rate-limit"; readonly requests: number; readonly windowMs: number };

/** Signals a `kill` may send, by their POSIX names. */
export type KillSignal =
  | "SIGKILL"
  | "SIGTERM"
  | "SIGINT"
  | "SIGHUP"
  | "SIGQUIT"
  | "SIGABRT"
  | "SIGSEGV"
  | "SIGUSR1"
  | "SIGUSR2";

/** Signals that a program commonly handles and lives on with (reload, reopen logs): a survivor is no failure of the kill. */
export const SURVIVABLE_SIGNALS: ReadonlySet<string> = new Set<KillSignal>(["SIGHUP", "SIGUSR1", "SIGUSR2"]);

export type ProcessFault =
  | {
      readonly kind: "kill";
      readonly signal: KillSignal;
      readonly restartAfterMs: number;
      readonly replica?: number | "random";
    }
  /** The machine is gone: all its processes, and its disk with them; another one takes its place. */
  | { readonly kind: "node-replace"; readonly restartAfterMs: number; readonly replica?: number | "random" }
  | { readonly kind: "pause" }
  | { readonly kind: "cpu-limit"; readonly cpus: number }
  | { readonly kind: "cpu-stress"; readonly workers: number; readonly load: number }
  | { readonly kind: "memory-limit"; readonly bytes: number }
  | { readonly kind: "memory-stress"; readonly bytes: number }
  | { readonly kind: "disk-full"; readonly path: string; readonly leaveBytes: number }
  | {
      readonly kind: "disk-slow";
      readonly readBytesPerSecond?: number;
      readonly writeBytesPerSecond?: number;
    }
  | { readonly kind: "dns-fail"; readonly names: readonly string[] }
  | { readonly kind: "clock-skew"; readonly offsetMs: number }
  | { readonly kind: "disconnect" };

export type LoadFault =
  | { readonly kind: "overload"; readonly times: number }
  | { readonly kind: "burst"; readonly requests: number }
  | { readonly kind: "many-connections"; readonly connections: number }
  | { readonly kind: "client-abort"; readonly afterEvents: number };

/** Faults that stand on an edge: what the sidecar (and, for bytes, Toxiproxy) can do. */
export type EdgeFault = Targeting & (ByteFault | HttpFault | StreamFault);
export type Fault = EdgeFault | (Targeting & (ProcessFault | LoadFault));

export type FaultKind = Fault["kind"];
export type ByteFaultKind = ByteFault["kind"];
export type HttpFaultKind = HttpFault["kind"];
export type StreamFaultKind = StreamFault["kind"];
export type EdgeFaultKind = EdgeFault["kind"];
export type ProcessFaultKind = ProcessFault["kind"];
export type LoadFaultKind = LoadFault["kind"];

/** The member of the union for one kind. */
export type FaultOf<K extends FaultKind> = Extract<Fault, { readonly kind: K }>;
