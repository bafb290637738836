/** What is to be tried, for each scenario that the verdict fails for. */

import type { Profile } from "../profile.ts";
import type { Suite } from "../suite.ts";
import type { Verdict } from "../verdict.ts";
import { type Candidate, calmEdgeMs, candidates } from "./candidates.ts";
import { type DiagnosisSubject, diagnosisSubjects } from "./subject.ts";

export interface DiagnosisTask {
  readonly subject: DiagnosisSubject;
  /** Cheapest first; may be empty. */
  readonly candidates: readonly Candidate[];
}

/** In the order of their subjects; none where the verdict does not fail. */
export const diagnosisTasks = (
  head: Profile,
  verdict: Verdict,
  { policy, experiments, dependencies }: Pick<Suite, "policy" | "experiments" | "dependencies">,
): readonly DiagnosisTask[] =>
  diagnosisSubjects({ head, policy, experiments }, verdict).flatMap((subject) => {
    const scenario = head.scenarios.find(({ name }) => name === subject.scenario);
    if (scenario === undefined) return [];
    const found = candidates({
      scenario,
      metric: subject.aim.metric,
      edge: subject.edge,
      dependencies,
      calmMs: (edge) => calmEdgeMs(head, edge),
    });
    return found.length === 0 ? [] : [{ subject, candidates: found }];
  });
