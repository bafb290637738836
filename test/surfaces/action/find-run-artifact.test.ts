import { afterEach, beforeEach, expect, test } from "vitest";
import { connectForge } from "../../../src/adapters/github/forge.ts";
import { SquallError } from "../../../src/core/errors.ts";
import { findRunArtifact } from "../../../src/surfaces/action/find-run-artifact.ts";
import { type GitHubServer, startGitHub } from "../../support/github/server.ts";
import { zipOfFiles } from "../../support/zip/zip.ts";

const SHA = "a".repeat(40);
const zip = zipOfFiles({ "result.json": "{}" });

let github: GitHubServer;
beforeEach(async () => {
  github = await startGitHub();
});
afterEach(async () => {
  await github[Symbol.asyncDispose]();
});

const runOf = (conclusion: string, attempt: number) =>
  github.repository.addRun({ headSha: SHA, conclusion, attempt, headRepository: "stranger/shop" });

const found = async (run: { readonly id: number; readonly attempt: number }, reportName = "squall") =>
  findRunArtifact(
    {
      forge: connectForge({
        token: github.token({ permissions: { actions: "read" } }),
        apiUrl: github.apiUrl,
        repository: `${github.owner}/${github.repo}`,
        log: () => undefined,
        pauseScale: 0.001,
      }),
      inputs: { reportName },
      change: { run },
    },
    "tiny",
  );

const refusal = async (promise: Promise<unknown>): Promise<SquallError> => {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SquallError) return error;
  throw new Error(`it was found: ${String(error)}`);
};

test("the artifact of the newest attempt, among others of the run and of other runs", async () => {
  const run = runOf("failure", 2);
  const other = runOf("success", 2);
  for (const [name, of] of [
    ["squall-tiny-attempt-1", run.id],
    ["logs", run.id],
    ["squall-tiny-attempt-2", other.id],
  ] as const)
    github.repository.addArtifact({ name, zip, run: of });
  const { id } = github.repository.addArtifact({ name: "squall-tiny-attempt-2", zip, run: run.id });
  expect((await found(run)).id).toBe(id);
});

test("under a report name with blanks, as the upload writes it", async () => {
  const run = runOf("success", 1);
  const { id } = github.repository.addArtifact({ name: "my-gate-tiny-attempt-1", zip, run: run.id });
  expect((await found(run, "my gate")).id).toBe(id);
});

test("an earlier attempt's, where what failed was another job, and all is well now", async () => {
  const run = runOf("success", 3);
  github.repository.addArtifact({ name: "squall-tiny-attempt-1", zip, run: run.id });
  const { id } = github.repository.addArtifact({ name: "squall-tiny-attempt-2", zip, run: run.id });
  expect((await found(run)).id).toBe(id);
});

test("no earlier attempt's, where this one failed: it may have failed before it had measured", async () => {
  const run = runOf("cancelled", 2);
  github.repository.addArtifact({ name: "squall-tiny-attempt-1", zip, run: run.id });
  const error = await refusal(found(run));
  expect(error.code).toBe("artifact-invalid");
  expect(error.exitCode).toBe(3);
  expect(error.message).toContain("attempt 2 failed before it had measured");
  expect(error.remedy).toContain("all of its jobs");
});

test.each([
  ["nothing", []],
  ["one that has expired", [{ name: "squall-tiny-attempt-1", expired: true }]],
  ["those of another suite", [{ name: "squall-other-attempt-1", expired: false }]],
  ["one of an attempt that is to come", [{ name: "squall-tiny-attempt-2", expired: false }]],
])("a run that left %s was not measured", async (_, artifacts) => {
  const run = runOf("success", 1);
  for (const artifact of artifacts) github.repository.addArtifact({ ...artifact, zip, run: run.id });
  const error = await refusal(found(run));
  expect(error.message).toContain(`Run ${run.id} has left no artifact squall-tiny-attempt-1`);
  expect(error.place).toBe("squall-tiny-attempt-1");
});
