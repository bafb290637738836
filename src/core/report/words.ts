/** The words of every surface: what a verdict, a metric and a label are called. Icons stand beside words, never alone. */
import { METRIC_PRIORITIES } from "../judge/finding-classes.ts";
import type {
  Comparison,
  ComparisonLabel,
  Finding,
  FindingKind,
  HypothesisResult,
  Metric,
  Refusal,
  VerdictWord,
} from "../verdict.ts";

export interface Word {
  readonly icon: string;
  readonly word: string;
}

export const VERDICT_WORDS: Readonly<Record<VerdictWord, Word>> = {
  pass: { icon: "✅", word: "pass" },
  regressed: { icon: "❌", word: "regressed" },
  inconclusive: { icon: "⚠️", word: "inconclusive" },
  invalid: { icon: "⛔", word: "invalid" },
  "no-baseline": { icon: "🆕", word: "no baseline" },
};

/** How the judge's headline of a regression ends; a gate that lets it pass says so in its place (`headlineOf`). */
export const MERGE_BLOCKED = ": merge blocked";

export const FINDING_WORDS: Readonly<Record<FindingKind, string>> = {
  regression: "less resilient",
  hypothesis: "expectation broken",
  "invalid-window": "not measured",
  machine: "another machine",
  "fault-missed": "the fault struck nothing",
  "not-settled": "did not settle",
  cache: "answered from a cache",
  attribution: "calls could not be told apart",
  death: "the service died",
  "health-lies": "a health path does not tell the truth",
  buffering: "answers are held back",
  "new-scenario": "new",
  "missing-scenario": "not measured any more",
  improvement: "better",
  widest: "not settled",
  "weakened-gate": "the gate was weakened",
  "stale-baseline": "the baseline is too old",
  "outlier-run": "a baseline run is odd",
  unnoticed: "nobody would have noticed",
};

export const METRIC_WORDS: Readonly<Record<Metric, string>> = {
  p50: "median latency",
  hit50: "median latency of struck requests",
  p95: "p95 latency",
  p99: "p99 latency",
  ttft50: "median time to first content",
  "ttft-hit50": "median time to first content of struck requests",
  ttft95: "p95 time to first content",
  "slow-share": "slow answers",
  "error-rate": "errors",
  "hit-error-rate": "errors of struck requests",
  "late-rate": "failed or late",
  "pooled-error-rate": "errors over all faults",
  "degraded-rate": "degraded answers",
  "hit-degraded-rate": "degraded answers of struck requests",
  "incomplete-rate": "answers cut short",
  "hit-incomplete-rate": "struck answers cut short",
  "wrong-rate": "wrong answers",
  "drift-rate": "answers that differ from calm",
  "calls-per-request": "calls per request",
  "hit-calls-per-request": "calls per struck request",
  recovery: "recovery time",
  "ready-truth": "ready path tells the truth",
  "health-truth": "health path tells the truth",
  "work-after-abort": "work left after hang-ups",
  deaths: "process deaths",
  goodput: "goodput",
  "not-completed": "runs that did not complete",
  crashes: "runs that crashed",
  "nan-runs": "runs with NaN losses",
  "loss-left": "runs whose loss left that of calm runs",
  orphans: "runs that left processes behind",
  "from-zero": "restarts from the first step",
  "failed-restarts": "restarts that died before a step",
  "lost-steps": "steps lost per restart",
  resume: "time to the first new step",
  frontier: "tolerated",
};

/** Most telling first: what the client loses, then what it waits, then what explains it. */
export const TELLING_ORDER: readonly Metric[] = [
  "deaths",
  "not-completed",
  "failed-restarts",
  "from-zero",
  "crashes",
  "nan-runs",
  "loss-left",
  "lost-steps",
  "resume",
  "orphans",
  "error-rate",
  "hit-error-rate",
  "wrong-rate",
  "hit-incomplete-rate",
  "incomplete-rate",
  "recovery",
  "frontier",
  "hit-degraded-rate",
  "degraded-rate",
  "ready-truth",
  "health-truth",
  "calls-per-request",
  "hit-calls-per-request",
  "hit50",
  "p50",
  "late-rate",
  "goodput",
  "slow-share",
  "p95",
  "p99",
  "ttft-hit50",
  "ttft50",
  "ttft95",
  "work-after-abort",
  "drift-rate",
  "pooled-error-rate",
];

export const LABEL_WORDS: Readonly<Record<ComparisonLabel, Word>> = {
  ok: { icon: "✅", word: "no change that matters" },
  regressed: { icon: "❌", word: "worse" },
  improved: { icon: "⬆️", word: "better" },
  unbounded: { icon: "⚠️", word: "not settled" },
  refused: { icon: "➖", word: "not judged" },
  advisory: { icon: "ℹ️", word: "for information" },
};

export const REFUSAL_WORDS: Readonly<Record<Refusal, string>> = {
  n: "too few samples",
  neff: "too few independent samples",
  cliff: "baseline stands at a cliff",
  censored: "baseline lies past the deadline",
  advisory: "for information only",
  "no-baseline": "no baseline",
  "not-measured": "not measured",
};

export const HYPOTHESIS_WORDS: Readonly<Record<HypothesisResult["holds"], Word>> = {
  yes: { icon: "✅", word: "holds" },
  no: { icon: "❌", word: "does not hold" },
  unclear: { icon: "⚠️", word: "not settled" },
};

export const SEVERITY_WORDS: Readonly<Record<Finding["severity"], Word>> = {
  block: { icon: "❌", word: "blocks" },
  warn: { icon: "⚠️", word: "warning" },
  note: { icon: "ℹ️", word: "note" },
};

/** "worse", "not judged: too few samples". */
export const labelWord = (comparison: Comparison): Word => {
  const { icon, word } = LABEL_WORDS[comparison.label];
  return comparison.refused === undefined
    ? { icon, word }
    : { icon, word: `${word}: ${REFUSAL_WORDS[comparison.refused]}` };
};

/** "calls per request at llm". */
export const metricWord = (comparison: Pick<Comparison, "metric" | "edge">): string =>
  `${METRIC_WORDS[comparison.metric]}${comparison.edge === undefined ? "" : ` at ${comparison.edge}`}`;

/** " (availability)", beside a finding's severity; of the gate's own findings nothing. */
export const classNote = ({ class: kind }: Pick<Finding, "class">): string =>
  kind === undefined || kind === "gate" ? "" : ` (${kind})`;

/** " (availability)", beside what got worse: the kind of harm that its metric stands for. */
export const harmNote = ({ label, metric }: Pick<Comparison, "label" | "metric">): string =>
  label === "regressed" ? ` (${METRIC_PRIORITIES[metric].class})` : "";
