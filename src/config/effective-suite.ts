/** What a gate measures: the change's own service, asked at least what the base asks. */
import { canBeTried, experimentPairs, hardestOf } from "../core/gate/experiment-pairs.ts";
import { stricterExpectations, stricterPolicy } from "../core/gate/stricter.ts";
import { metricFits } from "../core/job/expectations.ts";
import type { Experiment, Frontier, Hypothesis, Suite } from "../core/suite.ts";
import { hashed } from "./suite-build.ts";

/** Whether an expectation has something to be true of: a dependency may be gone, and a kill another fault now. */
const fits =
  ({ faults }: Experiment, { dependencies, job }: Suite) =>
  ({ metric, edge }: Hypothesis): boolean => {
    if (!metricFits(metric, job === undefined ? "service" : "job")) return false;
    const has = (kind: string): boolean => faults.some((fault) => fault.kind === kind);
    if (metric === "recovery" && !has("kill")) return false;
    if (metric === "workAfterAbort" && !has("client-abort")) return false;
    return edge === undefined || dependencies.some(({ name }) => name === edge);
  };

const experimentsOf = (base: Suite, head: Suite): readonly Experiment[] => {
  const pairs = experimentPairs(base.experiments, head.experiments);
  const paired = new Set(pairs.map((pair) => pair.head));
  const kept = pairs.flatMap(({ base: there, head: here }): readonly Experiment[] => {
    // What the base's strikes may be gone with its dependency: then the head's is left, or none; a finding says so.
    const tried = canBeTried(there, head) ? there : here;
    if (tried === null) return [];
    const expect = stricterExpectations(there.expect, here?.expect ?? []);
    return [{ ...tried, expect: expect.filter(fits(tried, head)) }];
  });
  return [...kept, ...head.experiments.filter((each) => !paired.has(each))];
};

/** The base's frontiers as it searches them, as far as there is still something to strike; then what the head alone searches. */
const frontiersOf = (base: Suite, head: Suite): readonly Frontier[] => {
  const kept = base.frontiers.flatMap((there): readonly Frontier[] => {
    const here = head.frontiers.find(({ name }) => name === there.name);
    const tried = canBeTried(hardestOf(there), head) ? there : here;
    if (tried === undefined) return [];
    return [{ ...tried, expect: stricterExpectations(there.expect, here?.expect ?? []) }];
  });
  const names = new Set(kept.map(({ name }) => name));
  return [...kept, ...head.frontiers.filter(({ name }) => !names.has(name))];
};

/** A name means one thing: what the base has under it stays. */
const withoutNamesOf = <T extends { readonly name: string }>(
  list: readonly T[],
  others: readonly { readonly name: string }[],
): readonly T[] => list.filter(({ name }) => others.every((other) => other.name !== name));

/**
 * The head's suite with the base's experiments (first, in the base's order, with the base's faults), the stricter of both
 * limits, and the base's seed, or none where it has none: one that a change brings along could be picked until all looks
 * well. Where the head changes nothing of the measurement it is the base's to the hash, and their runs are twins.
 *
 * @param base null: there is none, and the head's own suite holds
 */
export const effectiveSuite = (base: Suite | null, head: Suite): Suite => {
  if (base === null) return head;
  const { seed: _, reference: __, ...rest } = head;
  return hashed({
    ...rest,
    ...(base.seed === undefined ? {} : { seed: base.seed }),
    // A change that could name what it is compared with would name itself. A job has none.
    ...(base.reference === undefined || head.job !== undefined ? {} : { reference: base.reference }),
    policy: stricterPolicy(base.policy, head.policy),
    experiments: withoutNamesOf(experimentsOf(base, head), head.job === undefined ? base.frontiers : []),
    frontiers: withoutNamesOf(frontiersOf(base, head), base.experiments),
    redact: [...new Set([...base.redact, ...head.redact])],
  });
};
