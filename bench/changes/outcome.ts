/** What the gate made of one change, and whether that is right. */
import type { Profile } from "../../src/core/profile.ts";
import type { Suite } from "../../src/core/suite.ts";
import type { Finding, Result } from "../../src/core/verdict.ts";
import { judgeProfile } from "../../src/surfaces/gate/judge-profile.ts";
import { PEERS } from "../peers/index.ts";
import type { PullRequest } from "./pull-request.ts";

export type Word = "caught" | "missed" | "inconclusive" | "pass" | "false alarm" | "invalid" | "not measured";

export interface Outcome {
  readonly change: PullRequest;
  readonly word: Word;
  /** The gate's; null where nothing was measured. */
  readonly verdict: string | null;
  /** The first blocking finding, else the headline or why nothing was measured. */
  readonly finding: string;
  readonly scenario: string | null;
  readonly edge: string | null;
  /** Is what it names what was expected? Null where nothing should be named, or nothing was. */
  readonly rightFault: boolean | null;
  readonly rightEdge: boolean | null;
  /** Other tools' rules that fail the change. */
  readonly peers: readonly string[];
}

const wordFor = (careless: boolean, verdict: Result["verdict"]["word"]): Word => {
  if (verdict === "inconclusive" || verdict === "invalid") return verdict;
  if (careless) return verdict === "regressed" ? "caught" : "missed";
  return verdict === "regressed" ? "false alarm" : "pass";
};

/** What the named experiment strikes is as right as what was expected: some changes show at either dependency. */
const namesRightEdge = ({ expected }: PullRequest, { scenario, edge }: Finding, suite: Suite): boolean => {
  if (edge === null || edge === "service") return expected.edge === null;
  const struck = suite.experiments.find(({ name }) => name === scenario)?.faults.map(({ on }) => on) ?? [];
  return edge === expected.edge || (expected.scenarios.includes(scenario ?? "") && struck.includes(edge));
};

export const judgeChange = (
  change: PullRequest,
  head: Profile,
  baselines: readonly Profile[],
  suite: Suite,
): { readonly outcome: Outcome; readonly result: Result } => {
  const result = judgeProfile({
    head,
    baseline: { schemaVersion: 1, suite: suite.name, profiles: baselines },
    policy: suite.policy,
    experiments: suite.experiments,
    file: "squall.yml",
  });
  const { verdict } = result;
  const blocking = verdict.findings.find(({ severity }) => severity === "block");
  const named = change.careless && blocking !== undefined ? blocking : null;
  const { scenarios, kinds } = change.expected;
  const outcome: Outcome = {
    change,
    word: wordFor(change.careless, verdict.word),
    verdict: verdict.word,
    finding: blocking?.title ?? verdict.headline,
    scenario: blocking?.scenario ?? null,
    edge: blocking?.edge ?? null,
    rightFault:
      named &&
      scenarios.includes(named.scenario ?? "") &&
      (kinds === undefined || kinds.includes(named.kind)),
    rightEdge: named && namesRightEdge(change, named, suite),
    peers: PEERS.filter((peer) => peer.fails(head, baselines)).map(({ name }) => name),
  };
  return { outcome, result };
};

export const notMeasured = (change: PullRequest, error: unknown): Outcome => ({
  change,
  word: "not measured",
  verdict: null,
  finding: error instanceof Error ? error.message : String(error),
  scenario: null,
  edge: null,
  rightFault: null,
  rightEdge: null,
  peers: [],
});
