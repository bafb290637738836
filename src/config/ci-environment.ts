/** Which CI runs us, and on what, from its environment variables: each CI has names of its own for the same facts. */

export interface CiFacts {
  /** "GitLab CI". */
  readonly name: string;
  /** Commit of the change itself, not of a merge made for the pipeline; undefined: as git tells it. */
  readonly commit: string | undefined;
  readonly branch: string | undefined;
  /** Branch that the change is to be merged into; undefined outside of merge requests. */
  readonly targetBranch: string | undefined;
  /** Commit at which the change left its target branch, where the CI tells. */
  readonly baseCommit: string | undefined;
  readonly defaultBranch: string | undefined;
  /** Number of the merge request; undefined: none. */
  readonly pullRequest: number | undefined;
  readonly run: { readonly id: number; readonly attempt: number };
  readonly url: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Texts that a stranger may choose (branch names) are bounded here, and escaped where they are shown. */
const text = (value: string | undefined, most = 300): string | undefined =>
  value === undefined || value === "" ? undefined : value.slice(0, most);

const commit = (value: string | undefined): string | undefined =>
  value !== undefined && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value) ? value : undefined;

const whole = (value: string | undefined): number | undefined =>
  value !== undefined && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : undefined;

const url = (value: string | undefined): string | undefined =>
  value !== undefined && /^https?:\/\/\S{1,2000}$/.test(value) ? value : undefined;

const gitlab = (env: Environment): CiFacts => ({
  name: "GitLab CI",
  // In a pipeline of merged results CI_COMMIT_SHA is the merge.
  commit: commit(env["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"]) ?? commit(env["CI_COMMIT_SHA"]),
  branch: text(env["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"]) ?? text(env["CI_COMMIT_BRANCH"]),
  targetBranch: text(env["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"]),
  baseCommit: commit(env["CI_MERGE_REQUEST_DIFF_BASE_SHA"]),
  defaultBranch: text(env["CI_DEFAULT_BRANCH"]),
  pullRequest: whole(env["CI_MERGE_REQUEST_IID"]),
  run: { id: whole(env["CI_PIPELINE_ID"]) ?? 0, attempt: 1 },
  url: url(env["CI_JOB_URL"]),
});

const jenkins = (env: Environment): CiFacts => ({
  name: "Jenkins",
  commit: commit(env["GIT_COMMIT"]),
  branch: text(env["CHANGE_BRANCH"]) ?? text(env["BRANCH_NAME"]),
  targetBranch: text(env["CHANGE_TARGET"]),
  baseCommit: undefined,
  defaultBranch: undefined,
  pullRequest: whole(env["CHANGE_ID"]),
  run: { id: whole(env["BUILD_NUMBER"]) ?? 0, attempt: 1 },
  url: url(env["BUILD_URL"]),
});

const buildkite = (env: Environment): CiFacts => ({
  name: "Buildkite",
  // May be "HEAD" in builds that were started by hand.
  commit: commit(env["BUILDKITE_COMMIT"]),
  branch: text(env["BUILDKITE_BRANCH"]),
  targetBranch: text(env["BUILDKITE_PULL_REQUEST_BASE_BRANCH"]),
  baseCommit: undefined,
  defaultBranch: text(env["BUILDKITE_PIPELINE_DEFAULT_BRANCH"]),
  // "false" outside of pull requests.
  pullRequest: whole(env["BUILDKITE_PULL_REQUEST"]),
  run: {
    id: whole(env["BUILDKITE_BUILD_NUMBER"]) ?? 0,
    attempt: (whole(env["BUILDKITE_RETRY_COUNT"]) ?? 0) + 1,
  },
  url: url(env["BUILDKITE_BUILD_URL"]),
});

/** GitHub Actions and its kin, where the command line is used instead of the Action. */
const actions =
  (name: string) =>
  (env: Environment): CiFacts => {
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
    const pull = /^refs\/pull\/(\d+)\/merge$/.exec(env["GITHUB_REF"] ?? "")?.[1];
    return {
      name,
      // In a pull request GITHUB_SHA is the merge commit, of which only the event file tells the head.
      commit: pull === undefined ? commit(env["GITHUB_SHA"]) : undefined,
      branch: text(env["GITHUB_HEAD_REF"]) ?? text(env["GITHUB_REF_NAME"]),
      targetBranch: text(env["GITHUB_BASE_REF"]),
      baseCommit: undefined,
      defaultBranch: undefined,
      pullRequest: whole(pull),
      run: { id: whole(run) ?? 0, attempt: whole(env["GITHUB_RUN_ATTEMPT"]) ?? 1 },
      url: url(`${server}/${repository}/actions/runs/${run}`),
    };
  };

/** Gitea and Forgejo set GitHub's variables too, so they come first. */
const KNOWN: readonly (readonly [variable: string, read: (env: Environment) => CiFacts])[] = [
  ["GITLAB_CI", gitlab],
  ["JENKINS_URL", jenkins],
  ["BUILDKITE", buildkite],
  ["FORGEJO_ACTIONS", actions("Forgejo Actions")],
  ["GITEA_ACTIONS", actions("Gitea Actions")],
  ["GITHUB_ACTIONS", actions("GitHub Actions")],
];

/** Null where no CI that we know runs us. */
export const readCiEnvironment = (env: Environment): CiFacts | null => {
  const found = KNOWN.find(([variable]) => (env[variable] ?? "") !== "");
  return found === undefined ? null : found[1](env);
};
