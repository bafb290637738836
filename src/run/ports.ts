/**
 * What a run needs from the outside. Adapters implement these; surfaces put them together; run-suite.ts only sees them.
 */
import type { ExchangeRecord, Receipt } from "../core/exchange.ts";
import type { EngineName, Fault, KillSignal } from "../core/fault.ts";
import type { Observation } from "../core/observation.ts";
import type { Fingerprint } from "../core/profile.ts";
import type { PlacedEdgeRemedy, PlacedRuntimeRemedy, RemedyReceipt } from "../core/remedy/remedy.ts";
import type { ActiveAnswer, Attribution, FaultState, PlacedFault } from "../core/sidecar-protocol.ts";
import type { Suite } from "../core/suite.ts";
import type { RequestTemplate, Workload } from "../core/workload.ts";
import type { JobControl, JobWatcher } from "./job/job-ports.ts";

// ---------------------------------------------------------------- runtime

export interface RuntimeStart {
  readonly suite: Suite;
  /** Directory of the suite file: relative paths start here. */
  readonly suiteDirectory: string;
  /** Logs and state of this run go here. */
  readonly runDirectory: string;
  readonly seed: number;
  /** Edges that a proxy of another make stands on, and that proxy; null where every edge is the sidecar's alone. */
  readonly front: EdgeFront | null;
  readonly signal: AbortSignal;
  /** One line a person may want to see ("starting service"). */
  readonly progress: (line: string) => void;
  /** Of a suite with a `job`: told of its output and its exits. */
  readonly watch?: JobWatcher;
}

export interface Runtime {
  readonly name: "process" | "docker" | "kubernetes";
  /** Faults of this kind it can do to processes, or why not. */
  supports(fault: Fault): { readonly ok: true } | { readonly ok: false; readonly reason: string };
  /** Starts dependencies, sidecar and service, each ready. Throws SquallError; leaves nothing behind when it throws. */
  start(options: RuntimeStart): Promise<RunningSystem>;
}

/** One place in front of the sidecar: it listens there and relays to the sidecar's edge. Addresses as "host:port". */
export interface FrontPlace {
  readonly edge: string;
  readonly listen: string;
  readonly upstream: string;
}

/**
 * A proxy of another make (the real Toxiproxy) that stands between callers and the sidecar's edges.
 *
 *   caller -> front -> sidecar edge -> upstream
 */
export interface EdgeFront {
  /** Edges with a fault that asks for it; only these are fronted. */
  readonly edges: ReadonlySet<string>;
  /** API of a server that runs already, on this machine; null: runtime docker starts `image`. */
  readonly url: string | null;
  readonly image: string;
  readonly apiPort: number;
  /** Takes the places, each on a free port where its listen port is 0; gives the listening port of each edge. */
  place(apiUrl: string, places: readonly FrontPlace[]): Promise<Readonly<Record<string, number>>>;
  /** Gives the places back; never throws for a server that is gone. */
  leave(): Promise<void>;
}

export interface ProcessExit {
  readonly name: string;
  /** Epoch ms. */
  readonly atMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly injected: boolean;
}

export interface ProcessUsage {
  readonly name: string;
  /** Epoch ms. */
  readonly atMs: number;
  readonly cpu: number;
  readonly memoryBytes: number;
  /** What it may use now, where that is limited and known: cores, bytes. */
  readonly cpuLimit?: number;
  readonly memoryLimitBytes?: number;
  readonly receivedBytesPerSecond?: number;
  readonly sentBytesPerSecond?: number;
}

/** A service with its dependencies and sidecar, up and ready. Disposing ends every process it started. */
export interface RunningSystem extends AsyncDisposable {
  /** Base URL of the client edge: the sidecar in front of the service. */
  readonly clientUrl: string;
  /** Base URLs of the service's replicas themselves, past the sidecar: for health and ready paths. */
  readonly serviceUrls: readonly string[];
  readonly sidecar: SidecarControl;
  readonly processes: ProcessControl;
  /** Present where the suite has a `job`. */
  readonly job?: JobControl;
  /** Logs that the runtime writes while it runs, absolute paths, of the service's replicas (`service`, `service-2`) and dependencies. */
  readonly logFiles: readonly { readonly name: string; readonly path: string }[];
  readonly fingerprint: Fingerprint;
}

/** The sidecar's control API, typed (core/sidecar-protocol.ts). */
export interface SidecarControl {
  setState(state: FaultState): Promise<void>;
  receipts(): Promise<{ readonly expired: boolean; readonly receipts: readonly Receipt[] }>;
  setAttribution(attribution: Attribution): Promise<void>;
  /** Records since the last call. */
  takeRecords(): Promise<readonly ExchangeRecord[]>;
  /** A reader of its own, of what `takeRecords` has not given yet: each call gives what came since the last, and takes nothing away. */
  followRecords(): () => Promise<readonly ExchangeRecord[]>;
  active(): Promise<ActiveAnswer>;
  /** All edge remedies in force from now on, each between callers and the edge's faults; the sidecar itself ends them after the deadline. */
  setRemedies(remedies: readonly PlacedEdgeRemedy[], deadlineMs: number): Promise<void>;
  /** Since the last setRemedies, in its order. */
  remedyReceipts(): Promise<readonly RemedyReceipt[]>;
}

/** Faults on processes. Targets: `service` (all replicas), `service-N`, or a dependency's name. */
export interface ProcessControl {
  /** Sends the signal; resolves when the process is gone (or took the signal). Returns the replica's index and the instant, epoch ms. */
  kill(
    target: string,
    signal: KillSignal,
    replica: number,
  ): Promise<{ readonly replica: number; readonly atMs: number }>;
  /** Starts a killed process again; resolves when it was spawned, not when it is ready. */
  restart(target: string, replica: number): Promise<void>;
  pause(target: string): Promise<void>;
  resume(target: string): Promise<void>;
  /** Cores; null lifts the limit. */
  limitCpu(target: string, cpus: number | null): Promise<void>;
  /** Busy neighbours; returns a handle that ends them. */
  stressCpu(workers: number, load: number): Promise<AsyncDisposable>;
  stressMemory(bytes: number): Promise<AsyncDisposable>;
  /**
   * Faults that only some runtimes know how to do (memory, disk, names, network): whatever `supports` says yes to beyond
   * the methods above. Leaves nothing in force when it throws.
   */
  strike(fault: Fault, seed: number): Promise<RuntimeStrike>;
  /** Remedies it can apply now, or why not ("no limit to lift"). */
  canRelieve(
    remedy: PlacedRuntimeRemedy,
  ): { readonly ok: true } | { readonly ok: false; readonly reason: string };
  /** Gives more of something, restarts, or adds a replica (ready when this resolves); disposing undoes what can be undone. */
  relieve(remedy: PlacedRuntimeRemedy): Promise<RuntimeRelief>;
  /** Exits seen so far, oldest first. */
  exits(): readonly ProcessExit[];
  usage(): Promise<readonly ProcessUsage[]>;
  readonly replicas: number;
}

/** A remedy of `ProcessControl.relieve` in force. */
export interface RuntimeRelief extends AsyncDisposable {
  readonly receipt: RemedyReceipt;
}

/** A fault of `ProcessControl.strike` in force. */
export interface RuntimeStrike {
  /** What it met and what it did so far, in its own unit (bytes, packets, look-ups, processes); 0 affected is no effect. */
  effect(): Promise<{ readonly seen: number; readonly affected: number }>;
  /** Takes it away and proves it; throws SquallError `fault-not-cleared` where it can not. Twice is once. */
  clear(): Promise<void>;
}

// ---------------------------------------------------------------- engines

/** Puts the faults of one window in force, and proves that they are gone. */
export interface Engine {
  readonly name: EngineName;
  supports(fault: Fault): { readonly ok: true } | { readonly ok: false; readonly reason: string };
  inject(system: RunningSystem, placed: readonly PlacedEngineFault[], deadlineMs: number): Promise<Injection>;
}

/** As PlacedFault, for any fault. */
export interface PlacedEngineFault {
  readonly id: string;
  readonly fault: Fault;
  readonly marks: PlacedFault["marks"];
  readonly seed: number;
}

export interface Injection {
  /** Processes it killed, with the instant (epoch ms). */
  kills?(): readonly { readonly replica: number; readonly atMs: number; readonly signal: KillSignal }[];
  receipts(): Promise<readonly Receipt[]>;
  /** Takes the faults away and proves it: throws SquallError `fault-not-cleared` where it can not. */
  clear(): Promise<void>;
}

// ---------------------------------------------------------------- load

export interface PlannedRequest {
  readonly slot: number;
  /** ms from the window's start. */
  readonly atMs: number;
  readonly requestId: string;
  readonly repetition: number;
  readonly hit: boolean;
  /** The client hangs up after so many content events. */
  readonly abortAfterEvents?: number;
}

/**
 * A closed loop over some slots: so many places, each of which takes the next slot when its last request has ended, but
 * no sooner than makes the slots last. A slot not begun by the loop's end is left out, and has no observation.
 */
export interface ClosedLoop {
  readonly firstSlot: number;
  /** One past the last. */
  readonly endSlot: number;
  /** ms from the window's start. */
  readonly startMs: number;
  readonly endMs: number;
  readonly concurrency: number;
}

export interface LoadWindow {
  readonly window: number;
  readonly requests: readonly PlannedRequest[];
  /** In time order. Requests of no loop go at their own instants. */
  readonly loops?: readonly ClosedLoop[];
  /** Idle connections to hold during the window. */
  readonly idleConnections: number;
}

export interface LoadResult {
  readonly observations: readonly Observation[];
  readonly lagP99Ms: number;
  readonly achievedRate: number;
  readonly eventLoopP99Ms: number;
  /** Epoch ms at which slot times count from. */
  readonly startedAtMs: number;
  /** Epoch ms at which the last answer ended. */
  readonly endedAtMs: number;
}

export interface LoadStart {
  readonly baseUrl: string;
  readonly requests: readonly RequestTemplate[];
  readonly workload: Workload;
  readonly seed: number;
}

/** A generator in its own thread. One window at a time. */
export interface LoadGenerator extends AsyncDisposable {
  /** Requests of run() that have ended so far, over all windows, and how many of them failed: for progress. */
  counts(): { readonly ended: number; readonly failed: number };
  /** Sequentially, each request once: warm-up, attribution and calm answers. Observations have window -1. */
  calmPass(signal: AbortSignal): Promise<readonly Observation[]>;
  /** Resolves when every request has ended, failed or met its deadline. */
  run(window: LoadWindow, signal: AbortSignal): Promise<LoadResult>;
  /** Requests one after another until one is good or the time is up; returns ms (epoch) of the first good answer's end. */
  probeUntilGood(options: {
    readonly timeoutMs: number;
    readonly intervalMs: number;
    readonly signal: AbortSignal;
  }): Promise<number | null>;
}

export type StartLoad = (options: LoadStart) => Promise<LoadGenerator>;

// ---------------------------------------------------------------- progress

export interface ProgressEvent {
  readonly phase: "start" | "calm-pass" | "window" | "settle" | "recovery" | "judge" | "write" | "stop";
  readonly text: string;
  readonly window?: number;
  readonly windows?: number;
  readonly requests?: number;
  readonly errors?: number;
  readonly leftMs?: number;
}

export type OnProgress = (event: ProgressEvent) => void;
