import type { Receipt } from "./exchange.ts";
import type { RequestExhibit } from "./exhibit.ts";
import type { Fault, KillSignal } from "./fault.ts";
import type { Scale } from "./fault-catalogue.ts";
import type { FrontierRange, FrontierStep } from "./frontier/range.ts";
import type { JobRun } from "./job/run.ts";
import type { JobTrigger } from "./job/trigger.ts";
import type { Observation } from "./observation.ts";
import type { PolicyRun } from "./recovery-policy/rule.ts";
import type { RemedyTrial } from "./remedy/trial.ts";
import type { SignalRecord } from "./signals/signal.ts";
import type { Hypothesis } from "./suite.ts";
import type { Deadlines } from "./workload.ts";

/** Where a profile was measured; decides whether two profiles may be compared at all. */
export interface Fingerprint {
  readonly arch: string;
  readonly platform: string;
  readonly cpuModel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly runtime: string;
}

export interface Provenance {
  readonly commit?: string;
  readonly branch?: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly tool: string;
}

/**
 * `control` calm traffic; `attributed` partial faults that follow their request, interleaved with calm; `ambient`
 * process limits, interleaved with a guard; `clock` outages and load, each a scenario of its own at the end; `kill`
 * the same, with recovery measured; `job` faults that strike a training job by its progress.
 */
export type ScenarioShape = "control" | "attributed" | "ambient" | "clock" | "kill" | "job";

export interface Scenario {
  /** `control` or the experiment's name. */
  readonly name: string;
  readonly shape: ScenarioShape;
  readonly scale: Scale;
  readonly faults: readonly Fault[];
  /** As of its experiment, for jobs. */
  readonly trigger?: JobTrigger;
  readonly strikeMs?: number;
  /** "llm answers 429, Retry-After 2 s, on 20 % of calls" */
  readonly description: string;
}

export interface WindowRecord {
  readonly scenario: string;
  readonly round: number;
  readonly phase: "load" | "settle" | "recovery";
  /** ms from the run's start. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Observations scheduled before this are not scored. */
  readonly guardMs: number;
  readonly planned: number;
  readonly lagP99Ms: number;
  /** Sent / planned. */
  readonly achievedRate: number;
  readonly eventLoopP99Ms: number;
  readonly receipts: readonly Receipt[];
  /** Why it does not count; absent: valid. */
  readonly invalid?: string;
}

/** One kill and what came after. */
export interface RecoveryRecord {
  readonly scenario: string;
  readonly round: number;
  readonly signal: KillSignal;
  readonly replica: number;
  /** Kill to the first good answer inside its deadline; null: not recovered within `watchedMs` (censored). */
  readonly recoveryMs: number | null;
  readonly watchedMs: number;
}

/** Calls at one dependency made for one window's client requests. */
export interface EdgeCalls {
  readonly window: number;
  readonly edge: string;
  readonly calls: number;
  /** Calls attributed to hit requests, and how many hit requests there were. */
  readonly hitCalls: number;
  readonly clientRequests: number;
  readonly hitRequests: number;
  /** Most calls any single client request made. */
  readonly maxCalls: number;
}

/** One look at a health or ready path. */
export interface HealthSample {
  readonly window: number;
  readonly path: "health" | "ready";
  /** ms from the run's start. */
  readonly atMs: number;
  /** 0: no answer. */
  readonly status: number;
}

export interface ProcessSample {
  /** `service`, `service-2`, or a dependency's name. */
  readonly name: string;
  /** ms from the run's start. */
  readonly atMs: number;
  /** Cores in use over the last interval. */
  readonly cpu: number;
  readonly memoryBytes: number;
  /** What it may use now, where that is limited and known: cores, bytes. */
  readonly cpuLimit?: number;
  readonly memoryLimitBytes?: number;
  /** Over the last interval; absent where the runtime cannot tell. */
  readonly receivedBytesPerSecond?: number;
  readonly sentBytesPerSecond?: number;
}

export interface ProcessDeath {
  readonly name: string;
  readonly atMs: number;
  readonly window: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** We killed it ourselves: not a finding. */
  readonly injected: boolean;
}

/** How a call failed, as its edge saw it. */
export const ERROR_CLASSES = [
  "client-error",
  "rate-limited",
  "server-error",
  "refused",
  "cut",
  "aborted",
  "malformed",
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/**
 * One second of one edge: what detectors, localisation and charts read. Calls belong to the second in which they began. A second
 * that is not there had no calls.
 */
export interface EdgeSecond {
  readonly edge: string;
  /** Whole seconds from the run's start. */
  readonly second: number;
  readonly calls: number;
  readonly errors: number;
  readonly meanMs: number;
  readonly p95Ms: number;
  /** What follows is absent in files of older versions. Classes that did not occur are left out. */
  readonly errorsByClass?: Readonly<Partial<Record<ErrorClass, number>>>;
  /** Calls open at the end of the second. */
  readonly inFlight?: number;
  /** Calls after the first for the same question of the same client request. */
  readonly retries?: number;
  /** Mean time to the first byte; null: none came. */
  readonly firstByteMs?: number | null;
  /** Longest silence between two pieces of one answer; null: no answer came in pieces. */
  readonly longestGapMs?: number | null;
  /** Mean of the answers' longest silences. */
  readonly meanGapMs?: number | null;
  /** Mean of the upstream's own time, faults of the edge left out; null: nothing was passed on. */
  readonly upstreamMs?: number | null;
  /** Calls that were passed on to the upstream, and mean bytes of an answer. */
  readonly upstreamCalls?: number;
  readonly answerBytes?: number;
  /** Mean time from the arrival of the client's request to the call it made here; null: told of no call. */
  readonly sinceRequestMs?: number | null;
  /** Connections accepted within the second, also those on which nothing was asked. */
  readonly connections?: number;
}

/** After clients hung up: upstream calls still open over time. */
export interface AbortRecord {
  readonly window: number;
  readonly aborted: number;
  /** Open dependency calls at the last abort + 1 s; 0 is what a careful service shows. */
  readonly openAfter1s: number;
  /** Clients gone for whom a dependency call ran to its very end afterwards; absent: measured by an older version. */
  readonly finished?: number;
  readonly drainedMs: number | null;
}

export interface AttributionSummary {
  readonly edge: string;
  readonly calls: number;
  readonly byHeader: number;
  readonly byTrace: number;
  readonly byFingerprint: number;
  readonly byText: number;
  readonly none: number;
}

/** How much of a fault was tolerated: what the search saw. */
export interface FrontierRecord {
  readonly name: string;
  /** "llm is up to 5 s away, on all calls" */
  readonly description: string;
  /** At its hardest. */
  readonly fault: Fault;
  readonly range: FrontierRange;
  readonly expect: readonly Hypothesis[];
  readonly steps: readonly FrontierStep[];
}

/** All that one run measured. */
export interface Profile {
  readonly schemaVersion: 1;
  readonly suite: string;
  /** What was measured: suite and request set (`measuredHash`). */
  readonly suiteHash: string;
  /**
   * As `suiteHash`, but for the list of experiments: runs of one frame can be compared scenario by scenario. Empty: written
   * before there were any; equals nothing, itself included.
   */
  readonly frameHash: string;
  /** Hash of the planned schedule (order, times, hits): equal hashes make twins. */
  readonly scheduleHash: string;
  readonly seed: number;
  readonly fingerprint: Fingerprint;
  readonly provenance: Provenance;
  /** Median time of a fixed spin, ms: the machine's speed in this run. */
  readonly probeMs: number;
  readonly deadlines: Deadlines;
  readonly sloMs: number;
  readonly scenarios: readonly Scenario[];
  readonly windows: readonly WindowRecord[];
  readonly observations: readonly Observation[];
  readonly recoveries: readonly RecoveryRecord[];
  readonly edgeCalls: readonly EdgeCalls[];
  readonly edgeSeconds: readonly EdgeSecond[];
  readonly health: readonly HealthSample[];
  readonly processes: readonly ProcessSample[];
  readonly deaths: readonly ProcessDeath[];
  readonly aborts: readonly AbortRecord[];
  readonly attribution: readonly AttributionSummary[];
  /** Absent: the suite has none, or an older version measured it. */
  readonly frontiers?: readonly FrontierRecord[];
  /** The service's own signs of trouble, as they were seen; absent: its suite names none. */
  readonly signals?: readonly SignalRecord[];
  /** Remedies tried under faults that failed the service, after everything else. */
  readonly trials?: readonly RemedyTrial[];
  /** Experiments under recovery policies. */
  readonly policyRuns?: readonly PolicyRun[];
  /** Present: a training job was measured, and there are no windows and no observations. */
  readonly jobRuns?: readonly JobRun[];
  /** Of the worst requests what happened on every edge; absent: stored as a baseline, or an older version measured it. */
  readonly exhibits?: readonly RequestExhibit[];
  /** Time spent measuring (windows) and all of it, ms: the overhead is the rest. */
  readonly measuringMs: number;
  readonly notes: readonly string[];
}

/** Profiles of the default branch, newest last. */
export interface Baseline {
  readonly schemaVersion: 1;
  readonly suite: string;
  readonly profiles: readonly Profile[];
}
