/**
 * Whether samples out of an artifact can be those of the run that they are said to be of. Whoever opened the pull request may have
 * written them: what can be known without them is held against them.
 */
import type { RunArtifact } from "../../config/run-artifact.ts";
import type { Change } from "../../core/change.ts";
import { SquallError } from "../../core/errors.ts";
import type { Profile } from "../../core/profile.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { sameValue } from "../../core/same-value.ts";
import type { Suite } from "../../core/suite.ts";
import type { RequestSet } from "../../core/workload.ts";
import { measuredHash, suiteSeed } from "../../run/run-suite.ts";

const AGAIN =
  "Run the workflow that measures again, on the newest commits of the pull request and its base, with the same version of squall and without inputs that change what is measured.";

const refuse = (message: string, remedy = AGAIN): never => {
  throw new SquallError("artifact-invalid", message, { place: "artifact", remedy });
};

export interface Expected {
  readonly change: Change;
  /** The suite as the gate measures it. */
  readonly suite: Suite;
  readonly requestSet: RequestSet;
  /** Seed that the workflow gives; undefined: drawn from the suite. */
  readonly seed: number | undefined;
}

const checkOrigin = ({ profile, claimed }: RunArtifact, { change, suite }: Expected): void => {
  const { commit = "" } = profile.provenance;
  if (commit !== change.headSha)
    refuse(
      `The samples are of commit ${plainText(commit.slice(0, 12))}, not of ${change.headSha.slice(0, 12)}.`,
    );
  if (profile.suite !== suite.name)
    refuse(`The samples are of suite ${plainText(profile.suite, 100)}, not of ${suite.name}.`);
  if (claimed === null) return;
  if (claimed.repository.toLowerCase() !== change.repository.toLowerCase())
    refuse(`The run says it is of ${claimed.repository}, not of ${change.repository}.`);
  if (claimed.headSha !== change.headSha)
    refuse(
      `The run says it is of commit ${claimed.headSha.slice(0, 12)}, not of ${change.headSha.slice(0, 12)}.`,
    );
};

const checkMeasured = (profile: Profile, { suite, requestSet, seed }: Expected): void => {
  if (profile.suiteHash !== measuredHash(suite, requestSet))
    refuse("The samples were measured with another suite or request set than the change and its base have.");
  const drawn = seed ?? suiteSeed(suite, requestSet);
  if (profile.seed !== drawn)
    refuse(`The samples were measured with seed ${profile.seed}, not with ${drawn}.`);
  for (const { name, faults } of suite.experiments) {
    const scenario = profile.scenarios.find((each) => each.name === name);
    if (scenario === undefined) refuse(`The samples lack the experiment ${plainText(name, 100)}.`);
    else if (!sameValue(scenario.faults, faults))
      refuse(`The samples' experiment ${plainText(name, 100)} has other faults than the suite's.`);
  }
};

/** Every planned request has its row; rows beyond, or of no window, are not the generator's. */
const checkComplete = ({ windows, observations }: Profile): void => {
  const rows = new Map<number, number>();
  for (const { window } of observations) rows.set(window, (rows.get(window) ?? 0) + 1);
  for (const [index, { phase, planned, invalid }] of windows.entries()) {
    if (phase !== "load" || invalid !== undefined) continue;
    const found = rows.get(index) ?? 0;
    if (planned <= 0 || found !== planned)
      refuse(
        `The samples are not whole: window ${index} was planned with ${planned} requests and holds ${found}.`,
      );
  }
};

/** @throws SquallError `artifact-invalid` with what does not fit, and what to do */
export const checkSamples = (artifact: RunArtifact, expected: Expected): void => {
  checkOrigin(artifact, expected);
  checkMeasured(artifact.profile, expected);
  checkComplete(artifact.profile);
};
