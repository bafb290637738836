/**
 * Whether the runs in samples of a training job are those that the suite plans: which scenarios, in which order, which steps struck
 * by which faults. What remains to a forger is to invent what the job logged.
 */
import type { JobRun, JobStrike } from "../../core/job/run.ts";
import type { Profile } from "../../core/profile.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { sameValue } from "../../core/same-value.ts";
import type { Suite } from "../../core/suite.ts";
import { FEWEST_ROUNDS, type JobPlan, makeJobPlan, type PlannedJobRun } from "../../run/job/plan.ts";
import { checkScenarios, refuse } from "./refuse.ts";

const whereOf = ({ scenario, repeat }: PlannedJobRun): string =>
  `run ${repeat + 1} of ${plainText(scenario.name, 100)}`;

/** A save's strikes are not known before it: they are counted, and have some of the experiment's faults. */
const isOfASave = ({ at, faults }: JobStrike, { scenario }: PlannedJobRun): boolean =>
  at >= 1 &&
  new Set(faults).size === faults.length &&
  faults.every((place) => place < scenario.faults.length);

const isPlanned = (strike: JobStrike, run: PlannedJobRun): boolean => {
  const { trigger } = run.scenario;
  if (trigger?.type === "save" && trigger.nth === "each") return isOfASave(strike, run);
  const planned = run.strikes.find(({ at }) => at === strike.at);
  return planned !== undefined && sameValue(planned.faults, strike.faults);
};

/** A step that never came was not struck, so some may be missing; none may be there twice. */
const checkStrikes = ({ strikes, plannedStrikes }: JobRun, planned: PlannedJobRun): void => {
  if (
    !sameValue(
      plannedStrikes,
      planned.strikes.map(({ at }) => at),
    )
  )
    refuse(`The samples plan other strikes for ${whereOf(planned)} than the suite and the seed do.`);
  if (strikes.some((strike) => !isPlanned(strike, planned)))
    refuse(`The samples hold a strike in ${whereOf(planned)} that was not planned.`);
  if (new Set(strikes.map(({ at }) => at)).size !== strikes.length)
    refuse(`The samples hold a strike of ${whereOf(planned)} twice.`);
};

/** Repeats may end early, by whole rounds: whoever leaves some out gains nothing by it, fewer runs settle less. */
const checkWhole = (runs: readonly JobRun[], plan: JobPlan): void => {
  const round = plan.scenarios.length;
  const fewest = Math.min(FEWEST_ROUNDS * round, plan.runs.length);
  if (runs.length > plan.runs.length || runs.length < fewest || runs.length % round !== 0)
    refuse(
      `The samples hold ${runs.length} runs; ${plan.runs.length} were planned, ${round} a round, at least ${FEWEST_ROUNDS} rounds.`,
    );
};

/** What only a service leaves: a job's samples have none of it, and reports would tell it. */
const OF_SERVICES = ["windows", "observations", "recoveries", "health", "aborts"] as const;
const OPTIONAL = ["frontiers", "signals", "trials", "policyRuns"] as const;

const checkNothingElse = (profile: Profile): void => {
  const found = [
    ...OF_SERVICES.filter((key) => profile[key].length > 0),
    ...OPTIONAL.filter((key) => (profile[key] ?? []).length > 0),
  ];
  if (found.length > 0)
    refuse(`The samples of a training job hold ${found.join(", ")}, which only a service leaves.`);
};

/**
 * @param seed of the run
 * @throws SquallError `artifact-invalid`
 */
export const checkPlannedJob = (profile: Profile, suite: Suite, seed: number): void => {
  const { jobRuns } = profile;
  if (jobRuns === undefined) return refuse("The samples are of a service; the suite is of a training job.");
  const plan = makeJobPlan(suite, seed);
  checkScenarios(profile, plan);
  checkNothingElse(profile);
  checkWhole(jobRuns, plan);
  const workers = suite.job?.workers ?? 1;
  for (const [place, run] of jobRuns.entries()) {
    const planned = plan.runs[place];
    if (planned === undefined || run.scenario !== planned.scenario.name || run.repeat !== planned.repeat)
      return refuse(`Run ${place} of the samples is not the one that was planned.`);
    checkStrikes(run, planned);
    if (run.attempts.some(({ worker }) => worker >= workers))
      refuse(`The samples hold a worker in ${whereOf(planned)} that the job does not have.`);
  }
};
