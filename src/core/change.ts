/** Why a run happens, and what is compared with what: resolved once from the CI's event, then read by everything. */

export type EventName =
  | "pull_request"
  | "push"
  | "merge_group"
  | "workflow_dispatch"
  | "schedule"
  | "workflow_run"
  /** Another CI, or a person's own machine. */
  | "other";

export interface Change {
  readonly event: EventName;
  /** "owner/name" of the repository that the run belongs to: reports go there, and baselines are kept there. */
  readonly repository: string;
  /** "owner/name" of the head's repository: another one for a pull request from a fork. */
  readonly headRepository: string;
  readonly defaultBranch: string;
  /** Commit that is reported on: a pull request's own head, never the merge commit that its workflow runs on. */
  readonly headSha: string;
  readonly headBranch: string | null;
  /** Commit whose files were measured: for a pull request the merge commit where that was checked out. */
  readonly measuredSha: string;
  /** Commit that the head is compared with (a pull request: first parent of the merge commit); null: there is none. */
  readonly baseSha: string | null;
  readonly baseBranch: string | null;
  readonly pullRequest: number | null;
  /** The CI's own number of the run, growing from run to run, and of the attempt at it. */
  readonly run: { readonly id: number; readonly attempt: number };
}

export const isFork = ({ repository, headRepository }: Change): boolean =>
  repository.toLowerCase() !== headRepository.toLowerCase();

const WRITERS: ReadonlySet<EventName> = new Set<EventName>(["push", "schedule", "workflow_dispatch"]);

/** Only what is on the default branch already may become a baseline, and only by an event that nobody outside can cause. */
export const mayWriteBaseline = (change: Change): boolean =>
  WRITERS.has(change.event) && !isFork(change) && change.headBranch === change.defaultBranch;
