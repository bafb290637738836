/** Which suite is measured for a change: the head's, by the base branch's rules. */
import { effectiveSuite } from "../../config/effective-suite.ts";
import { weakenings } from "../../core/gate/weakening.ts";
import type { Suite } from "../../core/suite.ts";
import type { Finding } from "../../core/verdict.ts";
import type { RequestSet } from "../../core/workload.ts";
import type { SuiteAt } from "./suite-at.ts";

export interface SuiteUnderGate {
  /** The head's suite with the base's experiments, and the stricter of both limits. */
  readonly suite: Suite;
  readonly weakened: readonly Finding[];
  readonly notes: readonly string[];
}

export interface SuiteSides {
  readonly head: { readonly suite: Suite; readonly requestSet: RequestSet };
  readonly base: SuiteAt;
  /** As a person names the base: a branch or commit. */
  readonly baseName: string;
}

const source = ({ suite, requestSet }: SuiteSides["head"]): Parameters<typeof weakenings>[0] => ({
  suite,
  requestSetHash: requestSet.hash,
  requestIds: requestSet.requests.map(({ id }) => id),
});

export const suiteUnderGate = ({ head, base, baseName }: SuiteSides): SuiteUnderGate => {
  switch (base.kind) {
    case "read":
      return {
        suite: effectiveSuite(base.suite, head.suite),
        weakened: weakenings(source(base), source(head)),
        notes: [],
      };
    case "absent":
      return {
        suite: head.suite,
        weakened: [],
        notes: [`There is no suite on ${baseName} yet: the change's own limits hold.`],
      };
    case "broken":
      return {
        suite: head.suite,
        weakened: [],
        notes: [`The suite on ${baseName} is of no use, so the change's own limits hold: ${base.why}`],
      };
  }
};
