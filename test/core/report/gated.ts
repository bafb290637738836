/** Results as a gate concludes them, made of those that the judge builds. */
import { conclude } from "../../../src/core/gate/conclude.ts";
import type { Acceptance, BaselineChoice } from "../../../src/core/gate/gate-record.ts";
import { gateVerdict } from "../../../src/core/gate/verdict.ts";
import type { Finding, Result, VerdictWord } from "../../../src/core/verdict.ts";
import { resultFor } from "./results.ts";

const HEAD = "b18e51d0f0e1d2c3b4a5968778695a4b3c2d1e0f";
const DAY_MS = 86_400_000;

const choice: BaselineChoice = {
  runs: 5,
  commit: "919ad74e1f3a5c7e9b1d3f5a7c9e1b3d5f7a9c1e",
  distance: 3,
  ageMs: 2 * DAY_MS,
  ancestor: "yes",
  stale: null,
};

const weakened: Finding = {
  kind: "weakened-gate",
  severity: "warn",
  scenario: "service-killed",
  metric: null,
  edge: null,
  title: "The experiment service-killed was removed (service is killed)",
  detail: ["This run measured it all the same."],
};

const acceptance: Acceptance = {
  by: "alice",
  how: "description",
  findings: ["llm-rate-limited/regression"],
  headSha: HEAD,
  until: "commit",
};

interface Gated {
  readonly choice?: BaselineChoice;
  readonly weakened?: readonly Finding[];
  readonly acceptance?: Acceptance;
}

const gated = (word: VerdictWord, given: Gated = {}): Result => {
  const result = resultFor(word);
  const chosen = given.choice ?? choice;
  const verdict = gateVerdict(result.verdict, { choice: chosen, weakened: given.weakened ?? [] });
  const accepted = given.acceptance ?? null;
  return {
    ...result,
    verdict,
    gate: {
      change: {
        event: "pull_request",
        repository: "acme/shop",
        headRepository: "acme/shop",
        defaultBranch: "main",
        headSha: HEAD,
        headBranch: "retry",
        measuredSha: HEAD,
        baseSha: choice.commit,
        baseBranch: "main",
        pullRequest: 7,
        run: { id: 12, attempt: 1 },
      },
      choice: chosen,
      acceptance: accepted,
      conclusion: conclude(verdict, accepted, {
        onInconclusive: "warn",
        onNoBaseline: "pass",
        onWeakened: "warn",
      }),
    },
  };
};

const everyBlocking = ({ verdict }: Result): readonly string[] =>
  verdict.findings
    .filter(({ severity }) => severity === "block")
    .map(({ scenario, kind }) => `${scenario ?? "all"}/${kind}`);

/** By the name of its golden files. */
export const GATED: Readonly<Record<string, () => Result>> = {
  "gate-regressed": () => gated("regressed"),
  "gate-accepted": () =>
    gated("regressed", { acceptance: { ...acceptance, findings: everyBlocking(gated("regressed")) } }),
  "gate-weakened": () => gated("pass", { weakened: [weakened] }),
  "gate-stale": () =>
    gated("pass", {
      choice: { ...choice, stale: "41 days old; at most 30 days are allowed", ageMs: 41 * DAY_MS },
    }),
  "gate-unknown-ancestry": () =>
    gated("pass", { choice: { ...choice, ancestor: "unknown", distance: null } }),
};
