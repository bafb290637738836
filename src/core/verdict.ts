import type { Fingerprint, Provenance, Scenario } from "./profile.ts";

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
  | "goodput";

export type MetricUnit = "ms" | "share" | "ratio" | "count";

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
  | "widest";

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

/** Everything a report says; written as result.json. */
export interface Result {
  readonly schemaVersion: 1;
  readonly suite: string;
  readonly suiteHash: string;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly scenarios: readonly Scenario[];
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
  readonly method: "twin" | "stored" | "none";
  readonly notes: readonly string[];
  /** Command that repeats the worst finding here. */
  readonly reproduce: string;
}
