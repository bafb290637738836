/**
 * Whether samples out of an artifact can be those of the run that they are said to be of. Whoever opened the pull request may have
 * written them: what can be known without them is held against them.
 */
import type { RunArtifact } from "../../config/run-artifact.ts";
import type { Change } from "../../core/change.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { Suite } from "../../core/suite.ts";
import type { RequestSet } from "../../core/workload.ts";
import { measuredFrameHash, measuredHash, suiteSeed } from "../../run/run-suite.ts";
import { checkFrontiers } from "./check-frontiers.ts";
import { checkPlanned } from "./check-planned.ts";
import { checkPlannedJob } from "./check-planned-job.ts";
import { checkSignals } from "./check-signals.ts";
import { refuse } from "./refuse.ts";

export interface Expected {
  readonly change: Change;
  /** The suite as the gate measures it. */
  readonly suite: Suite;
  readonly requestSet: RequestSet;
  /** Seed that the workflow gives; undefined: drawn from the suite. */
  readonly seed: number | undefined;
}

const short = (commit: string): string => plainText(commit.slice(0, 12));

const checkOrigin = ({ profile, claimed }: RunArtifact, { change, suite }: Expected): void => {
  const { commit = "(none)" } = profile.provenance;
  if (commit !== change.headSha)
    refuse(`The samples are of commit ${short(commit)}, not of ${short(change.headSha)}.`);
  if (profile.suite !== suite.name)
    refuse(`The samples are of suite ${plainText(profile.suite, 100)}, not of ${suite.name}.`);
  if (claimed === null) return;
  if (claimed.repository.toLowerCase() !== change.repository.toLowerCase())
    refuse(`The run says it is of ${claimed.repository}, not of ${change.repository}.`);
  if (claimed.headSha !== change.headSha)
    refuse(`The run says it is of commit ${short(claimed.headSha)}, not of ${short(change.headSha)}.`);
  if (claimed.suite !== suite.name)
    refuse(`The run says it is of suite ${plainText(claimed.suite, 100)}, not of ${suite.name}.`);
};

/** @throws SquallError `artifact-invalid` with what does not fit, and what to do */
export const checkSamples = (artifact: RunArtifact, expected: Expected): void => {
  checkOrigin(artifact, expected);
  const { profile } = artifact;
  const { suite, requestSet } = expected;
  const seed = expected.seed ?? suiteSeed(suite, requestSet);
  if (
    profile.suiteHash !== measuredHash(suite, requestSet) ||
    profile.frameHash !== measuredFrameHash(suite, requestSet)
  )
    refuse("The samples were measured with another suite or request set than the change and its base have.");
  if (profile.seed !== seed) refuse(`The samples were measured with seed ${profile.seed}, not with ${seed}.`);
  if (suite.job === undefined) checkPlanned(profile, suite, requestSet, seed);
  else checkPlannedJob(profile, suite, seed);
  checkFrontiers(profile, suite);
  checkSignals(profile, suite);
};
