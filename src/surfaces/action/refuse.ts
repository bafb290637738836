/** How samples that are not those of the planned run are refused, and what plans of services and of jobs share. */
import { SquallError } from "../../core/errors.ts";
import type { Profile, Scenario } from "../../core/profile.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { sameValue } from "../../core/same-value.ts";

/** What `mode: report` says wherever samples and plan part: the usual reason is no forger, but inputs that differ. */
const AGAIN =
  "Run the workflow that measures again, on the newest commits of the pull request and its base, with the same version of squall. What is measured must be the whole suite: without the input `experiments`, and with the same `seed` and `budget` in both workflows.";

export const refuse = (message: string): never => {
  throw new SquallError("artifact-invalid", message, { place: "samples.json.gz", remedy: AGAIN });
};

/** Each planned scenario is there once, as it was planned, and none beside them. */
export const checkScenarios = (
  { scenarios }: Profile,
  plan: { readonly scenarios: readonly Scenario[] },
): void => {
  for (const planned of plan.scenarios) {
    const name = plainText(planned.name, 100);
    const found = scenarios.filter((scenario) => scenario.name === planned.name);
    if (found.length !== 1)
      refuse(`The samples hold the experiment ${name} ${found.length} times, not once.`);
    if (!sameValue(found[0], planned))
      refuse(`The samples' experiment ${name} has other faults than the suite's.`);
  }
  if (scenarios.length !== plan.scenarios.length)
    refuse(`The samples hold ${scenarios.length} scenarios; the suite has ${plan.scenarios.length}.`);
};
