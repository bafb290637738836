import type { Finding } from "../verdict.ts";

/**
 * Name by which a finding can be accepted: `llm-rate-limited/regression`, `gate/weakened-gate`. Stable from run to run of one
 * commit: which metric is the most telling one may change, the scenario does not.
 */
export const findingId = ({ scenario, kind }: Pick<Finding, "scenario" | "kind">): string =>
  `${scenario ?? (kind === "weakened-gate" ? "gate" : "all")}/${kind}`;
