/** Windows of trials, made up. */
import type { DiagnosisSubject } from "../../src/core/diagnosis/subject.ts";
import type { Remedy } from "../../src/core/remedy/remedy.ts";
import type { RemedyTrial, TrialFigures } from "../../src/core/remedy/trial.ts";

export const RETRY: Remedy = { on: "llm", kind: "retry", attempts: 1, backoffMs: 100 };
export const CACHE: Remedy = { on: "llm", kind: "cache", forMs: 60_000, entries: 1000 };
export const HEDGE: Remedy = { on: "llm", kind: "hedge", afterMs: 80 };
export const DEADLINE: Remedy = { on: "llm", kind: "deadline", afterMs: 240 };
export const BREAKER: Remedy = { on: "llm", kind: "circuit-breaker", failures: 5, openMs: 1000 };
export const REPLICA: Remedy = { on: "service", kind: "replica" };

export const figures = (given: Partial<TrialFigures> = {}): TrialFigures => ({
  requests: 150,
  hits: 30,
  errors: 0,
  hitErrors: 0,
  degraded: 0,
  incomplete: 0,
  wrong: 0,
  late: 0,
  p50Ms: 100,
  p95Ms: 140,
  hit50Ms: 100,
  p50IntervalMs: [98, 102],
  p95IntervalMs: [135, 150],
  hit50IntervalMs: [95, 105],
  calls: [{ edge: "llm", calls: 150 }],
  recoveryMs: null,
  ...given,
});

export const trial = (
  remedy: Remedy | null,
  given: Partial<TrialFigures> = {},
  more: Partial<RemedyTrial> = {},
): RemedyTrial => ({
  scenario: "llm-fails",
  phase: "fault",
  remedy,
  startMs: 0,
  durationMs: 5000,
  figures: figures(given),
  receipt: remedy === null ? null : { on: remedy.on, kind: remedy.kind, seen: 30, acted: 30 },
  ...more,
});

/** Errors that the baseline had none of, within half a point. */
export const errorSubject = (given: Partial<DiagnosisSubject> = {}): DiagnosisSubject => ({
  scenario: "llm-fails",
  aim: { metric: "error-rate", steady: 0, margin: 0.005 },
  guards: [
    { metric: "late-rate", steady: 0, margin: 0.005 },
    { metric: "degraded-rate", steady: 0, margin: 0.02 },
    { metric: "wrong-rate", steady: 0, margin: 0.005 },
  ],
  censorMs: 10_000,
  ...given,
});
