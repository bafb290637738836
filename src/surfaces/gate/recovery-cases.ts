import type { Baseline } from "../../core/profile.ts";
import { type RecoveryCase, recoveryCases } from "../../core/recovery-policy/cases.ts";
import type { Suite } from "../../core/suite.ts";

/** What the baseline's runs teach a suite that wants to learn. */
export const casesFor = ({ recovery }: Suite, baseline: Baseline | null): readonly RecoveryCase[] =>
  recovery?.learn === true ? recoveryCases(baseline?.profiles ?? []) : [];
