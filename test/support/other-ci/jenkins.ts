/**
 * As much of a multibranch pipeline as the example file needs: stages with their conditions, `sh`, the copying of
 * artifacts, and a workspace that one branch's builds share.
 * https://www.jenkins.io/doc/book/pipeline/syntax/, durable-task's BourneShellScript.java
 */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { execute, filesMatching, git, type ShellEnd, type Variables } from "./shell.ts";
import { type OtherCiWorld, ROOT } from "./world.ts";

export interface BuildEnd extends ShellEnd {
  /** Names of the stages that ran. */
  readonly stages: readonly string[];
  readonly artifacts: readonly string[];
  readonly junit: readonly string[];
}

export interface Build {
  readonly commit: string;
  /** "main" or "PR-7". */
  readonly branch: string;
  readonly variables?: Variables;
}

interface Stage {
  readonly name: string;
  readonly text: string;
}

const TEXT = String.raw`'((?:[^'\\]|\\.)*)'`;
/** Steps in the order of the file. */
const STEP = new RegExp(
  [
    String.raw`\bsh(?:\(script:)? ${TEXT}`,
    String.raw`\bcopyArtifacts [^\n]*filter: ${TEXT}`,
    String.raw`\barchiveArtifacts (?:artifacts: )?${TEXT}`,
    String.raw`\bjunit [^\n]*testResults: ${TEXT}`,
  ].join("|"),
  "g",
);
type StepKind = "sh" | "copyArtifacts" | "archiveArtifacts" | "junit";

const stepsOf = (text: string): readonly { readonly kind: StepKind; readonly argument: string }[] =>
  [...text.matchAll(STEP)].map(([whole, ...texts]) => ({
    kind: /^\w+/.exec(whole)?.[0] as StepKind,
    argument: texts.find((each) => each !== undefined) ?? "",
  }));

const withoutComments = (text: string): string => text.replaceAll(/^\s*\/\/.*$/gm, "");

const readJenkinsfile = async () => {
  const text = withoutComments(await readFile(path.join(ROOT, "examples/ci/jenkins/Jenkinsfile"), "utf8"));
  const [before = "", post = ""] = text.split(/^ {2}post \{/m);
  const [head = "", ...stages] = before.split(/stage\('(?=\w+'\))/);
  return {
    environment: Object.fromEntries(
      [...head.matchAll(new RegExp(String.raw`(\w+) = ${TEXT}`, "g"))].map(([, name, value]) => [
        name,
        value,
      ]),
    ) as Variables,
    stages: stages.map((each): Stage => ({ name: /^\w+/.exec(each)?.[0] ?? "", text: each })),
    post: stepsOf(post),
  };
};

const runs = ({ text }: Stage, { branch, variables = {} }: Build): boolean => {
  const [, condition] = /when \{ (.+) \}/.exec(text) ?? [];
  if (condition === undefined) return true;
  if (condition === "changeRequest()") return variables["CHANGE_ID"] !== undefined;
  const [, wanted] = /^branch '(.+)'$/.exec(condition) ?? [];
  if (wanted === undefined) throw new Error(`no condition: ${condition}`);
  return branch === wanted;
};

/** The change's own reference alone is fetched, into the workspace that the last build of this branch left. */
const checkout = async (world: OtherCiWorld, { commit, branch }: Build): Promise<string> => {
  const workspace = path.join(world.folder, `jenkins-${branch}`);
  await mkdir(workspace, { recursive: true });
  await git(workspace, "init", "--quiet");
  await git(workspace, "config", "remote.origin.url", `file://${world.origin}`);
  const reference = `+${commit}:refs/remotes/origin/${branch}`;
  await git(workspace, "fetch", "--quiet", "--no-tags", "--force", "origin", reference);
  await git(workspace, "checkout", "--quiet", "--force", "--detach", commit);
  return workspace;
};

export const startJenkins = async (world: OtherCiWorld): Promise<(build: Build) => Promise<BuildEnd>> => {
  const { environment, stages, post } = await readJenkinsfile();
  /** Archived by main's last good build. */
  const archive = path.join(world.folder, "jenkins-archive");
  let builds = 0;
  const copy = async (from: string, to: string, pattern: string): Promise<string[]> => {
    const files = await filesMatching(from, [pattern]);
    for (const file of files) await cp(path.join(from, file), path.join(to, file));
    return files;
  };
  return async (build) => {
    const workspace = await checkout(world, build);
    const script = path.join(world.folder, `script-${++builds}.sh`);
    const variables: Variables = {
      JENKINS_URL: "https://ci.example/",
      JOB_NAME: `answers/${build.branch}`,
      BUILD_NUMBER: String(builds),
      BUILD_URL: `https://ci.example/job/answers/job/${build.branch}/${builds}/`,
      GIT_COMMIT: build.commit,
      BRANCH_NAME: build.branch,
      SQUALL_ARCHIVE: world.archive,
      ...environment,
      ...build.variables,
    };
    const end = {
      code: 0,
      output: "",
      stages: [] as string[],
      artifacts: [] as string[],
      junit: [] as string[],
    };
    const step = async (kind: StepKind, argument: string): Promise<void> => {
      if (kind === "copyArtifacts") await copy(archive, workspace, argument);
      if (kind === "junit") end.junit.push(...(await filesMatching(workspace, [argument])));
      if (kind === "archiveArtifacts") {
        end.artifacts.push(...(await filesMatching(workspace, [argument])));
        if (build.branch === "main") await copy(workspace, archive, argument);
      }
      if (kind !== "sh") return;
      await writeFile(script, argument.replaceAll(/\\(.)/g, "$1"));
      const { code, output } = await execute(["sh", "-xe", script], workspace, variables);
      end.code = code;
      end.output += output;
    };
    for (const stage of stages.filter((each) => runs(each, build))) {
      if (end.code !== 0) break;
      end.stages.push(stage.name);
      for (const { kind, argument } of stepsOf(stage.text)) if (end.code === 0) await step(kind, argument);
    }
    for (const { kind, argument } of post) await step(kind, argument);
    const contents = end.junit.map((file) => readFile(path.join(workspace, file), "utf8"));
    return { ...end, junit: await Promise.all(contents) };
  };
};
