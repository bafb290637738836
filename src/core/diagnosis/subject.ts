/** What a diagnosis is to bring back: one figure of one scenario, where it should be, and what must not be lost on the way. */
import { cleanRun } from "../judge/clean.ts";
import { type RunSample, rowsOfRun } from "../judge/context.ts";
import type { Profile } from "../profile.ts";
import { quantileOfSorted, sortedCopy } from "../statistics/quantile.ts";
import type { Experiment, Hypothesis, HypothesisMetric, Policy } from "../suite.ts";
import type { Comparison, Finding, Verdict } from "../verdict.ts";
import { type TrialMetric, trialMetricOf } from "./metric.ts";

/** A figure, where it is at rest, and how far from there still is there. */
export interface Aim {
  readonly metric: TrialMetric;
  /** The baseline's figure, else calm traffic's; null: neither is known. */
  readonly steady: number | null;
  readonly margin: number;
}

export interface DiagnosisSubject {
  readonly scenario: string;
  /** Dependency of calls per request. */
  readonly edge?: string;
  readonly aim: Aim;
  /** Figures of what a client gets that a remedy must not spoil. */
  readonly guards: readonly Aim[];
  /** A time that never came counts as this, ms. */
  readonly censorMs: number;
}

export interface SubjectInput {
  readonly head: Profile;
  readonly policy: Policy;
  readonly experiments: readonly Experiment[];
}

const GUARDED: readonly TrialMetric[] = ["error-rate", "late-rate", "degraded-rate", "wrong-rate"];

/** As long as a recovery is watched for. */
const RECOVERY_CENSOR_MS = 15_000;

/** Of calm traffic; null where none was measured, or where there is none of it. */
const calmFigure = (run: RunSample, metric: TrialMetric, edge: string | undefined): number | null => {
  const { profile } = run;
  const control = profile.scenarios.find(({ shape }) => shape === "control")?.name;
  const rows = control === undefined ? [] : rowsOfRun(run, control);
  if (rows.length === 0) return null;
  const share = (has: (row: (typeof rows)[number]) => boolean): number =>
    rows.filter(has).length / rows.length;
  const quantile = (q: number): number =>
    quantileOfSorted(sortedCopy(rows.map(({ latencyMs }) => latencyMs)), q);
  switch (metric) {
    case "error-rate":
    case "hit-error-rate":
      return share(({ failed }) => failed);
    case "late-rate":
      return share(({ late }) => late);
    case "degraded-rate":
      return share(({ observation }) => observation.outcome === "degraded");
    case "incomplete-rate":
      return share(({ observation }) => observation.outcome === "incomplete");
    case "wrong-rate":
      return share(({ observation }) => observation.outcome === "wrong-answer");
    // It is counted against calm answers.
    case "drift-rate":
      return 0;
    case "p50":
    case "hit50":
      return quantile(0.5);
    case "p95":
      return quantile(0.95);
    case "calls-per-request": {
      const own = profile.edgeCalls.filter(
        (each) => each.edge === edge && profile.windows[each.window]?.scenario === control,
      );
      const requests = own.reduce((sum, { clientRequests }) => sum + clientRequests, 0);
      return requests === 0 ? null : own.reduce((sum, { calls }) => sum + calls, 0) / requests;
    }
    // Nobody is killed in calm traffic.
    case "recovery":
      return null;
  }
};

const defaultMargin = (metric: TrialMetric, steady: number | null, policy: Policy): number => {
  switch (metric) {
    case "error-rate":
    case "hit-error-rate":
    case "late-rate":
    case "incomplete-rate":
    case "wrong-rate":
      return policy.errorRate;
    case "degraded-rate":
    case "drift-rate":
      return policy.degradedRate;
    case "p50":
    case "p95":
    case "hit50":
      return Math.max(policy.latency.absoluteMs, policy.latency.relative * (steady ?? 0));
    case "calls-per-request":
      return Math.max(policy.callsPerRequest.absolute, policy.callsPerRequest.relative * (steady ?? 0));
    case "recovery":
      return Math.max(policy.recovery.absoluteMs, policy.recovery.relative * (steady ?? 0));
  }
};

const HYPOTHESIS_METRICS: Readonly<Record<HypothesisMetric, TrialMetric | null>> = {
  errorRate: "error-rate",
  lateRate: "late-rate",
  degradedRate: "degraded-rate",
  incompleteRate: "incomplete-rate",
  wrongAnswerRate: "wrong-rate",
  goodput: "late-rate",
  p50: "p50",
  p95: "p95",
  p99: "p95",
  ttftP50: "p50",
  ttftP95: "p95",
  recovery: "recovery",
  callsPerRequest: "calls-per-request",
  workAfterAbort: null,
  completed: null,
  crashes: null,
  fromZero: null,
  lostSteps: null,
  resume: null,
  lossDeviation: null,
  nanSteps: null,
  deaths: "error-rate",
};

/** The first expectation of a scenario that does not hold. */
const brokenHypothesis = (
  { hypotheses }: Verdict,
  experiments: readonly Experiment[],
  scenario: string,
): Hypothesis | null => {
  const broken = hypotheses.find((each) => each.scenario === scenario && each.holds === "no");
  const written = experiments.find(({ name }) => name === scenario)?.expect ?? [];
  return written.find(({ text }) => text === broken?.text) ?? null;
};

/** What lets the expectation hold: calm traffic's figure where that does, else the limit itself. */
const aimOfHypothesis = (run: RunSample, { metric, limit, edge }: Hypothesis): Aim | null => {
  const of = HYPOTHESIS_METRICS[metric];
  if (of === null) return null;
  const most = metric === "goodput" ? 1 - limit : limit;
  // A limit on deaths is none on errors.
  const allowed = metric === "deaths" ? 0 : most;
  const calm = calmFigure(run, of, edge);
  const steady = calm === null ? allowed : Math.min(calm, allowed);
  return { metric: of, steady, margin: allowed - steady };
};

/** Worst first, once a scenario: the findings that block. */
export const blockingFindings = ({ word, findings }: Verdict): readonly Finding[] => {
  if (word !== "regressed") return [];
  const seen = new Set<string | null>();
  return findings.filter(({ severity, scenario }) => {
    if (severity !== "block" || scenario === null || seen.has(scenario)) return false;
    seen.add(scenario);
    return true;
  });
};

class Subjects {
  readonly #input: SubjectInput;
  readonly #verdict: Verdict;
  readonly #run: RunSample;

  constructor(input: SubjectInput, verdict: Verdict) {
    this.#input = input;
    this.#verdict = verdict;
    this.#run = cleanRun(input.head, 0, { policy: input.policy, sloMs: input.head.sloMs });
  }

  #comparison(scenario: string, metric: string, edge?: string): Comparison | undefined {
    return this.#verdict.comparisons.find(
      (each) => each.scenario === scenario && each.metric === metric && each.edge === edge,
    );
  }

  #aim(scenario: string, metric: TrialMetric, edge: string | undefined): Aim {
    const comparison = this.#comparison(scenario, metric, edge);
    const steady = comparison?.base ?? calmFigure(this.#run, metric, edge);
    const margin = comparison?.margin ?? defaultMargin(metric, steady, this.#input.policy);
    return { metric, steady, margin: Math.max(0, margin) };
  }

  /** Null where no remedy could matter. */
  of(finding: Finding): DiagnosisSubject | null {
    const { scenario } = finding;
    if (scenario === null || this.#input.head.scenarios.every(({ name }) => name !== scenario)) return null;
    const hypothesis =
      finding.kind === "hypothesis"
        ? brokenHypothesis(this.#verdict, this.#input.experiments, scenario)
        : null;
    const metric = finding.metric === null ? null : trialMetricOf(finding.metric);
    const edge = hypothesis?.edge ?? this.#edgeOfCalls(finding, metric);
    const aim =
      hypothesis !== null
        ? aimOfHypothesis(this.#run, hypothesis)
        : metric === null
          ? null
          : this.#aim(scenario, metric, edge);
    if (aim === null) return null;
    const guards = GUARDED.filter((each) => each !== aim.metric).map((each) =>
      this.#aim(scenario, each, undefined),
    );
    const { totalMs } = this.#input.head.deadlines;
    return {
      scenario,
      ...(edge === undefined ? {} : { edge }),
      aim,
      guards,
      censorMs: aim.metric === "recovery" ? Math.max(totalMs, RECOVERY_CENSOR_MS) : totalMs,
    };
  }

  #edgeOfCalls({ edge }: Finding, metric: TrialMetric | null): string | undefined {
    return metric === "calls-per-request" && edge !== null ? edge : undefined;
  }
}

/**
 * Calm traffic where that fails, since what fails without a fault fails under each of them; then worst first. Only what the verdict fails
 * for, and a remedy could matter to.
 */
export const diagnosisSubjects = (input: SubjectInput, verdict: Verdict): readonly DiagnosisSubject[] => {
  const blocking = blockingFindings(verdict);
  if (blocking.length === 0) return [];
  const subjects = new Subjects(input, verdict);
  const calm = input.head.scenarios.find(({ shape }) => shape === "control")?.name;
  const calmFirst = blocking.toSorted(
    (one, other) => Number(other.scenario === calm) - Number(one.scenario === calm),
  );
  return calmFirst.flatMap((finding) => subjects.of(finding) ?? []);
};
