/**
 * As much of GitLab as the example file needs: rules, `extends`, a runner's fresh checkout and shell, artifacts, and the
 * API that hands them out.
 * https://docs.gitlab.com/ci/yaml/, https://docs.gitlab.com/api/job_artifacts/, gitlab-runner's shells/bash.go
 */
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { listen } from "../github/listen.ts";
import { zipOfFiles } from "../zip/zip.ts";
import { holds } from "./condition.ts";
import { execute, filesMatching, git, type ShellEnd, type Variables } from "./shell.ts";
import { type OtherCiWorld, ROOT } from "./world.ts";

interface Job {
  readonly extends?: string;
  readonly variables?: Variables;
  readonly rules?: readonly { readonly if: string }[];
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly artifacts?: {
    readonly when?: "always";
    readonly paths: readonly string[];
    readonly reports?: { readonly junit: string };
  };
}

export interface JobEnd extends ShellEnd {
  readonly name: string;
  readonly artifacts: readonly string[];
  /** What the merge request's test view is given. */
  readonly junit: readonly string[];
}

export interface GitLab extends AsyncDisposable {
  /** Runs the jobs that the rules choose, on a commit. */
  pipeline(commit: string, variables: Variables): Promise<readonly JobEnd[]>;
  /** The API answers with this status and nothing else from now on. */
  breakApi(status: number): void;
}

export const GITLAB_FILE = path.join(ROOT, "examples/ci/gitlab/.gitlab-ci.yml");

/** The project that merge requests go to, and its tokens: of a job, and of a person. */
export const PROJECT = "7";
const TOKENS: Variables = { "job-token": "of-this-job", "private-token": "of-a-person" };

/** The jobs that can run, with what they extend. */
export const readJobs = async (): Promise<readonly (readonly [string, Job])[]> => {
  const file = parse(await readFile(GITLAB_FILE, "utf8")) as Readonly<Record<string, Job | string[]>>;
  const jobs = Object.entries(file).filter((entry): entry is [string, Job] => !Array.isArray(entry[1]));
  const byName = new Map(jobs);
  return jobs
    .filter(([name]) => !name.startsWith("."))
    .map(([name, job]) => {
      const parent = byName.get(job.extends ?? "") ?? {};
      return [name, { ...parent, ...job, variables: { ...parent.variables, ...job.variables } }];
    });
};

/** A runner fetches the pipeline's own reference, and with a depth of 0 the branches too; then it cleans. */
const checkout = async (world: OtherCiWorld, commit: string, depth: string | undefined): Promise<string> => {
  const workspace = path.join(world.folder, `gitlab-${crypto.randomUUID()}`);
  await mkdir(workspace);
  await git(workspace, "init", "--quiet");
  await git(workspace, "remote", "add", "origin", `file://${world.origin}`);
  const reach = depth === "0" ? ["+refs/heads/*:refs/remotes/origin/*"] : ["--depth", depth ?? "20"];
  await git(workspace, "fetch", "--quiet", "origin", `+${commit}:refs/pipelines/1`, ...reach);
  await git(workspace, "checkout", "--quiet", "--force", "--detach", commit);
  return workspace;
};

const runJob = async (
  world: OtherCiWorld,
  [name, job]: readonly [string, Job],
  commit: string,
  variables: Variables,
) => {
  const workspace = await checkout(world, commit, job.variables?.["GIT_DEPTH"]);
  // Each line of a script is evaluated in the same shell, under these options.
  const script = ["set -eo pipefail", ...(job.before_script ?? []), ...(job.script ?? [])].join("\n");
  const end = await execute(["bash", "-c", script], workspace, { ...job.variables, ...variables });
  const { when, paths = [], reports } = job.artifacts ?? {};
  const uploads = end.code === 0 || when === "always";
  const artifacts = uploads ? await filesMatching(workspace, paths, { below: true }) : [];
  const junit = uploads && reports !== undefined ? await filesMatching(workspace, [reports.junit]) : [];
  const read = async (file: string) => [file, await readFile(path.join(workspace, file))] as const;
  return {
    end: {
      ...end,
      name,
      artifacts,
      junit: await Promise.all(junit.map(async (file) => (await read(file))[1].toString())),
    },
    zip: zipOfFiles(Object.fromEntries(await Promise.all(artifacts.map(read)))),
  };
};

export const startGitLab = async (world: OtherCiWorld): Promise<GitLab> => {
  const jobs = await readJobs();
  /** Artifacts of the newest good pipeline, by the path they are asked for. */
  const kept = new Map<string, Buffer>();
  let broken: number | null = null;
  const api = await listen(async ({ url = "", headers }, response) => {
    const known = Object.entries(TOKENS).some(([name, token]) => headers[name] === token);
    // Who may not see a project is told that there is none.
    const artifact = known ? kept.get(url) : undefined;
    response
      .writeHead(broken ?? (artifact === undefined ? 404 : 200))
      .end(broken === null ? artifact : undefined);
  });
  const base: Variables = {
    GITLAB_CI: "true",
    CI: "true",
    CI_API_V4_URL: `${api.origin}/api/v4`,
    CI_DEFAULT_BRANCH: "main",
    CI_PROJECT_ID: PROJECT,
    CI_PIPELINE_ID: "4711",
    CI_JOB_URL: "https://gitlab.example/shop/answers/-/jobs/1",
    CI_JOB_TOKEN: TOKENS["job-token"] ?? "",
    SQUALL_ARCHIVE: world.archive,
  };
  return {
    pipeline: async (commit, own) => {
      const variables: Variables = { ...base, CI_COMMIT_SHA: commit, ...own };
      const chosen = jobs.filter(([, { rules = [] }]) =>
        rules.some((rule) => holds(rule.if, (name) => variables[name.slice(1)] ?? null)),
      );
      const ends: JobEnd[] = [];
      for (const job of chosen) {
        const { end, zip } = await runJob(world, job, commit, variables);
        ends.push(end);
        const ref = variables["CI_COMMIT_BRANCH"];
        if (end.code === 0 && ref !== undefined)
          kept.set(`/api/v4/projects/${PROJECT}/jobs/artifacts/${ref}/download?job=${end.name}`, zip);
      }
      return ends;
    },
    breakApi: (status) => {
      broken = status;
    },
    [Symbol.asyncDispose]: () => api.close(),
  };
};

export const PERSONS_TOKEN = TOKENS["private-token"] ?? "";
