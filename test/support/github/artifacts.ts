/** Artifacts and the workflow runs that made them. */
import { createHash } from "node:crypto";
import { repositoryBody } from "./bodies.ts";
import {
  type Call,
  may,
  notFound,
  page,
  pathOf,
  Refusal,
  type Reply,
  type Routes,
  required,
} from "./call.ts";
import type { Json, JsonObject } from "./description.ts";
import { fill } from "./fill.ts";
import type { Artifact } from "./model.ts";
import type { Repo } from "./repository.ts";

const NINETY_DAYS_MS = 90 * 86_400_000;

const repositoryId = (repository: Repo, fullName: string): Json =>
  repositoryBody("minimal-repository", repository, fullName)["id"] ?? 0;

const runBody = (call: Call, runId: number | null): Json => {
  const run = runId === null ? undefined : call.repository.workflowRuns.get(runId);
  if (run === undefined) return null;
  return {
    id: run.id,
    repository_id: repositoryId(call.repository, call.repository.fullName),
    head_repository_id: repositoryId(call.repository, run.headRepository ?? "ghost/deleted"),
    head_branch: run.headBranch ?? "",
    head_sha: run.headSha,
  };
};

const digestOf = (artifact: Artifact): Json =>
  artifact.digest === undefined
    ? `sha256:${createHash("sha256").update(artifact.zip).digest("hex")}`
    : artifact.digest;

const artifactBody = (call: Call, artifact: Artifact): JsonObject => {
  const url = `${call.apiUrl}${pathOf(call, `/actions/artifacts/${artifact.id}`)}`;
  return fill("artifact", {
    id: artifact.id,
    node_id: `A_${artifact.id}`,
    name: artifact.name,
    size_in_bytes: artifact.saidBytes ?? artifact.zip.length,
    url,
    archive_download_url: `${url}/zip`,
    expired: artifact.expired,
    created_at: artifact.createdAt,
    updated_at: artifact.createdAt,
    expires_at: new Date(Date.parse(artifact.createdAt) + NINETY_DAYS_MS).toISOString(),
    digest: digestOf(artifact),
    workflow_run: runBody(call, artifact.run),
  });
};

const listed = (call: Call, path: string, of: (artifact: Artifact) => boolean): Reply => {
  const { name } = call.query;
  const all = [...call.repository.artifacts.values()]
    .filter((artifact) => of(artifact) && (name === undefined || artifact.name === name))
    .toSorted((a, b) => (a.createdAt === b.createdAt ? b.id - a.id : a.createdAt < b.createdAt ? 1 : -1));
  const { items, headers } = page(call, pathOf(call, path), all);
  const artifacts = items.map((artifact) => artifactBody(call, artifact));
  return { status: 200, headers, body: { total_count: all.length, artifacts } };
};

const artifactOf = (call: Call): Artifact =>
  required(call.repository.artifacts.get(Number(call.params["artifact_id"])));

const download = (call: Call): Reply => {
  const artifact = artifactOf(call);
  if (call.params["archive_format"] !== "zip") throw notFound();
  if (artifact.expired) throw new Refusal(410, "Artifact has expired");
  return { status: 302, headers: { location: `${call.blobUrl}/artifacts/${artifact.id}.zip?sig=signed` } };
};

const getRun = (call: Call): Reply => {
  const { repository } = call;
  const run = required(repository.workflowRuns.get(Number(call.params["run_id"])));
  return {
    status: 200,
    body: fill("workflow-run", {
      id: run.id,
      event: run.event,
      head_branch: run.headBranch,
      head_sha: run.headSha,
      status: run.status,
      conclusion: run.conclusion,
      run_attempt: run.attempt,
      path: run.path,
      url: `${call.apiUrl}${pathOf(call, `/actions/runs/${run.id}`)}`,
      repository: repositoryBody("minimal-repository", repository),
      head_repository: repositoryBody(
        "minimal-repository",
        repository,
        run.headRepository ?? "ghost/deleted",
      ),
    }),
  };
};

const read = may("read", "actions");

/** The zip itself needs a token even where the repository is public. */
const signedIn = (call: Call): Reply => {
  if (call.token === null) throw new Refusal(401, "Requires authentication");
  return download(call);
};

export const artifactRoutes: Routes = {
  "actions/list-artifacts-for-repo": {
    permission: read,
    handle: (call) => listed(call, "/actions/artifacts", () => true),
  },
  "actions/list-workflow-run-artifacts": {
    permission: read,
    handle: (call) => {
      const run = required(call.repository.workflowRuns.get(Number(call.params["run_id"])));
      return listed(call, `/actions/runs/${run.id}/artifacts`, (artifact) => artifact.run === run.id);
    },
  },
  "actions/get-artifact": {
    permission: read,
    handle: (call) => ({ status: 200, body: artifactBody(call, artifactOf(call)) }),
  },
  "actions/download-artifact": { permission: read, handle: signedIn },
  "actions/get-workflow-run": { permission: read, handle: getRun },
};
