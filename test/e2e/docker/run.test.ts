/** `squall run --runtime docker` as a person uses it: a built image, real faults, a real verdict, and nothing left. */
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { LABEL_OWNER, newRunId, ownerOf, runLabels } from "../../../src/adapters/runtimes/docker/labels.ts";
import { listLabelled } from "../../../src/adapters/runtimes/docker/sweep.ts";
import { describeDocker, testEngine } from "../../support/docker/engine.ts";
import { runGit } from "../../support/git/repository.ts";
import { SERVICE_IMAGE } from "../../support/services/container-suite.ts";
import { type Answer, runIn, SOURCE, start } from "../support/tiny-project.ts";

const DOCKERFILE = `ARG BASE
FROM \${BASE}
ARG CARELESS=0
COPY service.mjs /app/
ENV CARELESS=\${CARELESS} HOST=0.0.0.0
EXPOSE 8000
CMD ["/app/service.mjs"]
`;

const SUITE = `version: 1
name: contained
service:
  build: { context: app, args: { BASE: nobody/has-this:1 } }
  ready: /healthz
  health: /healthz
  env: { LLM_URL: "{{llm}}" }
dependencies: { llm: { stub: openai, firstToken: 5ms, perToken: 1ms, tokens: 3..5 } }
workload: { requests: requests.jsonl, rate: 40/s }
experiments:
  - { name: llm-fails, faults: [{ kind: http-error, on: llm, status: 503, fraction: 30% }] }
  - { name: cut-off, faults: [{ kind: disconnect, on: service, for: 500ms }] }
gate:
  budget: 15s
  maxLagP99: 2s
  # On a busy machine times differ: what is tried here is counted.
  minEffect: { latency: 100% and 2s, recovery: 100% and 5s, slowShare: 90pt }
`;

interface Project extends AsyncDisposable {
  readonly directory: string;
  squall(...args: readonly string[]): Promise<Answer>;
}

const project = async (): Promise<Project> => {
  const directory = await mkdtemp(path.join(tmpdir(), "squall-contained-"));
  await mkdir(path.join(directory, "app"));
  await cp(
    path.resolve(import.meta.dirname, "../fixtures/service.mjs"),
    path.join(directory, "app/service.mjs"),
  );
  await writeFile(path.join(directory, "app/Dockerfile"), DOCKERFILE);
  const requests = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({ id: `q${index}`, method: "GET", path: `/ask?q=question+${index}` }),
  );
  await writeFile(path.join(directory, "requests.jsonl"), requests.join("\n"));
  await writeFile(path.join(directory, "squall.yml"), SUITE);
  return {
    directory,
    squall: (...args) => runIn(SOURCE, directory, args),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
};

/** Everything on the engine that one squall started. */
const belongings = async (owner: string): Promise<readonly string[]> => {
  const { containers, networks, volumes } = await listLabelled((await testEngine()).docker);
  return [...containers, ...networks, ...volumes].flatMap((each) =>
    (each.Labels as Record<string, string> | null)?.[LABEL_OWNER] === owner
      ? ["Id" in each ? each.Id : each.Name]
      : [],
  );
};

const newestRun = async (directory: string): Promise<string> => {
  const runs = (await readdir(path.join(directory, ".squall"))).filter((name) => name.endsWith("-contained"));
  return path.join(directory, ".squall", runs.toSorted().at(-1) ?? "");
};

describeDocker("the command line with runtime docker", () => {
  test("measures a baseline in containers, finds nothing in the same again, and the careless change in another build", async () => {
    await using here = await project();
    const docker = ["--runtime", "docker", "--build-arg", `BASE=${SERVICE_IMAGE}`];
    const baseline = await here.squall("baseline", ...docker);
    expect(baseline.stderr).not.toContain("squall:");
    expect(baseline).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("baseline of contained: 1 run"),
    });

    const { child, left, line } = start(SOURCE, here.directory, ["run", ...docker]);
    const owner = ownerOf(child.pid ?? 0);
    await line("calm pass");
    // Service, sidecar and network.
    expect((await belongings(owner)).length).toBeGreaterThanOrEqual(3);
    expect(await left).toEqual({ code: 0, signal: null });
    expect(await belongings(owner)).toEqual([]);
    const directory = await newestRun(here.directory);
    const same = JSON.parse(await readFile(path.join(directory, "result.json"), "utf8")) as {
      readonly verdict: { readonly word: string };
      readonly head: { readonly observations: number };
      readonly scenarios: readonly { readonly name: string }[];
    };
    expect(["pass", "inconclusive"]).toContain(same.verdict.word);
    expect(same.scenarios.map(({ name }) => name)).toEqual(["control", "llm-fails", "cut-off"]);
    expect(same.head.observations).toBeGreaterThan(100);
    expect((await readdir(path.join(directory, "logs"))).toSorted()).toEqual([
      "build-service.log",
      "service.log",
      "sidecar.log",
    ]);

    const careless = await here.squall(
      "run",
      ...docker,
      "--build-arg",
      "CARELESS=1",
      "--experiment",
      "llm-fails",
    );
    expect(careless.stdout).toContain("llm answers 503");
    expect(careless.code).toBe(1);
  }, 180_000);

  test("compares a build with the one of the commit before, both in containers at once", async () => {
    await using here = await project();
    const git = async (...args: readonly string[]) => runGit(here.directory, args);
    await git("init", "-q", "-b", "main");
    await git("add", "--all");
    await git("commit", "-q", "-m", "base");
    await writeFile(
      path.join(here.directory, "app/Dockerfile"),
      DOCKERFILE.replace("CARELESS=0", "CARELESS=1"),
    );
    const { child, left, line } = start(SOURCE, here.directory, [
      "compare",
      "--reference",
      "HEAD",
      "--runtime",
      "docker",
      "--experiment",
      "llm-fails",
      "--build-arg",
      `BASE=${SERVICE_IMAGE}`,
    ]);
    const owner = ownerOf(child.pid ?? 0);
    await line("calm pass of the reference");
    // Twice a service, a sidecar and a network.
    expect((await belongings(owner)).length).toBeGreaterThanOrEqual(6);
    expect(await left).toEqual({ code: 1, signal: null });
    expect(await belongings(owner)).toEqual([]);
    const result = JSON.parse(
      await readFile(path.join(await newestRun(here.directory), "result.json"), "utf8"),
    ) as { readonly method: string; readonly verdict: { readonly worstScenario: string } };
    expect(result).toMatchObject({ method: "paired", verdict: { worstScenario: "llm-fails" } });
  }, 180_000);

  test("clean tells what a dead run left, and removes it", async () => {
    const { docker } = await testEngine();
    const labels = runLabels(newRunId());
    const { runId } = labels;
    // The owner's process has ended when this returns; its start time is of no interest then.
    const pid = execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).trim();
    const [machine = ""] = ownerOf(process.pid).split("/");
    const name = `squall-${runId}`;
    await docker.createNetwork({
      Name: name,
      Labels: { ...labels.of("network"), [LABEL_OWNER]: `${machine}/${pid}/1` },
    });
    const told = await runIn(SOURCE, tmpdir(), ["clean", "--dry-run"]);
    expect(told.code).toBe(0);
    expect(told.stdout).toContain(`network ${name} (run ${runId})`);
    expect(told.stdout).toContain("nothing was removed");
    await expect(docker.getNetwork(name).inspect()).resolves.toMatchObject({ Name: name });
    // Not its exit code: others' dead runs may be under removal by their keepers.
    await runIn(SOURCE, tmpdir(), ["clean"]);
    await expect(docker.getNetwork(name).inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect((await runIn(SOURCE, tmpdir(), ["clean", "--dry-run"])).stdout).not.toContain(runId);
  }, 60_000);
});
