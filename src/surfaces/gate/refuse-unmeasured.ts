import { SquallError } from "../../core/errors.ts";
import type { Profile } from "../../core/profile.ts";

/** Share of windows that may be invalid in a run that others are compared with. */
const MOST_INVALID_SHARE = 0.34;

/** A run that could not be measured is no baseline: everything after it would be judged by noise. */
export const refuseUnmeasured = ({ windows }: Profile): void => {
  const load = windows.filter(({ phase }) => phase === "load");
  const invalid = load.filter((window) => window.invalid !== undefined);
  if (invalid.length <= MOST_INVALID_SHARE * load.length) return;
  throw new SquallError(
    "replay-failed",
    `${invalid.length} of ${load.length} windows could not be measured: nothing was added to the baseline.`,
    {
      detail: [...new Set(invalid.map((window) => `${window.scenario}: ${window.invalid ?? ""}`))].slice(
        0,
        10,
      ),
      remedy: "Run it again on a quieter machine, or lower workload.rate.",
    },
  );
};
