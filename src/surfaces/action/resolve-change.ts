/** Facts of an event, and what only the API knows, to what is compared with what. */
import type { EventFacts } from "../../config/action/event.ts";
import type { Change } from "../../core/change.ts";

export interface PullRequestEnds {
  readonly headSha: string;
  readonly headRepository: string | null;
  readonly headBranch: string;
  readonly baseBranch: string;
  readonly baseSha: string;
  /** What the server last merged the two into, to see whether it can; null: it has not, or could not. */
  readonly mergeCommit: string | null;
}

export interface ChangeLookups {
  /** In order; of a merge commit the base comes first. */
  readonly parents: (commit: string) => Promise<readonly string[]>;
  readonly defaultBranch: () => Promise<string>;
  readonly findPullRequest: (question: {
    readonly headSha: string;
    readonly headOwner: string;
    readonly headBranch: string | null;
  }) => Promise<number | null>;
  readonly readPullRequest: (number: number) => Promise<PullRequestEnds>;
  /** Commit of a branch, tag or commit. */
  readonly resolve: (reference: string) => Promise<string>;
  /** HEAD of the workspace; null: nothing of the change is checked out. */
  readonly checkedOut: string | null;
  /** Input `reference`. */
  readonly reference: string | undefined;
}

type Of<E extends EventFacts["event"]> = Extract<EventFacts, { readonly event: E }>;
type Ends = Omit<Change, "event" | "repository" | "defaultBranch" | "run">;

/** The payload's base may be stale: the merge commit that is measured says what it was made of. */
const pullRequest = async (
  { pullRequest: pull, githubSha }: Of<"pull_request">,
  look: ChangeLookups,
): Promise<Ends> => {
  const parents = githubSha === pull.headSha ? [] : await look.parents(githubSha);
  const [first, second] = parents;
  return {
    headRepository: pull.headRepository ?? "",
    headSha: pull.headSha,
    headBranch: pull.headBranch,
    measuredSha: look.checkedOut ?? githubSha,
    baseSha: first !== undefined && second === pull.headSha ? first : pull.baseSha,
    baseBranch: pull.baseBranch,
    pullRequest: pull.number,
  };
};

/** A commit of this repository, on a branch of it. */
const own = (facts: EventFacts, headSha: string, baseSha: string | null, look: ChangeLookups): Ends => ({
  headRepository: facts.repository,
  headSha,
  headBranch: facts.branch,
  measuredSha: look.checkedOut ?? headSha,
  baseSha,
  baseBranch: null,
  pullRequest: null,
});

const firstParent = async (commit: string, look: ChangeLookups): Promise<string | null> =>
  (await look.parents(commit))[0] ?? null;

const dispatched = async (facts: EventFacts, defaultBranch: string, look: ChangeLookups): Promise<Ends> => {
  const asked = look.reference;
  if (asked !== undefined)
    return { ...own(facts, facts.githubSha, await look.resolve(asked), look), baseBranch: asked };
  if (facts.branch === defaultBranch)
    return own(facts, facts.githubSha, await firstParent(facts.githubSha, look), look);
  return {
    ...own(facts, facts.githubSha, await look.resolve(defaultBranch), look),
    baseBranch: defaultBranch,
  };
};

/** The payload's numbers count only where the pull request still has that head; for forks it names none. */
const reportedPullRequest = async (
  { measured }: Of<"workflow_run">,
  look: ChangeLookups,
): Promise<number | null> => {
  const named = measured.pullRequests.find(({ headSha }) => headSha === measured.headSha);
  if (named !== undefined) return named.number;
  const [headOwner = ""] = (measured.headRepository ?? "").split("/");
  return look.findPullRequest({ headSha: measured.headSha, headOwner, headBranch: measured.headBranch });
};

/** The merge commit that the run measured, if base and head are still the same: what it was made of. */
const mergeOf = async (
  pull: PullRequestEnds | null,
  headSha: string,
  look: ChangeLookups,
): Promise<{ readonly measuredSha: string; readonly baseSha: string | null }> => {
  if (pull !== null && pull.mergeCommit !== null) {
    const [first, second] = await look.parents(pull.mergeCommit);
    if (first !== undefined && second === headSha) return { measuredSha: pull.mergeCommit, baseSha: first };
  }
  return { measuredSha: headSha, baseSha: pull?.baseSha ?? null };
};

/** Head and repository come from GitHub's own payload, never from what the run left behind. */
const reported = async (facts: Of<"workflow_run">, look: ChangeLookups): Promise<Ends> => {
  const { measured } = facts;
  const number = await reportedPullRequest(facts, look);
  const pull = number === null ? null : await look.readPullRequest(number);
  return {
    headRepository: measured.headRepository ?? "",
    headSha: measured.headSha,
    headBranch: measured.headBranch,
    ...(await mergeOf(pull, measured.headSha, look)),
    baseBranch: pull?.baseBranch ?? null,
    pullRequest: number,
  };
};

const endsOf = async (facts: EventFacts, defaultBranch: string, look: ChangeLookups): Promise<Ends> => {
  switch (facts.event) {
    case "pull_request":
      return pullRequest(facts, look);
    case "push":
      return own(facts, facts.after, facts.before, look);
    case "merge_group":
      return {
        ...own(facts, facts.headSha, facts.baseSha, look),
        baseBranch: facts.baseBranch,
        pullRequest: facts.pullRequest,
      };
    case "workflow_dispatch":
      return dispatched(facts, defaultBranch, look);
    case "schedule":
      return own(facts, facts.githubSha, await firstParent(facts.githubSha, look), look);
    case "workflow_run":
      return reported(facts, look);
  }
};

/** @throws SquallError `api-refused`, `api-failed` */
export const resolveChange = async (facts: EventFacts, look: ChangeLookups): Promise<Change> => {
  const defaultBranch = facts.defaultBranch ?? (await look.defaultBranch());
  return {
    event: facts.event,
    repository: facts.repository,
    defaultBranch,
    // What is shown belongs to the run that measured: its number orders reports.
    run:
      facts.event === "workflow_run" ? { id: facts.measured.id, attempt: facts.measured.attempt } : facts.run,
    ...(await endsOf(facts, defaultBranch, look)),
  };
};
