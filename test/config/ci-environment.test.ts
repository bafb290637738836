import { array, assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { readCiEnvironment } from "../../src/config/ci-environment.ts";

const HEAD = "b18e51d0c2f4a6b8d0e2f4a6b8c0d2e4f6a8b0c2";
const BASE = "919ad74e1f3a5c7e9b1d3f5a7c9e1b3d5f7a9c1e";
const MERGE = "0123456789abcdef0123456789abcdef01234567";

describe("what a CI says of a change", () => {
  // https://docs.gitlab.com/ci/variables/predefined_variables/
  test("GitLab, a merge request's pipeline of merged results", () => {
    expect(
      readCiEnvironment({
        GITLAB_CI: "true",
        CI_COMMIT_SHA: MERGE,
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: HEAD,
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: "retry",
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
        CI_MERGE_REQUEST_DIFF_BASE_SHA: BASE,
        CI_MERGE_REQUEST_IID: "12",
        CI_DEFAULT_BRANCH: "main",
        CI_PIPELINE_ID: "4711",
        CI_JOB_URL: "https://gitlab.example/a/b/-/jobs/1",
      }),
    ).toEqual({
      name: "GitLab CI",
      commit: HEAD,
      branch: "retry",
      targetBranch: "main",
      baseCommit: BASE,
      defaultBranch: "main",
      pullRequest: 12,
      run: { id: 4711, attempt: 1 },
      url: "https://gitlab.example/a/b/-/jobs/1",
    });
  });

  test("GitLab, a branch: no merge request, its own commit", () => {
    const facts = readCiEnvironment({
      GITLAB_CI: "true",
      CI_COMMIT_SHA: HEAD,
      CI_COMMIT_BRANCH: "main",
      CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: "",
    });
    expect(facts).toMatchObject({ commit: HEAD, branch: "main" });
    expect(facts?.pullRequest).toBeUndefined();
    expect(facts?.targetBranch).toBeUndefined();
  });

  // https://www.jenkins.io/doc/book/pipeline/multibranch/
  test("Jenkins, a multibranch pull request", () => {
    expect(
      readCiEnvironment({
        JENKINS_URL: "https://ci.example/",
        GIT_COMMIT: HEAD,
        BRANCH_NAME: "PR-7",
        CHANGE_BRANCH: "retry",
        CHANGE_ID: "7",
        CHANGE_TARGET: "main",
        BUILD_NUMBER: "31",
        BUILD_URL: "https://ci.example/job/x/31/",
      }),
    ).toMatchObject({
      name: "Jenkins",
      commit: HEAD,
      branch: "retry",
      targetBranch: "main",
      pullRequest: 7,
      run: { id: 31, attempt: 1 },
    });
  });

  // https://buildkite.com/docs/pipelines/configure/environment-variables
  test("Buildkite: `false` is no pull request, `HEAD` no commit, a retry another attempt", () => {
    const facts = readCiEnvironment({
      BUILDKITE: "true",
      BUILDKITE_COMMIT: "HEAD",
      BUILDKITE_BRANCH: "main",
      BUILDKITE_PULL_REQUEST: "false",
      BUILDKITE_PULL_REQUEST_BASE_BRANCH: "",
      BUILDKITE_BUILD_NUMBER: "5",
      BUILDKITE_RETRY_COUNT: "2",
    });
    expect(facts).toMatchObject({ name: "Buildkite", branch: "main", run: { id: 5, attempt: 3 } });
    expect(facts?.commit).toBeUndefined();
    expect(facts?.pullRequest).toBeUndefined();
    expect(facts?.targetBranch).toBeUndefined();
  });

  test("Gitea, which sets GitHub's variables too: a pull request's merge commit is not taken for its head", () => {
    const facts = readCiEnvironment({
      GITEA_ACTIONS: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_SHA: MERGE,
      GITHUB_REF: "refs/pull/3/merge",
      GITHUB_HEAD_REF: "retry",
      GITHUB_BASE_REF: "main",
      GITHUB_RUN_ID: "9",
      GITHUB_RUN_ATTEMPT: "2",
      GITHUB_SERVER_URL: "https://gitea.example",
      GITHUB_REPOSITORY: "a/b",
    });
    expect(facts).toMatchObject({
      name: "Gitea Actions",
      branch: "retry",
      targetBranch: "main",
      pullRequest: 3,
      run: { id: 9, attempt: 2 },
      url: "https://gitea.example/a/b/actions/runs/9",
    });
    expect(facts?.commit).toBeUndefined();
  });

  test("no CI", () => expect(readCiEnvironment({ PATH: "/bin" })).toBeNull());

  test("whatever the variables hold, commits are hexadecimal, numbers are numbers and texts are short", () => {
    const names = [
      "CI_COMMIT_SHA",
      "CI_MERGE_REQUEST_IID",
      "CI_COMMIT_BRANCH",
      "CI_JOB_URL",
      "CI_PIPELINE_ID",
    ];
    assert(
      property(
        array(string({ maxLength: 600, unit: "binary" }), { minLength: 5, maxLength: 5 }),
        (values) => {
          const facts = readCiEnvironment({
            GITLAB_CI: "true",
            ...Object.fromEntries(names.map((name, index) => [name, values[index]])),
          });
          expect(facts?.commit ?? HEAD).toMatch(/^[0-9a-f]{40,64}$/);
          expect(Number.isSafeInteger(facts?.pullRequest ?? 1)).toBe(true);
          expect(Number.isSafeInteger(facts?.run.id)).toBe(true);
          expect((facts?.branch ?? "").length).toBeLessThanOrEqual(300);
          expect(facts?.url ?? "https://x").toMatch(/^https?:\/\/\S+$/);
        },
      ),
    );
  });
});
