/** Limits as a person wrote them: exact, where measurements are rounded. */
import type { Hypothesis, HypothesisMetric } from "../suite.ts";

/** Without the dust of binary fractions. */
const plain = (value: number): string => String(Number(value.toPrecision(12)));

export const exactShare = (share: number): string => `${plain(share * 100)} %`;
export const exactPoints = (share: number): string => {
  const points = plain(share * 100);
  return `${points} ${points === "1" ? "point" : "points"}`;
};
export const exactNumber = (value: number): string => plain(value);

const DURATIONS = [
  [86_400_000, "days"],
  [1000, "s"],
  [1, "ms"],
] as const;

/** In the largest unit that leaves no rest of more than a digit: "30 days", "1.5 s", "300 ms". */
export const exactMs = (ms: number): string => {
  const [factor, unit] = DURATIONS.find(([each]) => ms >= each && (ms * 10) % each === 0) ?? [1, "ms"];
  const count = plain(ms / factor);
  return `${count} ${count === "1" && unit === "days" ? "day" : unit}`;
};

const METRIC_LIMITS: Readonly<Record<HypothesisMetric, (limit: number) => string>> = {
  errorRate: exactShare,
  lateRate: exactShare,
  degradedRate: exactShare,
  incompleteRate: exactShare,
  wrongAnswerRate: exactShare,
  goodput: exactShare,
  p50: exactMs,
  p95: exactMs,
  p99: exactMs,
  ttftP50: exactMs,
  ttftP95: exactMs,
  recovery: exactMs,
  callsPerRequest: exactNumber,
  workAfterAbort: exactNumber,
  deaths: exactNumber,
  completed: exactShare,
  crashes: exactShare,
  fromZero: exactShare,
  lostSteps: exactNumber,
  resume: exactMs,
  lossDeviation: exactShare,
  nanSteps: exactNumber,
};

/** "<= 2 %" */
export const limitWords = ({ comparator, limit, metric }: Hypothesis): string =>
  `${comparator} ${METRIC_LIMITS[metric](limit)}`;

/** "errorRate", "callsPerRequest at llm" */
export const metricWords = ({ metric, edge }: Hypothesis): string =>
  edge === undefined ? metric : `${metric} at ${edge}`;
