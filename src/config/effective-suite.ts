/** What a gate measures: the change's own service, asked at least what the base asks. */
import { canBeTried, experimentPairs } from "../core/gate/experiment-pairs.ts";
import { stricterExpectations, stricterPolicy } from "../core/gate/stricter.ts";
import type { Experiment, Suite } from "../core/suite.ts";
import { hashed } from "./suite-build.ts";

const experimentsOf = (base: Suite, head: Suite): readonly Experiment[] => {
  const pairs = experimentPairs(base.experiments, head.experiments);
  const paired = new Set(pairs.map((pair) => pair.head));
  const kept = pairs.flatMap(({ base: there, head: here }): readonly Experiment[] => {
    // Its edge is gone with the dependency: a finding says that it is no longer tried.
    if (!canBeTried(there, head)) return here === null ? [] : [here];
    return [{ ...there, expect: stricterExpectations(there.expect, here?.expect ?? []) }];
  });
  return [...kept, ...head.experiments.filter((each) => !paired.has(each))];
};

/**
 * The head's suite with the base's experiments (first, in the base's order, with the base's faults), the stricter of both limits,
 * and the base's seed: where the head changes nothing of the measurement it is the base's, and their runs are twins.
 *
 * @param base null: there is none, and the head's own suite holds
 */
export const effectiveSuite = (base: Suite | null, head: Suite): Suite => {
  if (base === null) return head;
  const { seed: _, ...rest } = head;
  const seed = base.seed ?? head.seed;
  return hashed({
    ...rest,
    ...(seed === undefined ? {} : { seed }),
    policy: stricterPolicy(base.policy, head.policy),
    experiments: experimentsOf(base, head),
  });
};
