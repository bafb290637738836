/**
 * As much of Buildkite as the example file needs: conditions, interpolation at upload, one checkout that all builds
 * share and clean, and an agent on PATH that notes what is annotated.
 * https://buildkite.com/docs/pipelines/configure, the agent's clicommand/agent_start.go (shell, clean flags)
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { holds } from "./condition.ts";
import { environmentOf, execute, filesMatching, git, type ShellEnd, type Variables } from "./shell.ts";
import { type OtherCiWorld, ROOT } from "./world.ts";

interface Step {
  readonly label: string;
  readonly if: string;
  readonly commands: readonly string[];
  readonly artifact_paths?: readonly string[];
}

export interface StepEnd extends ShellEnd {
  readonly label: string;
  readonly artifacts: readonly string[];
  readonly junit: readonly string[];
  /** Arguments of `buildkite-agent`, and what was piped into it; null: it was not called. */
  readonly annotated: { readonly args: string; readonly body: string } | null;
}

export interface BuildkiteBuild {
  readonly commit: string;
  readonly branch: string;
  readonly pullRequest?: number;
}

export const BUILDKITE_FILE = path.join(ROOT, "examples/ci/buildkite/pipeline.yml");

/** `$$` becomes `$`; a single one is replaced when the pipeline is uploaded, where the job's variables are not known. */
const uploaded = (command: string): string =>
  command.replaceAll(/\$\$|\$\{?\w+\}?/g, (found) => (found === "$$" ? "$" : ""));

const AGENT = `#!/bin/sh
printf '%s' "$*" > "$ANNOTATED.args"
cat > "$ANNOTATED.body"
`;

const checkout = async (world: OtherCiWorld, workspace: string, { commit, branch }: BuildkiteBuild) => {
  // Does nothing but fail where it is cloned already.
  await execute(["git", "clone", "--quiet", `file://${world.origin}`, workspace], world.folder);
  await git(workspace, "clean", "-ffxdq");
  await git(workspace, "fetch", "--quiet", "origin", branch);
  await git(workspace, "checkout", "--quiet", "--force", "--detach", commit);
};

const variablesOf = (world: OtherCiWorld, build: BuildkiteBuild, number: number): Variables => ({
  BUILDKITE: "true",
  CI: "true",
  BUILDKITE_COMMIT: build.commit,
  BUILDKITE_BRANCH: build.branch,
  BUILDKITE_PIPELINE_DEFAULT_BRANCH: "main",
  BUILDKITE_PULL_REQUEST: build.pullRequest === undefined ? "false" : String(build.pullRequest),
  BUILDKITE_PULL_REQUEST_BASE_BRANCH: build.pullRequest === undefined ? "" : "main",
  BUILDKITE_BUILD_NUMBER: String(number),
  BUILDKITE_BUILD_URL: `https://buildkite.example/shop/answers/builds/${number}`,
  BUILDKITE_RETRY_COUNT: "0",
  SQUALL_ARCHIVE: world.archive,
  SQUALL_BASELINES: path.join(world.folder, "buildkite-baselines"),
});

export const startBuildkite = async (
  world: OtherCiWorld,
): Promise<(build: BuildkiteBuild) => Promise<readonly StepEnd[]>> => {
  const { steps } = parse(await readFile(BUILDKITE_FILE, "utf8")) as { readonly steps: readonly Step[] };
  const bin = path.join(world.folder, "bin");
  const workspace = path.join(world.folder, "buildkite");
  const annotated = path.join(world.folder, "annotated");
  await mkdir(bin);
  await writeFile(path.join(bin, "buildkite-agent"), AGENT, { mode: 0o755 });
  const read = (file: string) => readFile(file, "utf8");
  let builds = 0;
  const runStep = async (step: Step, variables: Variables): Promise<StepEnd> => {
    await Promise.all(["args", "body"].map((part) => rm(`${annotated}.${part}`, { force: true })));
    const script = step.commands.map(uploaded).join("\n");
    const end = await execute(["/bin/bash", "-e", "-c", script], workspace, {
      ...variables,
      ANNOTATED: annotated,
      PATH: `${bin}${path.delimiter}${environmentOf({})["PATH"] ?? ""}`,
    });
    const artifacts = await filesMatching(workspace, step.artifact_paths ?? []);
    const reports = artifacts.filter((file) => path.basename(file) === "junit.xml");
    const args = await read(`${annotated}.args`).catch(() => null);
    return {
      ...end,
      label: step.label,
      artifacts,
      junit: await Promise.all(reports.map((file) => read(path.join(workspace, file)))),
      annotated: args === null ? null : { args, body: await read(`${annotated}.body`) },
    };
  };
  return async (build) => {
    const facts: Readonly<Record<string, string | null>> = {
      "build.branch": build.branch,
      "build.pull_request.id": build.pullRequest === undefined ? null : String(build.pullRequest),
      "pipeline.default_branch": "main",
    };
    const variables = variablesOf(world, build, ++builds);
    const ends: StepEnd[] = [];
    for (const step of steps.filter((each) => holds(each.if, (name) => facts[name] ?? null))) {
      await checkout(world, workspace, build);
      ends.push(await runStep(step, variables));
    }
    return ends;
  };
};
