import type { DetectorResult } from "./detect/result.ts";
import type { DiagnosisResult } from "./diagnosis/result.ts";
import type { FrontierResult } from "./frontier/result.ts";
import type { GateRecord } from "./gate/gate-record.ts";
import type { JobResult } from "./job/result.ts";
import type { LocalisationResult } from "./localise/result.ts";
import type { MetricUnit } from "./metric-unit.ts";
import type { Fingerprint, Provenance, Scenario } from "./profile.ts";
import type { PolicyResult } from "./recovery-policy/result.ts";
import type { SignalResult } from "./signals/result.ts";
import type { Timeline } from "./timeline/entry.ts";
import type { Trend } from "./trend.ts";

export type VerdictWord = "pass" | "regressed" | "inconclusive" | "invalid" | "no-baseline";

export type Metric =
  | "p50"
  | "hit50"
  | "p95"
  | "p99"
  | "ttft50"
  | "ttft-hit50"
  | "ttft95"
  | "slow-share"
  | "error-rate"
  | "hit-error-rate"
  | "late-rate"
  | "pooled-error-rate"
  | "degraded-rate"
  | "hit-degraded-rate"
  | "incomplete-rate"
  | "hit-incomplete-rate"
  | "wrong-rate"
  | "drift-rate"
  | "calls-per-request"
  | "hit-calls-per-request"
  | "recovery"
  | "ready-truth"
  | "health-truth"
  | "work-after-abort"
  | "deaths"
  | "goodput"
  /** Of training jobs: shares of runs (restarts for the second pair), then figures of restarts. */
  | "not-completed"
  | "crashes"
  | "nan-runs"
  | "loss-left"
  | "orphans"
  | "from-zero"
  | "failed-restarts"
  | "lost-steps"
  | "resume"
  /** How much of a fault is tolerated. */
  | "frontier";

export type { MetricUnit } from "./metric-unit.ts";

export type ComparisonLabel =
  | "ok" // bounded: a change that matters is excluded
  | "regressed" // exceeds its margin with confidence, after Holm
  | "improved"
  | "unbounded" // neither
  | "refused" // too few samples, cliff, censored baseline, advisory
  | "advisory";

/** Why a comparison was refused. */
export type Refusal = "n" | "neff" | "cliff" | "censored" | "advisory" | "no-baseline" | "not-measured";

/** One metric of one scenario, now against then. Shares 0..1, times ms. */
export interface Comparison {
  readonly scenario: string;
  readonly metric: Metric;
  readonly unit: MetricUnit;
  /** Dependency for calls-per-request. */
  readonly edge?: string;
  /** A loss is worse, and a gain better; absent: the other way round. */
  readonly moreIsBetter?: true;
  /** Must be bounded for a pass. */
  readonly primary: boolean;
  readonly method: "twin" | "stored" | "none";
  readonly label: ComparisonLabel;
  readonly refused?: Refusal;
  readonly base: number | null;
  readonly head: number | null;
  /** Head minus base, after standardisation. */
  readonly change: number | null;
  /** 95 % interval of the change. */
  readonly interval: readonly [number, number] | null;
  /** What was allowed. */
  readonly margin: number | null;
  /** Smallest change this run could have seen with 80 % power. */
  readonly smallestVisible: number | null;
  /** One-sided, of "the change exceeds the margin". */
  readonly p: number | null;
  readonly n: number;
  /** Working figures for the explanation and for tests: E, S, df, D and the like. */
  readonly details: Readonly<Record<string, number>>;
}

export interface HypothesisResult {
  readonly scenario: string;
  readonly text: string;
  readonly holds: "yes" | "no" | "unclear";
  readonly observed: number | null;
  readonly interval: readonly [number, number] | null;
  readonly unit: MetricUnit;
}

export type FindingKind =
  | "regression"
  | "hypothesis"
  | "invalid-window"
  | "machine"
  | "fault-missed"
  | "not-settled"
  | "cache"
  | "attribution"
  | "death"
  | "health-lies"
  | "buffering"
  | "new-scenario"
  | "missing-scenario"
  | "improvement"
  | "widest"
  /** The pull request makes its own gate easier to pass. */
  | "weakened-gate"
  /** The baseline is older than the policy allows. */
  | "stale-baseline"
  /** A run of the baseline that is unlike the others. */
  | "outlier-run"
  /** A fault that harmed requests, and that none of the service's own signals showed. */
  | "unnoticed";

/** What kind of harm a finding tells of, in the order of what it means to a user. */
export type FindingClass =
  | "availability"
  | "correctness"
  | "latency"
  | "recovery"
  | "amplification"
  | "observability"
  /** Of the measurement, the gate or the machine, not of the service. */
  | "gate";

/** What a person should read. Severity `block` makes the verdict; `warn` and `note` never do. */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity: "block" | "warn" | "note";
  readonly scenario: string | null;
  readonly metric: Metric | null;
  readonly edge: string | null;
  /** One sentence: what broke, how badly, how surely. */
  readonly title: string;
  /** More sentences: where, why believed, what to do. */
  readonly detail: readonly string[];
  /** Absent: an older version wrote it. */
  readonly class?: FindingClass;
  /**
   * How much of it a user meets, in the unit of its class (`core/judge/priorities.ts`): share of requests; for latency the relative
   * slowdown times the share that is slower; seconds of recovery; share of calls that are more. Absent: not known.
   */
  readonly impact?: number;
}

export interface Verdict {
  readonly word: VerdictWord;
  /** The same words on every surface. */
  readonly headline: string;
  readonly findings: readonly Finding[];
  readonly comparisons: readonly Comparison[];
  readonly hypotheses: readonly HypothesisResult[];
  /** Scenario under which the worst finding stands. */
  readonly worstScenario: string | null;
  readonly widest: Comparison | null;
}

/** Calls at one dependency for each client request: retry amplification. */
export interface MeasuredCalls {
  readonly edge: string;
  readonly perRequest: number;
  /** Of requests the fault struck; null where none or every one was. */
  readonly perHitRequest: number | null;
  /** `perRequest` over that of calm traffic; null for calm traffic itself. */
  readonly timesCalm: number | null;
  /** Most calls that a single client request made; null where calls could not be told apart by request. */
  readonly most: number | null;
}

/** What a health or ready path said. */
export interface MeasuredPath {
  readonly path: "health" | "ready";
  readonly looks: number;
  /** Looks that were answered 2xx. */
  readonly ok: number;
  /** Of these, at a moment when most requests failed. */
  readonly falselyOk: number;
}

/** What the head showed under one scenario, compared with nothing. Shares 0..1, times ms; null: not measured. */
export interface MeasuredScenario {
  readonly scenario: string;
  /** Scored requests: in valid windows, after their guard. */
  readonly requests: number;
  readonly errorRate: number | null;
  /** Answered well, and within the SLO. */
  readonly goodput: number | null;
  readonly degradedRate: number | null;
  /** Good answers that differ from the same request's calm answer. */
  readonly driftRate: number | null;
  /** Quantiles over all requests; a failed one is slower than any: +Infinity. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly ttft50Ms: number | null;
  /** Kill to the first good answer; +Infinity: most kills were not recovered from while watched. */
  readonly recovery: { readonly kills: number; readonly medianMs: number } | null;
  readonly calls: readonly MeasuredCalls[];
  readonly paths: readonly MeasuredPath[];
  /** Clients that hung up, and dependency calls still open a second later. */
  readonly aborts: { readonly aborted: number; readonly openAfter1s: number } | null;
  /** Processes that died without our doing. */
  readonly deaths: number;
  /** Peaks of the service, of its busiest replica. */
  readonly service: { readonly peakCpuCores: number | null; readonly peakMemoryBytes: number } | null;
}

/** How a measurement side by side bore out what the stored baseline said. */
export interface Confirmation {
  /** `confirmed`: worse there too; `cleared`: no change that matters there; `unsettled`: it could not tell. */
  readonly outcome: "confirmed" | "cleared" | "unsettled";
  /** Experiments that were measured in pairs. */
  readonly scenarios: readonly string[];
  readonly stored: { readonly word: VerdictWord; readonly headline: string };
  readonly paired: { readonly word: VerdictWord; readonly headline: string };
}

/** Everything a report says; written as result.json. */
export interface Result {
  readonly schemaVersion: 1;
  readonly suite: string;
  readonly suiteHash: string;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly scenarios: readonly Scenario[];
  /** One for each scenario, in the same order; none for a training job. */
  readonly measured: readonly MeasuredScenario[];
  /** Present: a training job was measured; one for each scenario, in the same order. */
  readonly jobs?: readonly JobResult[];
  /** Absent: the suite searches none. */
  readonly frontiers?: readonly FrontierResult[];
  readonly head: {
    readonly provenance: Provenance;
    readonly fingerprint: Fingerprint;
    readonly observations: number;
    readonly probeMs: number;
    readonly measuringMs: number;
  };
  readonly baseline: {
    readonly runs: number;
    readonly newest: Provenance;
    readonly fingerprint: Fingerprint;
  } | null;
  /** Of the baseline's runs; absent: too few of them. */
  readonly trend?: Trend;
  readonly method: "paired" | "twin" | "stored" | "none";
  /** Present where the stored baseline's verdict was tried again in pairs. */
  readonly confirmation?: Confirmation;
  /** What detectors saw, by name; absent: the run has no series. */
  readonly detection?: readonly DetectorResult[];
  /** Absent: the suite names no signals, nor a health or ready path. */
  readonly signals?: readonly SignalResult[];
  /** One for each experiment. */
  readonly localisation?: readonly LocalisationResult[];
  /** Of experiments that failed, where there was time for it. */
  readonly diagnoses?: readonly DiagnosisResult[];
  /** Absent: the suite has no recovery policy. */
  readonly recoveryPolicies?: readonly PolicyResult[];
  /** When what happened; absent: an older version wrote it, or nothing was measured under faults. */
  readonly timeline?: Timeline;
  readonly notes: readonly string[];
  /** Command that repeats the worst finding here. */
  readonly reproduce: string;
  /** Absent: judged by hand, outside of a gate. */
  readonly gate?: GateRecord;
}
