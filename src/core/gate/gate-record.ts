/** What the gate adds to a verdict: which baseline it chose, who accepted what, and whether the merge may go on. */
import type { Change } from "../change.ts";

/** Which stored runs the head was compared with, and how far away they are. */
export interface BaselineChoice {
  /** Runs pooled. */
  readonly runs: number;
  /** Commit of the newest of them; null: it was stored without one. */
  readonly commit: string | null;
  /** Commits from it to the base; null: unknown. */
  readonly distance: number | null;
  /** 0 where the date of the newest run is of no use; `stale` then says so. */
  readonly ageMs: number;
  /** Whether it was shown to be an ancestor of the base. */
  readonly ancestor: "yes" | "unknown";
  /** Why it is too old by the policy ("12 days old; at most 7 days are allowed"); null: it is not. */
  readonly stale: string | null;
}

/** An intended regression that someone with write access took upon themselves. */
export interface Acceptance {
  /** Login. */
  readonly by: string;
  readonly how: "label" | "description";
  /** Ids of the findings it covers (`findingId`), of those that block. */
  readonly findings: readonly string[];
  /** Commit it was given for; it ends with the next one unless the policy says otherwise. */
  readonly headSha: string;
  readonly until: AcceptanceScope;
}

export type AcceptanceScope = "commit" | "pull-request";

/** What a check says, and the exit code that says it. */
export interface Conclusion {
  readonly outcome: "success" | "failure";
  /** 0 success, 1 regressed, 3 invalid, 4 inconclusive, no-baseline or weakened where the policy fails them. */
  readonly exitCode: 0 | 1 | 3 | 4;
  /** "regressed", "accepted by alice", "inconclusive, which the policy lets pass": for logs and the check's title. */
  readonly reason: string;
}

export interface GateRecord {
  readonly change: Change;
  /** Null: there was no baseline to choose from. */
  readonly choice: BaselineChoice | null;
  readonly acceptance: Acceptance | null;
  readonly conclusion: Conclusion;
}
