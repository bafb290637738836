/** Did the head's runs of a job measure what they set out to? What the job did to itself is no failure to measure. */
import { withoutEffect } from "../../exchange.ts";
import type { RunFigures } from "../../job/figures.ts";
import type { Scenario } from "../../profile.ts";
import type { Comparison, Finding } from "../../verdict.ts";
import { controlScenario, type JudgeContext } from "../context.ts";
import type { Validity } from "../validity.ts";
import { type JobSides, runsOf } from "./sides.ts";

const finding = (
  scenario: Scenario,
  kind: Finding["kind"],
  severity: Finding["severity"],
  title: string,
  detail: readonly string[],
): Finding => ({
  kind,
  severity,
  scenario: scenario.name,
  metric: null,
  edge: scenario.faults[0]?.on ?? null,
  title,
  detail,
});

const NONE: Validity = { invalid: [], findings: [] };

const lost = (
  scenario: Scenario,
  kind: Finding["kind"],
  what: string,
  detail: readonly string[],
): Validity => {
  const title = `${scenario.description}: ${what}`;
  return { invalid: [title], findings: [finding(scenario, kind, "block", title, detail)] };
};

/** Runs that do not count: some of them are a note, all of them lose the scenario. */
const uncounted = ({ head }: JobSides, scenario: Scenario): Validity => {
  const all = (head.profile.jobRuns ?? []).filter((run) => run.scenario === scenario.name);
  if (all.length === 0) return lost(scenario, "invalid-window", "not measured", ["No run was made."]);
  const reasons = [...new Set(all.flatMap(({ invalid }) => invalid ?? []))];
  const bad = all.filter(({ invalid }) => invalid !== undefined).length;
  if (bad === 0) return NONE;
  const what = `${bad} of ${all.length} runs do not count`;
  if (bad === all.length) return lost(scenario, "invalid-window", `${what}: ${reasons[0] ?? ""}`, reasons);
  const title = `${scenario.description}: ${what}`;
  return { invalid: [], findings: [finding(scenario, "invalid-window", "note", title, reasons)] };
};

/** Planned strikes that came in none of the runs that went through to the end. */
const missedStrikes = (runs: readonly RunFigures[]): readonly number[] => {
  const completed = runs.filter((each) => each.completed);
  const struck = new Set(runs.flatMap(({ run }) => run.strikes.map(({ at }) => at)));
  return [...new Set(completed.flatMap(({ run }) => run.plannedStrikes))].filter((at) => !struck.has(at));
};

const MOST_NAMES = 5;

/** Saves that a run began, by whatever of the two marks its log tells. */
const savesOf = ({ run }: RunFigures): number =>
  Math.max(
    ...(["saving", "saved"] as const).map((mark) => run.events.filter(({ kind }) => kind === mark).length),
  );

/** The head saves less often than the baseline, which was struck: its own doing, and lost steps tell of it. */
const savesLess = (sides: JobSides, scenario: Scenario): boolean => {
  const base = runsOf(sides.baseline, scenario.name);
  const most = (runs: readonly RunFigures[]): number => Math.max(0, ...runs.map(savesOf));
  return (
    scenario.trigger?.type === "save" &&
    base.some(({ run }) => run.strikes.length > 0) &&
    most(runsOf([sides.head], scenario.name)) < most(base)
  );
};

const unstruck = (sides: JobSides, scenario: Scenario): Validity => {
  const runs = runsOf([sides.head], scenario.name);
  const completed = runs.filter((each) => each.completed);
  if (completed.length === 0) return NONE;
  const missed = missedStrikes(runs);
  if (missed.length > 0) {
    const listed = missed.slice(0, MOST_NAMES).join(", ");
    const unit = scenario.trigger?.type === "save" ? "save" : "step";
    return lost(scenario, "fault-missed", "the fault struck nothing", [
      `No run was struck at ${unit} ${listed}${missed.length > MOST_NAMES ? " and others" : ""}, though it went on beyond: is the progress read from the log the one that the suite counts in?`,
    ]);
  }
  if (completed.every(({ run }) => run.strikes.length === 0))
    return lost(scenario, "fault-missed", "the fault struck nothing", [
      "No strike came in any run that completed. Check that its trigger comes at all: saves must be told by the job's log.",
    ]);
  const receipts = runs.flatMap(({ run }) => run.strikes.flatMap((strike) => strike.receipts));
  if (withoutEffect(receipts).length === 0) return NONE;
  return lost(scenario, "fault-missed", "the fault struck nothing", [
    `While it was in force the job made no call to ${scenario.faults[0]?.on ?? "its target"}. Hold it longer (\`for\`, \`forSteps\`), or strike at other steps.`,
  ]);
};

/** Without one whole calm run there is nothing to hold the others against; where the baseline has one, that is a regression instead. */
const calmMissing = (context: JudgeContext, sides: JobSides): Validity => {
  const calm = controlScenario(context);
  if (calm === null) return NONE;
  const head = runsOf([sides.head], calm.name);
  const completed = (runs: readonly RunFigures[]): boolean => runs.some((each) => each.completed);
  if (head.length === 0 || completed(head) || completed(runsOf(sides.baseline, calm.name))) return NONE;
  return lost(calm, "invalid-window", "no run completed, so there is nothing to hold the others against", [
    "Its last words are in the run's logs. Is `workload.job.timeout` long enough, and `workload.job.steps` the number of its last step?",
  ]);
};

const asConsequence = (each: Finding): Finding => ({ ...each, severity: "note" });

/** A job that breaks in calm runs as it never did meets its faults no more: that is the change's doing. */
const isCalmBroken = (context: JudgeContext, comparisons: readonly Comparison[]): boolean => {
  const calm = controlScenario(context)?.name;
  return comparisons.some(
    ({ scenario, metric, label }) =>
      scenario === calm && label === "regressed" && (metric === "not-completed" || metric === "crashes"),
  );
};

export const jobValidity = (
  context: JudgeContext,
  sides: JobSides,
  comparisons: readonly Comparison[],
): Validity => {
  const faults = context.scenarios.filter(({ shape }) => shape !== "control");
  const each = [
    ...context.scenarios.map((scenario) => uncounted(sides, scenario)),
    calmMissing(context, sides),
  ];
  const broken = isCalmBroken(context, comparisons);
  const worse = comparisons.some(({ label }) => label === "regressed");
  const struck = faults.map((scenario): Validity => {
    const { invalid, findings } = unstruck(sides, scenario);
    const isConsequence = broken || (worse && savesLess(sides, scenario));
    return isConsequence ? { invalid: [], findings: findings.map(asConsequence) } : { invalid, findings };
  });
  return {
    invalid: [...each, ...struck].flatMap(({ invalid }) => invalid),
    findings: [...each, ...struck].flatMap(({ findings }) => findings),
  };
};
