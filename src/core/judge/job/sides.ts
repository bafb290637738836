/** The runs of a job on both sides: the head's, and those of the comparable baseline pooled. */
import { figuresOf, type JobFigures, type RunFigures } from "../../job/figures.ts";
import { lossTolerance } from "../../job/loss.ts";
import type { Profile } from "../../profile.ts";
import { headRun, type JudgeContext } from "../context.ts";

export interface JobProfile {
  readonly profile: Profile;
  readonly figures: JobFigures;
}

export interface JobSides {
  readonly head: JobProfile;
  /** Empty: nothing to compare with. */
  readonly baseline: readonly JobProfile[];
  /** Learned from the calm runs of both sides, each profile's among themselves; null: not known. */
  readonly tolerance: number | null;
}

export const jobSides = (context: JudgeContext): JobSides => {
  const of = (profile: Profile): JobProfile => ({ profile, figures: figuresOf(profile) });
  const head = of(headRun(context).profile);
  const baseline = (context.baseline?.runs ?? []).map(({ profile }) => of(profile));
  return { head, baseline, tolerance: lossTolerance([head, ...baseline].map(({ profile }) => profile)) };
};

export const runsOf = (profiles: readonly JobProfile[], scenario: string): readonly RunFigures[] =>
  profiles.flatMap(({ figures }) => figures.runs.get(scenario) ?? []);
