import type { Policy } from "../suite.ts";
import type { Verdict, VerdictWord } from "../verdict.ts";
import { findingId } from "./finding-id.ts";
import type { Acceptance, Conclusion } from "./gate-record.ts";

/** What may fail a gate; a pass never does. */
export const FAIL_ON = ["regressed", "inconclusive", "invalid", "no-baseline", "weakened"] as const;
export type FailOn = (typeof FAIL_ON)[number];

type GatePolicy = Pick<Policy, "onInconclusive" | "onNoBaseline" | "onWeakened">;

/** The verdict's word, as a part of a sentence. */
const WORDS: Readonly<Record<VerdictWord, string>> = {
  pass: "passed",
  regressed: "regressed",
  inconclusive: "inconclusive",
  invalid: "not measured",
  "no-baseline": "no baseline",
};

const EXIT_CODES: Readonly<Record<FailOn, Conclusion["exitCode"]>> = {
  regressed: 1,
  invalid: 3,
  inconclusive: 4,
  "no-baseline": 4,
  weakened: 4,
};

/** Findings that are still open: those of `weakened-gate`, and the others that block. */
const open = ({ findings }: Verdict, acceptance: Acceptance | null) => {
  const accepted = new Set(acceptance?.findings);
  const left = findings.filter((finding) => !accepted.has(findingId(finding)));
  return {
    weakened: left.filter(({ kind }) => kind === "weakened-gate"),
    blocking: left.filter(({ kind, severity }) => kind !== "weakened-gate" && severity === "block"),
  };
};

const failsByPolicy = (word: VerdictWord, policy: GatePolicy): boolean => {
  switch (word) {
    case "pass":
      return false;
    case "regressed":
    case "invalid":
      return true;
    case "inconclusive":
      return policy.onInconclusive === "fail";
    case "no-baseline":
      return policy.onNoBaseline === "fail";
  }
};

/**
 * Whether the merge may go on, and the exit code that says so: 0 it may, 1 regressed, 3 not measured, 4 inconclusive,
 * no-baseline or weakened where these fail.
 *
 * @param acceptance counts for a regression only where it covers every finding that blocks
 * @param failOn verdicts that fail; absent: regressed and invalid do, and the rest by the policy
 */
export const conclude = (
  verdict: Verdict,
  acceptance: Acceptance | null,
  policy: GatePolicy,
  failOn?: ReadonlySet<FailOn>,
): Conclusion => {
  const { word } = verdict;
  const { weakened, blocking } = open(verdict, acceptance);
  const accepted = word === "regressed" && acceptance !== null && blocking.length === 0;
  const by = failOn === undefined ? "the policy" : "fail-on";
  const wordFails =
    word !== "pass" && (failOn === undefined ? failsByPolicy(word, policy) : failOn.has(word));
  if (wordFails && !accepted) {
    const why = word === "regressed" || word === "invalid" ? "" : `, which ${by} fails`;
    return {
      outcome: "failure",
      exitCode: EXIT_CODES[word],
      reason: `${WORDS[word]}${why}`,
    };
  }
  const weakenedFails =
    failOn === undefined
      ? policy.onWeakened === "fail" || weakened.some(({ severity }) => severity === "block")
      : failOn.has("weakened");
  if (weakened.length > 0 && weakenedFails)
    return { outcome: "failure", exitCode: EXIT_CODES.weakened, reason: `weakened gate, which ${by} fails` };
  if (accepted) return { outcome: "success", exitCode: 0, reason: `accepted by ${acceptance.by}` };
  return {
    outcome: "success",
    exitCode: 0,
    reason: word === "pass" ? WORDS.pass : `${WORDS[word]}, which ${by} lets pass`,
  };
};
