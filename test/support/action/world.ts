/** A small repository on the stand-in for GitHub, checked out, with the Action run in it as the runner would. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type ArtifactsService, startArtifacts } from "../github/artifacts-service.ts";
import type { Pull } from "../github/model.ts";
import { type GitHubServer, startGitHub, type TokenOptions } from "../github/server.ts";
import { type RunningStep, type Step, type StepEnd, startStep } from "./runner.ts";

const SERVICE = path.resolve(import.meta.dirname, "../../e2e/fixtures/service.mjs");

/** So wide that equal code passes on the busiest machine. */
const WIDE =
  "minEffect: { latency: 100% and 5s, errorRate: 15pt, degradedRate: 30pt, slowShare: 30pt, callsPerRequest: 100% and 3 }";

/** Number of the run that steps belong to unless they say another. */
export const RUN = 1000;

export interface TinySuite {
  readonly experiments?: readonly string[];
  readonly gate?: string;
  /** Asks the model once, not twice: what a careless change does. */
  readonly careless?: boolean;
}

export const FAILING_MODEL =
  "{ name: llm-fails, faults: [{ kind: http-error, on: llm, status: 503, fraction: 50% }] }";

export const tinySuite = ({
  experiments = [FAILING_MODEL],
  gate = "",
  careless = false,
}: TinySuite = {}): string =>
  `version: 1
name: tiny
service: { command: node service.mjs, ready: /healthz, env: { LLM_URL: "{{llm}}"${careless ? ', CARELESS: "1"' : ""} } }
dependencies: { llm: { stub: openai, firstToken: 5ms, perToken: 1ms, tokens: 3..5 } }
workload: { requests: requests.jsonl, rate: 40/s }
experiments:
${experiments.map((experiment) => `  - ${experiment}`).join("\n")}
gate: { budget: 10s, ${gate.includes("diagnosis") ? "" : "diagnosis: 0s, "}maxLagP99: 5s, minAchieved: 50%, ${WIDE}${gate === "" ? "" : `, ${gate}`} }
`;

const requests = Array.from({ length: 12 }, (_, index) =>
  JSON.stringify({ id: `q${index}`, method: "GET", path: `/ask?q=what+is+the+answer+to+question+${index}` }),
).join("\n");

export interface World extends AsyncDisposable {
  readonly github: GitHubServer;
  readonly artifacts: ArtifactsService;
  /** First commit of the default branch: suite, service, requests. */
  readonly base: string;
  /** A commit on top of another with these files changed. */
  change(files: Readonly<Record<string, string | null>>, branch?: string): string;
  openPull(
    files: Readonly<Record<string, string | null>>,
    options?: { readonly fork?: boolean; readonly body?: string },
  ): Pull;
  /** Writes the files of a commit into an empty folder. */
  checkout(commit: string): Promise<string>;
  step(
    step: Partial<Step> & Pick<Step, "eventName" | "event" | "sha" | "ref">,
    token?: TokenOptions,
  ): Promise<StepEnd>;
  start(
    step: Partial<Step> & Pick<Step, "eventName" | "event" | "sha" | "ref">,
    token?: TokenOptions,
  ): Promise<RunningStep>;
}

export const repositoryFacts = ({ github }: World) => ({
  full_name: `${github.owner}/${github.repo}`,
  default_branch: "main",
});

/** Event, commit and reference of a pull request's run. */
export const pullRequestRun = (world: World, pull: Pull) => ({
  eventName: "pull_request",
  sha: pull.mergeSha ?? pull.headSha,
  ref: `refs/pull/${pull.number}/merge`,
  event: {
    action: "synchronize",
    number: pull.number,
    pull_request: {
      number: pull.number,
      head: {
        sha: pull.headSha,
        ref: pull.head.branch,
        repo: pull.head.repository === null ? null : { full_name: pull.head.repository },
      },
      base: { sha: world.base, ref: "main", repo: repositoryFacts(world) },
    },
    repository: repositoryFacts(world),
  },
});

/** The event of a workflow that runs after the one that measured. */
export const workflowRun = (world: World, pull: Pull) => ({
  eventName: "workflow_run",
  sha: world.base,
  ref: "refs/heads/main",
  runId: RUN + 1,
  event: {
    action: "completed",
    workflow_run: {
      id: RUN,
      run_attempt: 1,
      head_sha: pull.headSha,
      head_branch: pull.head.branch,
      head_repository: pull.head.repository === null ? null : { full_name: pull.head.repository },
      event: "pull_request",
      conclusion: "success",
      pull_requests: [],
    },
    repository: repositoryFacts(world),
  },
});

export const pushRun = (world: World, before: string, after: string) => ({
  eventName: "push",
  sha: after,
  ref: "refs/heads/main",
  event: { before, after, ref: "refs/heads/main", deleted: false, repository: repositoryFacts(world) },
});

export const startWorld = async (
  suite: TinySuite = {},
  kind: "github" | "gitea" = "github",
): Promise<World> => {
  const github = await startGitHub({ kind });
  const artifacts = await startArtifacts({ run: RUN, repository: github.repository });
  const folder = await mkdtemp(path.join(tmpdir(), "squall-world-"));
  const { repository } = github;
  const base = repository.commit({
    branch: "main",
    files: {
      "squall.yml": tinySuite(suite),
      "service.mjs": await readFile(SERVICE),
      "requests.jsonl": requests,
    },
  });
  let folders = 0;
  const checkout = async (commit: string): Promise<string> => {
    const workspace = path.join(folder, `checkout-${++folders}`);
    const { tree = "" } = repository.objects.commits.get(commit) ?? {};
    await mkdir(workspace, { recursive: true });
    for (const [name, { sha }] of repository.objects.files(tree)) {
      const file = path.join(workspace, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, repository.objects.blobs.get(sha) ?? "");
    }
    return workspace;
  };
  const start: World["start"] = async (step, token) =>
    startStep({
      token: step.token ?? github.token(token),
      workspace: step.workspace ?? (await checkout(step.sha)),
      repository: `${github.owner}/${github.repo}`,
      apiUrl: github.apiUrl,
      ...step,
      env: { ...artifacts.env, ...step.env },
    });
  const change: World["change"] = (files, branch) =>
    repository.commit({ files, ...(branch === undefined ? { parents: [base] } : { branch }) });
  return {
    github,
    artifacts,
    base,
    change,
    checkout,
    start,
    step: async (step, token) => (await start(step, token)).end,
    openPull: (files, { fork = false, body } = {}) =>
      repository.openPull({
        headSha: change(files),
        ...(fork ? { headRepository: "stranger/shop", author: "stranger" } : {}),
        ...(body === undefined ? {} : { body }),
      }),
    [Symbol.asyncDispose]: async () => {
      await artifacts[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      await github[Symbol.asyncDispose]();
    },
  };
};
