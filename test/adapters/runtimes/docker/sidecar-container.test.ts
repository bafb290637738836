import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startSidecarContainer } from "../../../../src/adapters/runtimes/docker/sidecar-container.ts";
import { ensureSidecarImage } from "../../../../src/adapters/runtimes/docker/sidecar-image.ts";
import type { SquallError } from "../../../../src/core/errors.ts";
import { describeDocker, type TestRun, testRun } from "../../../support/docker/engine.ts";
import { CONTROL_PORT, edge, sidecarStart } from "../../../support/docker/sidecar-start.ts";
import { until } from "../../../support/services/living.ts";

const folderOfTest = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), "squall-sidecar-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
};

/** The tests' own service, in a container of its own. */
const serviceContainer = async (
  { engine, labels }: TestRun,
  network: string,
  alias: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const container = await engine.docker.createContainer({
    Image: "squall-test/service:1",
    Labels: labels.of("service"),
    Env: Object.entries({ NAME: alias, ...env }).map(([name, value]) => `${name}=${value}`),
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [alias] } } },
  });
  await container.start();
};

const isGone = async ({ engine }: TestRun, id: string): Promise<boolean> =>
  engine.docker
    .getContainer(id)
    .inspect()
    .then(
      () => false,
      (error: { statusCode?: number }) => error.statusCode === 404,
    );

interface ServiceAnswer {
  readonly env: Readonly<Record<string, string>>;
}

/** What a service was told when it asked its UPSTREAM. */
const ask = async (url: string): Promise<{ readonly status: number; readonly body: string }> =>
  (await (await fetch(`${url}/ask/who`)).json()) as { status: number; body: string };

describeDocker("the sidecar in a container", () => {
  test("stands in a dependency's place under its name and port, and relays, strikes and probes", async () => {
    await using run = await testRun();
    const network = await run.network();
    await serviceContainer(run, network, "real-vector");
    await serviceContainer(run, network, "service-1", { UPSTREAM: "http://vector:80" });
    await using sidecar = await startSidecarContainer(
      await sidecarStart(run, {
        networks: [{ name: network, aliases: ["vector"] }],
        publish: { client: 8471 },
        // Below 1024, which only root may take elsewhere.
        edges: () => [edge("client", 8471, "service-1:8080"), edge("vector", 80, "real-vector:8080")],
        folder: await folderOfTest(),
      }),
    );
    const { control } = sidecar;
    await until(
      "the service is ready",
      async () => (await control.probe("service-1", 8080, "/ready")).ok,
      15_000,
    );
    await until("the dependency is ready", async () => (await control.probe("real-vector", 8080)).ok, 15_000);
    const refused = { ok: false, reason: "ECONNREFUSED" };
    expect(await control.probe("service-1", 9, "/ready")).toEqual(refused);
    expect((await control.probe("no-such-name", 80)).reason).toMatch(/ENOTFOUND|EAI_AGAIN/);

    const url = `http://127.0.0.1:${sidecar.hostPort("client")}`;
    const answer = await ask(url);
    expect(answer.status).toBe(200);
    expect((JSON.parse(answer.body) as ServiceAnswer).env["NAME"]).toBe("real-vector");
    const edges = (await control.takeRecords()).map((record) => record.edge);
    expect(edges.sort()).toEqual(["client", "vector"]);

    const fault = { kind: "http-error", on: "vector", fraction: 1, attempts: "all", status: 429 } as const;
    const placed = { id: "f", fault: { ...fault, headers: {} }, marks: { type: "all" }, seed: 1 } as const;
    await control.setState({ revision: 1, faults: [placed], deadlineMs: 10_000 });
    expect((await ask(url)).status).toBe(429);
    expect((await control.receipts()).receipts).toEqual([
      { faultId: "f", edge: "vector", seen: 1, affected: 1 },
    ]);
  });

  test("is closed in: no root, no capability, nothing to write, loopback alone", async () => {
    await using run = await testRun();
    const network = await run.network();
    const sidecar = await startSidecarContainer(
      await sidecarStart(run, {
        networks: [{ name: network, aliases: [] }],
        publish: { client: 8471 },
        edges: () => [edge("client", 8471, "service-1:8080")],
        folder: await folderOfTest(),
      }),
    );
    const { Config, HostConfig, NetworkSettings } = await run.engine.docker
      .getContainer(sidecar.containerId)
      .inspect();
    expect(Config.User).toBe("65532:65532");
    expect(Config.Labels).toMatchObject(run.labels.of("sidecar"));
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      Privileged: false,
      SecurityOpt: ["no-new-privileges"],
    });
    expect(HostConfig.CapAdd).toBeNull();
    expect(HostConfig.Binds).toBeNull();
    expect(Config.Env.join()).not.toContain("token");
    const ips = Object.values(NetworkSettings.Ports).flatMap((bindings) =>
      (bindings ?? []).map(({ HostIp }) => HostIp),
    );
    expect(ips).toEqual(["127.0.0.1", "127.0.0.1"]);
    expect(Object.keys(NetworkSettings.Networks)).toEqual([network]);
    expect(NetworkSettings.Networks[network]?.IPAddress).toBe(sidecar.addresses[network]);
    expect(() => sidecar.hostPort("vector")).toThrow("Edge vector is not published");

    await sidecar[Symbol.asyncDispose]();
    expect(await isGone(run, sidecar.containerId)).toBe(true);
  });

  test("bears one port in several networks, for a dependency in each", async () => {
    await using run = await testRun();
    const [one, two] = [await run.network(), await run.network()];
    for (const [network, name] of [
      [one, "a"],
      [two, "b"],
    ] as const) {
      await serviceContainer(run, network, `real-${name}`);
      await serviceContainer(run, network, `user-of-${name}`, { UPSTREAM: `http://${name}:6333` });
    }
    await using sidecar = await startSidecarContainer(
      await sidecarStart(run, {
        networks: [
          { name: one, aliases: ["a"] },
          { name: two, aliases: ["b"] },
        ],
        publish: { "to-a": 8471, "to-b": 8472 },
        edges: (addresses) => [
          edge("a", 6333, "real-a:8080", addresses[one]),
          edge("b", 6333, "real-b:8080", addresses[two]),
          edge("to-a", 8471, "user-of-a:8080"),
          edge("to-b", 8472, "user-of-b:8080"),
        ],
        folder: await folderOfTest(),
      }),
    );
    for (const name of ["a", "b"]) {
      for (const host of [`real-${name}`, `user-of-${name}`]) {
        await until(`${host} is ready`, async () => (await sidecar.control.probe(host, 8080)).ok, 15_000);
      }
      const { body } = await ask(`http://127.0.0.1:${sidecar.hostPort(`to-${name}`)}`);
      expect((JSON.parse(body) as ServiceAnswer).env["NAME"]).toBe(`real-${name}`);
    }
  });

  test("reads the cassettes that are laid into it, also in an image that is named", async () => {
    await using run = await testRun();
    const network = await run.network();
    const folder = await folderOfTest();
    const source = path.join(folder, "deck.jsonl");
    await writeFile(source, `${JSON.stringify({ squall: "cassette", version: 1 })}\n`);
    const target = "/cassettes/deck";
    await using sidecar = await startSidecarContainer(
      await sidecarStart(run, {
        image: await ensureSidecarImage(run.engine, "squall-test/service:1", () => {}),
        networks: [{ name: network, aliases: [] }],
        publish: { deck: 9400 },
        files: [{ source, target }],
        edges: () => [
          { ...edge("deck", 9400, ":0"), upstream: { type: "cassette", file: target, mode: "replay" } },
        ],
        folder,
      }),
    );
    const answer = await fetch(`http://127.0.0.1:${sidecar.hostPort("deck")}/v1/models`);
    expect(await answer.text()).toMatch(/record/);
  });

  test("says why it did not start, with its last lines, and leaves nothing", async () => {
    await using run = await testRun();
    const network = await run.network();
    const folder = await folderOfTest();
    const start = await sidecarStart(run, {
      networks: [{ name: network, aliases: [] }],
      edges: () => [edge("a", CONTROL_PORT, "b:1")],
      folder,
    });
    const error = await startSidecarContainer(start).catch((error: unknown) => error as SquallError);
    expect(error).toMatchObject({ code: "sidecar-failed" });
    expect((error as SquallError).message).toContain("it ended with exit code 3");
    expect((error as SquallError).detail.join("\n")).toContain("EADDRINUSE");
    expect(await readFile(start.logFile, "utf8")).toContain("stderr sidecar: listen EADDRINUSE");

    const broken = { ...start, image: { ...start.image, node: ["/no/node"] } };
    await expect(startSidecarContainer(broken)).rejects.toThrow(/no such file/i);
    const unwired = {
      ...start,
      configOf: () => {
        throw new Error("no such network");
      },
    };
    await expect(startSidecarContainer(unwired)).rejects.toThrow("no such network");
    const filters = { label: [`dev.squall.run=${run.labels.runId}`] };
    expect(await run.engine.docker.listContainers({ all: true, filters })).toEqual([]);
  });

  test("is removed by force where it hangs", async () => {
    await using run = await testRun();
    const networks = [{ name: await run.network(), aliases: [] }];
    const sidecar = await startSidecarContainer(
      await sidecarStart(run, { networks, edges: () => [], folder: await folderOfTest() }),
    );
    await run.engine.docker.getContainer(sidecar.containerId).pause();
    await sidecar[Symbol.asyncDispose]();
    expect(await isGone(run, sidecar.containerId)).toBe(true);
  });

  test("leaves with the process that started it, however that ends", async () => {
    await using run = await testRun();
    const network = await run.network();
    const program = fileURLToPath(new URL("../../../support/docker/sidecar-parent.ts", import.meta.url));
    const child = spawn(process.execPath, [program, run.labels.runId, network, await folderOfTest()], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [id] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    expect(await isGone(run, id)).toBe(false);
    child.kill("SIGKILL");
    await until("the sidecar's container is gone", () => isGone(run, id), 15_000);
  });
});
