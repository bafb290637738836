/**
 * What the step's inputs say of this run. The workflow's word, not the suite's: it stands over the change's suite and the base's
 * alike, and is no loosening of either.
 */
import type { ActionInputs } from "../../config/action/inputs.ts";
import type { Policy, Suite } from "../../core/suite.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";

export const withBudget = (suite: Suite, budgetMs: number | undefined): Suite =>
  budgetMs === undefined ? suite : { ...suite, policy: { ...suite.policy, budgetMs } };

/** For a suite that is measured here. @throws SquallError `argument-invalid` where build arguments have nothing to build */
export const withInputs = (suite: Suite, { budgetMs, sidecarImage, buildArgs }: ActionInputs): Suite =>
  withBuildArguments(
    {
      ...withBudget(suite, budgetMs),
      docker: { ...suite.docker, ...(sidecarImage === undefined ? {} : { sidecarImage }) },
    },
    buildArgs,
  );

/** The policy that the verdict is concluded by. */
export const concludingPolicy = (
  policy: Policy,
  { onInconclusive }: { readonly onInconclusive: ActionInputs["onInconclusive"] },
): Policy => ({ ...policy, onInconclusive: onInconclusive ?? policy.onInconclusive });
