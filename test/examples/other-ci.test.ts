/**
 * What examples/ci tells users of other CIs to copy, run: each file's own commands, by the shell and with the variables of its
 * CI, in a clone of a real repository. Main keeps a baseline; the same code passes; a careless change does not.
 */
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type StepEnd, startBuildkite } from "../support/other-ci/buildkite.ts";
import { type JobEnd, PERSONS_TOKEN, PROJECT, startGitLab } from "../support/other-ci/gitlab.ts";
import { type BuildEnd, startJenkins } from "../support/other-ci/jenkins.ts";
import { type OtherCiWorld, startOtherCiWorld } from "../support/other-ci/world.ts";

/** What a CI's builds left, first to last. */
interface Story<End> {
  readonly main: End;
  readonly equal: End;
  readonly careless: End;
}

const mergeRequest = (world: OtherCiWorld, branch: string, iid: string) => ({
  CI_PIPELINE_SOURCE: "merge_request_event",
  CI_MERGE_REQUEST_IID: iid,
  CI_MERGE_REQUEST_PROJECT_ID: PROJECT,
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: branch,
  CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: "",
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
  CI_MERGE_REQUEST_DIFF_BASE_SHA: world.commits.base,
});

interface GitLabStory extends Story<readonly JobEnd[]> {
  /** Builds while the API answers 500, and 200 with nothing. */
  readonly broken: readonly (readonly JobEnd[])[];
}

const gitlabStory = async (): Promise<GitLabStory> => {
  await using world = await startOtherCiWorld();
  await using gitlab = await startGitLab(world);
  const { base, equal, careless } = world.commits;
  const main = await gitlab.pipeline(base, { CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "main" });
  const story = {
    main,
    equal: await gitlab.pipeline(equal, mergeRequest(world, "equal", "1")),
    // A fork's pipeline belongs to the fork's project; where the job's own token sees nothing, a person's does.
    careless: await gitlab.pipeline(careless, {
      ...mergeRequest(world, "careless", "2"),
      CI_PROJECT_ID: "8",
      CI_JOB_TOKEN: "of-the-fork",
      SQUALL_TOKEN: PERSONS_TOKEN,
    }),
  };
  const broken: (readonly JobEnd[])[] = [];
  for (const status of [500, 200]) {
    gitlab.breakApi(status);
    broken.push(await gitlab.pipeline(equal, mergeRequest(world, "equal", "1")));
  }
  return { ...story, broken };
};

const jenkinsStory = async (): Promise<Story<BuildEnd>> => {
  await using world = await startOtherCiWorld();
  const build = await startJenkins(world);
  const { base, equal, careless } = world.commits;
  const change = { CHANGE_ID: "7", CHANGE_BRANCH: "retry", CHANGE_TARGET: "main" };
  const main = await build({ commit: base, branch: "main" });
  await world.moveMain();
  const first = await build({ commit: equal, branch: "PR-7", variables: change });
  // The workspace stays, and what it knows of main is no ancestor of what main is now.
  await world.moveMain();
  return {
    main,
    equal: first,
    careless: await build({ commit: careless, branch: "PR-7", variables: change }),
  };
};

const buildkiteStory = async (): Promise<Story<readonly StepEnd[]>> => {
  await using world = await startOtherCiWorld();
  const build = await startBuildkite(world);
  const { base, equal, careless } = world.commits;
  const main = await build({ commit: base, branch: "main" });
  await world.moveMain();
  const first = await build({ commit: equal, branch: "equal", pullRequest: 7 });
  await world.moveMain();
  return {
    main,
    equal: first,
    careless: await build({ commit: careless, branch: "careless", pullRequest: 8 }),
  };
};

let gitlab: GitLabStory;
let jenkins: Story<BuildEnd>;
let buildkite: Story<readonly StepEnd[]>;
// One after the other: three services measured at once on two cores are each other's noise.
beforeAll(async () => {
  gitlab = await gitlabStory();
  jenkins = await jenkinsStory();
  buildkite = await buildkiteStory();
}, 600_000);

const BASELINE = ".squall/baselines/tiny.squall-baseline.gz";
const KEPT = "baseline of tiny: 1 run in .squall/baselines";
/** Said only of a comparison: where there is no baseline there is nothing to be as resilient as. */
const EQUAL = /^✅ As resilient as /m;
const CARELESS = "llm answers 503, on 50 % of calls: errors 0 % -> 50 %";

const passes = [expect.stringMatching(/<testsuites [^>]*failures="0"/)];
const fails = [expect.stringContaining("Less resilient under 1 of 1 fault")];

describe("GitLab", () => {
  test("the first pipeline of main keeps a baseline as an artifact", () => {
    expect(gitlab.main).toMatchObject([
      { name: "squall-baseline", code: 0, artifacts: [BASELINE], output: expect.stringContaining(KEPT) },
    ]);
    expect(gitlab.main[0]?.output).toContain("no baseline yet");
  });

  test("a merge request of equal code is compared with it, passes, and shows its tests", () => {
    expect(gitlab.equal).toMatchObject([
      { name: "squall", code: 0, output: expect.stringMatching(EQUAL), junit: passes },
    ]);
    expect(gitlab.equal[0]?.artifacts.map((file) => path.basename(file))).toContain("report.md");
  });

  test("a careless merge request from a fork is compared with the target project's, and fails", () => {
    expect(gitlab.careless).toMatchObject([
      { name: "squall", code: 1, output: expect.stringContaining(CARELESS), junit: fails },
    ]);
  });

  test("where the baseline cannot be had nothing is measured, and it says so", () => {
    const nothing = { name: "squall", code: 3, artifacts: [] };
    expect(gitlab.broken).toMatchObject([
      [{ ...nothing, output: expect.stringContaining("HTTP 500") }],
      [{ ...nothing, output: expect.stringContaining("baselines.zip") }],
    ]);
  });
});

describe("Jenkins", () => {
  test("the first build of main archives a baseline", () => {
    expect(jenkins.main).toMatchObject({ code: 0, stages: ["squall", "baseline"], junit: [] });
    expect(jenkins.main.artifacts).toContain(BASELINE);
    expect(jenkins.main.output).toContain(KEPT);
  });

  test("a change request of equal code is compared with it, passes, and shows its tests", () => {
    expect(jenkins.equal).toMatchObject({ code: 0, stages: ["squall", "gate"], junit: passes });
    expect(jenkins.equal.output).toMatch(EQUAL);
    expect(jenkins.equal.artifacts.map((file) => path.basename(file))).toContain("report.md");
  });

  test("a careless one fails, in the workspace of the last build, after main was written anew", () => {
    expect(jenkins.careless).toMatchObject({ code: 1, stages: ["squall", "gate"], junit: fails });
    expect(jenkins.careless.output).toContain(CARELESS);
    expect(new Set(jenkins.careless.artifacts.map((file) => file.split("/")[1])).size).toBe(1);
  });
});

describe("Buildkite", () => {
  test("the first build of main keeps a baseline in the shared directory", () => {
    expect(buildkite.main).toMatchObject([{ label: ":cyclone: squall baseline", code: 0, annotated: null }]);
    expect(buildkite.main[0]?.output).toMatch(/^baseline of tiny: 1 run in .*buildkite-baselines/m);
  });

  test("a pull request of equal code is compared with it, passes, and its report is annotated", () => {
    expect(buildkite.equal).toMatchObject([
      { label: ":cyclone: squall", code: 0, output: expect.stringMatching(EQUAL), junit: passes },
    ]);
    const [end] = buildkite.equal;
    expect(end?.artifacts.map((file) => path.basename(file))).toContain("report.md");
    expect(end?.annotated).toEqual({
      args: "annotate --context squall",
      body: expect.stringContaining("As resilient as"),
    });
  });

  test("a careless one fails after main was written anew, and its report is annotated all the same", () => {
    expect(buildkite.careless).toMatchObject([
      { code: 1, output: expect.stringContaining(CARELESS), junit: fails },
    ]);
    expect(buildkite.careless[0]?.annotated?.body).toContain("Less resilient");
  });
});
