/** SIGKILL on the real `squall run --runtime docker` in each phase of a run: nothing of it is left on the engine. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { LABEL_OWNER, LABEL_RUN, ownerOf } from "../../../../src/adapters/runtimes/docker/labels.ts";
import { listLabelled } from "../../../../src/adapters/runtimes/docker/sweep.ts";
import { SOURCE, start } from "../../../e2e/support/tiny-project.ts";
import { describeDocker, testEngine, testRun } from "../../../support/docker/engine.ts";
import { SERVICE_IMAGE } from "../../../support/services/container-suite.ts";
import { until } from "../../../support/services/living.ts";

const SUITE = `version: 1
name: killed
runtime: docker
service:
  image: ${SERVICE_IMAGE}
  port: 8000
  ready: /ready
  env: { HOST: 0.0.0.0, UPSTREAM: "{{llm}}" }
  volumes: [/data]
dependencies:
  llm: { stub: openai, firstToken: 5ms, perToken: 1ms, tokens: 3..5 }
  other: { image: ${SERVICE_IMAGE}, port: 8000, ready: /ready, env: { HOST: 0.0.0.0 } }
workload: { requests: requests.jsonl, rate: 20/s }
experiments:
  - { name: llm-down, faults: [{ kind: http-error, on: llm, status: 503 }] }
  - { name: service-paused, faults: [{ kind: pause, on: service }, { kind: cpu-stress, on: service, workers: 1, load: 20% }] }
  - { name: service-killed, faults: [{ kind: kill, on: service, restartAfter: 500ms }] }
gate: { budget: 10s, maxLagP99: 2s }
`;

const project = async (): Promise<AsyncDisposable & { readonly directory: string }> => {
  const directory = await mkdtemp(path.join(tmpdir(), "squall-killed-"));
  const requests = Array.from({ length: 6 }, (_, index) =>
    JSON.stringify({ id: `q${index}`, method: "GET", path: `/ask/v1/models?q=${index}` }),
  );
  await writeFile(path.join(directory, "requests.jsonl"), requests.join("\n"));
  await writeFile(path.join(directory, "squall.yml"), SUITE);
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
};

/** Promised: within 30 s. */
const LIMIT_MS = 30_000;

/** What the engine has of one squall, and its run. */
const belongings = async (
  owner: string,
): Promise<{ readonly what: string[]; readonly run: string | undefined }> => {
  const { docker } = await testEngine();
  const { containers, networks, volumes } = await listLabelled(docker);
  const all = [
    ...containers.map(({ Labels, Id }) => ({ labels: Labels, what: `container ${Id.slice(0, 12)}` })),
    ...networks.map(({ Labels, Name }) => ({ labels: Labels, what: `network ${Name}` })),
    ...volumes.map(({ Labels, Name }) => ({ labels: Labels, what: `volume ${Name}` })),
  ].filter(({ labels }) => labels?.[LABEL_OWNER] === owner);
  return { what: all.map(({ what }) => what), run: all[0]?.labels?.[LABEL_RUN] };
};

describeDocker("a killed squall leaves nothing on the engine, and touches nothing of others", () => {
  test.each([
    { phase: "while the sidecar starts", line: "starting the sidecar", measured: "llm-down" },
    { phase: "while a dependency starts", line: "starting other", measured: "llm-down" },
    { phase: "while the service starts", line: "starting service", measured: "llm-down" },
    { phase: "in the calm pass", line: "calm pass", measured: "llm-down" },
    { phase: "in an outage", line: "llm-down, round", measured: "llm-down" },
    { phase: "while it settles", line: "come to rest after llm-down", measured: "llm-down" },
    {
      phase: "while the service is paused and a neighbour burns",
      line: "service-paused, round",
      measured: "service-paused",
    },
    { phase: "while the service is killed", line: "service-killed, round", measured: "service-killed" },
    {
      phase: "while it stops",
      line: "stopping",
      measured: "service-killed",
      // The ordinary end does the same a whole run later.
      interruptedAt: "calm pass",
    },
  ])(
    "$phase",
    async ({ line: wanted, measured, interruptedAt }) => {
      // Somebody else's, with the same labels but for the run and the owner.
      await using bystander = await testRun();
      const network = await bystander.network();
      await using here = await project();
      const { child, line, left } = start(SOURCE, here.directory, ["run", "--experiment", measured]);
      const owner = ownerOf(child.pid ?? 0);
      if (interruptedAt !== undefined) {
        await line(interruptedAt);
        child.kill("SIGINT");
      }
      await line(wanted);
      child.kill("SIGKILL");
      expect(await left).toEqual({ code: null, signal: "SIGKILL" });
      await until(
        "nothing of the run is left",
        async () => (await belongings(owner)).what.length === 0,
        LIMIT_MS,
      );
      const { docker } = await testEngine();
      await expect(docker.getNetwork(network).inspect()).resolves.toMatchObject({ Name: network });
    },
    120_000,
  );
});
