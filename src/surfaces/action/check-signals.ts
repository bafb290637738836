/** Whether the signals in samples are those that the suite names: their names and patterns are told in the report. */
import type { Profile } from "../../core/profile.ts";
import { sameValue } from "../../core/same-value.ts";
import type { Suite } from "../../core/suite.ts";
import { refuse } from "./refuse.ts";

/** @throws SquallError `artifact-invalid` */
export const checkSignals = ({ signals = [] }: Profile, { service }: Suite): void => {
  if (
    !sameValue(
      signals.map(({ signal }) => signal),
      service.signals ?? [],
    )
  )
    refuse("The samples' signals are not those that the suite names.");
};
