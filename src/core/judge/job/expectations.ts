/** What the suite expects of a job, held to the head's runs alone. They are seen, not estimated: the worst of them decides. */

import { isOfJobs, type JobExpectationMetric } from "../../job/expectations.ts";
import type { RunFigures } from "../../job/figures.ts";
import { medianOf } from "../../statistics/quantile.ts";
import type { Experiment, HypothesisMetric } from "../../suite.ts";
import type { HypothesisResult, MetricUnit } from "../../verdict.ts";
import type { JudgeContext } from "../context.ts";
import { holds, type Observed } from "../hypotheses.ts";
import { type JobSides, runsOf } from "./sides.ts";

const seen = (value: number | null, unit: MetricUnit): Observed => ({
  value,
  interval: value === null ? null : [value, value],
  unit,
});

const worst = (values: readonly (number | null)[]): number | null => {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : known.reduce((most, value) => Math.max(most, value));
};

const share = (flags: readonly boolean[]): number | null =>
  flags.length === 0 ? null : flags.filter((flag) => flag).length / flags.length;

/** Where a run ended before a new step came, it took at least so long. */
const resumeOf = (runs: readonly RunFigures[]): Observed => {
  const watched = worst(
    runs.flatMap(({ completed, run, restarts }) =>
      completed
        ? []
        : restarts.flatMap((each) => (each.resumeMs === null ? run.durationMs - each.struckAtMs : [])),
    ),
  );
  const longest = worst(runs.flatMap(({ restarts }) => restarts.map(({ resumeMs }) => resumeMs)));
  if (watched === null) return seen(longest, "ms");
  const value = Math.max(watched, longest ?? 0);
  return { value, interval: [value, Number.MAX_SAFE_INTEGER], unit: "ms" };
};

const observe = (runs: readonly RunFigures[], metric: JobExpectationMetric): Observed => {
  const restarts = runs.flatMap((each) => each.restarts);
  switch (metric) {
    case "completed":
      return seen(share(runs.map(({ completed }) => completed)), "share");
    case "crashes":
      return seen(share(runs.map(({ crashes }) => crashes.length > 0)), "share");
    case "fromZero":
      return seen(share(restarts.flatMap(({ fromZero }) => fromZero ?? [])), "share");
    case "lostSteps":
      return seen(worst(restarts.map(({ lostSteps }) => lostSteps)), "count");
    case "resume":
      return resumeOf(runs);
    case "lossDeviation":
      return seen(worst(runs.map(({ loss }) => loss?.distance ?? null)), "share");
    case "nanSteps":
      return seen(worst(runs.map(({ nanSteps }) => nanSteps)), "count");
    case "goodput":
      return seen(medianOf(runs.flatMap(({ goodput }) => goodput ?? [])), "share");
  }
};

/** Those of services alone are refused with the suite; an older one may have them. */
const observed = (runs: readonly RunFigures[], metric: HypothesisMetric): Observed =>
  isOfJobs(metric) ? observe(runs, metric) : seen(null, "count");

export const jobExpectations = (
  context: JudgeContext,
  { head }: JobSides,
  experiments: readonly Experiment[],
): readonly HypothesisResult[] =>
  experiments.flatMap((experiment) => {
    if (context.scenarios.every(({ name }) => name !== experiment.name)) return [];
    const runs = runsOf([head], experiment.name);
    return experiment.expect.map((hypothesis) => {
      const { value, interval, unit } = observed(runs, hypothesis.metric);
      return {
        scenario: experiment.name,
        text: hypothesis.text,
        holds: holds(hypothesis, interval),
        observed: value,
        interval,
        unit,
      };
    });
  });
