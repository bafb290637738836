/** A service and its neighbours from an existing compose file, started for real. */
import { expect, test } from "vitest";
import type { FaultOf } from "../../../../src/core/fault.ts";
import type { ContainerSpec, DependencySpec } from "../../../../src/core/suite.ts";
import { describeDocker } from "../../../support/docker/engine.ts";
import {
  containerSuite,
  SERVICE_IMAGE,
  serviceContainer,
} from "../../../support/services/container-suite.ts";
import { until } from "../../../support/services/living.ts";
import { dockerSystem, look, ownContainers } from "./support/docker-system.ts";

const COMPOSE = `
services:
  api:
    build: { context: ./notes }
    depends_on: [vector-db, cache, scribe]
    environment:
      VECTOR: http://vector-db:8100
      CACHE: http://cache:8200
      GREETING: from the compose file
      DATA: /data
    expose: ["8000"]
    volumes: [notes:/data, "./settings:/etc/settings:ro"]
    mem_limit: 256m
  vector-db:
    image: ${SERVICE_IMAGE}
    environment: { NAME: the vector database, PORT: 8100 }
    expose: ["8100"]
  cache:
    image: ${SERVICE_IMAGE}
    environment: [NAME=the cache, PORT=8200]
    expose: ["8200"]
    depends_on: [disk]
  disk:
    image: ${SERVICE_IMAGE}
    environment: { NAME: the disk of the cache }
  scribe:
    build: { context: ./notes }
    command: ["-e", "require('fs').writeFileSync('/shelf/schema', 'v1'); setInterval(() => {}, 1e6)"]
    volumes: [notes:/shelf, other:/data]
  unrelated:
    image: squall-test/no-such-image:1
volumes:
  notes:
  other:
`;

const of = (service: string, overrides: Partial<ContainerSpec> = {}): ContainerSpec => {
  const { env: _env, ...spec } = serviceContainer({ port: 0, ...overrides });
  return { ...spec, env: { ...overrides.env }, source: { type: "compose", file: "compose.yml", service } };
};

const vector: DependencySpec = {
  name: "vector",
  protocol: "http",
  source: { type: "container", container: of("vector-db") },
};

const named = (body: string): string => {
  const { body: answer } = JSON.parse(body) as { body: string };
  return (JSON.parse(answer) as { env: Record<string, string> }).env["NAME"] ?? "";
};

describeDocker("a compose file's service under test", () => {
  test("reaches its dependency through the sidecar and its companions directly, with its own volumes and binds", async () => {
    const suite = {
      ...containerSuite({ dependencies: [vector] }),
      service: { container: of("api", { env: { GREETING: "from the suite" } }), replicas: 1 },
    };
    await using system = await dockerSystem({
      suite,
      files: { "compose.yml": COMPOSE, "settings/model.json": '{"model":"small"}' },
    });
    const ask = async (path: string): Promise<string> => (await look(`${system.clientUrl}/${path}`)).body;

    expect(named(await ask("ask/VECTOR"))).toBe("the vector database");
    expect(named(await ask("ask/CACHE"))).toBe("the cache");
    const edges = (await system.sidecar.takeRecords()).map(({ edge }) => edge).toSorted();
    expect(edges).toEqual(["client", "client", "vector"]);

    expect(JSON.parse(await ask("read/etc/settings/model.json"))).toBe('{"model":"small"}');
    expect((await look(`${system.clientUrl}/write/1000`)).status).toBe(200);
    // Who names the same volume has the same.
    await until("the scribe wrote", async () => (await ask("list")).includes("schema"), 20_000);
    const inside = String(JSON.parse(await ask("read/proc/self/environ")));
    expect(inside).toContain("GREETING=from the suite");

    const [service] = await ownContainers("service");
    expect(service?.HostConfig.Memory).toBe(256 * 1024 * 1024);
    const mounts = service?.Mounts.map(({ Type, Destination, RW }) => [Type, Destination, RW]);
    expect(mounts?.toSorted()).toEqual([
      ["bind", "/etc/settings", false],
      ["volume", "/data", true],
    ]);
    // What nobody depends on is not started, nor asked for.
    expect(await ownContainers("dependency")).toHaveLength(4);
    const names = (await system.processes.usage()).map(({ name }) => name).toSorted();
    expect(names).toEqual(["cache", "disk", "scribe", "service", "sidecar", "vector"]);
  }, 60_000);

  test("dns-fail of a dependency takes the name that the compose file gives it", async () => {
    const fault: FaultOf<"dns-fail"> = {
      kind: "dns-fail",
      on: "service",
      fraction: 1,
      attempts: "all",
      names: ["vector"],
    };
    await using system = await dockerSystem({
      suite: {
        ...containerSuite({ dependencies: [vector] }),
        service: { container: of("api"), replicas: 1 },
        experiments: [{ name: "nameless", faults: [fault], expect: [] }],
      },
      files: { "compose.yml": COMPOSE, "settings/model.json": "{}" },
    });
    const strike = await system.processes.strike(fault, 1);
    expect(await strike.effect()).toEqual({ seen: 1, affected: 1 });
    expect((await look(`${system.clientUrl}/ask/VECTOR`)).status).toBe(504);
    await strike.clear();
    expect(named((await look(`${system.clientUrl}/ask/VECTOR`)).body)).toBe("the vector database");
  }, 60_000);
});
