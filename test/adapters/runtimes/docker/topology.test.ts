import { array, assert, constantFrom, integer, oneof, property } from "fast-check";
import { expect, test } from "vitest";
import {
  addressOf,
  layOut,
  type TopologyDependency,
} from "../../../../src/adapters/runtimes/docker/topology.ts";

const container = (name: string, port: number): TopologyDependency => ({
  name,
  protocol: "http",
  behind: { type: "container", port },
  aliases: [],
});

test("an edge listens on its dependency's own port, under its name", () => {
  const { dependencies, networks } = layOut([container("vector", 6333), container("cache", 6379)], 1);
  expect(networks).toBe(1);
  expect(dependencies.map(({ port, network, aliases }) => [port, network, aliases])).toEqual([
    [6333, 0, ["vector"]],
    [6379, 0, ["cache"]],
  ]);
  expect(dependencies.map(addressOf)).toEqual(["http://vector:6333", "http://cache:6379"]);
});

test("dependencies that share a port are parted by networks", () => {
  const { dependencies, networks } = layOut([container("a", 80), container("b", 80), container("c", 80)], 1);
  expect(networks).toBe(3);
  expect(dependencies.map(({ network }) => network)).toEqual([0, 1, 2]);
});

test("a dependency on a port of the sidecar's own is moved to another network", () => {
  const { dependencies, client } = layOut([container("odd", 8471)], 1);
  expect(client.port).toBe(8471);
  expect(dependencies[0]).toMatchObject({ port: 8471, network: 1 });
});

test("no two edges of one network listen on one port, whatever the dependencies", () => {
  const ports = array(oneof(integer({ min: 1, max: 65_535 }), constantFrom(80, 8470, 8471, 8480, 9400)), {
    maxLength: 12,
  });
  assert(
    property(ports, integer({ min: 1, max: 32 }), (wanted, replicas) => {
      const stub: TopologyDependency = {
        name: "llm",
        protocol: "http",
        behind: { type: "url", url: "http://example.test" },
        aliases: [],
      };
      const { client, direct, dependencies, networks } = layOut(
        [...wanted.map((port, index) => container(`d${index}`, port)), stub],
        replicas,
      );
      const places = [client, ...direct, ...dependencies];
      const keys = places.map(({ network, port }) => `${network}/${port}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(places.every(({ network }) => network < networks)).toBe(true);
      expect(dependencies.slice(0, -1).map(({ port }) => port)).toEqual(wanted);
    }),
  );
});
