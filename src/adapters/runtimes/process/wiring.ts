/** Which address each part of a run has, and what the sidecar therefore connects with what. */
import path from "node:path";
import { SquallError } from "../../../core/errors.ts";
import type { EdgeConfig, Upstream } from "../../../core/sidecar-protocol.ts";
import type { DependencySpec, ProcessSpec, Suite } from "../../../core/suite.ts";
import type { EdgeFront, RuntimeStart } from "../../../run/ports.ts";
import { tcpAddress } from "../tcp-address.ts";
import { freePorts, isPortFree } from "./free-ports.ts";

/** Ports of one run: the service's replicas, then each command dependency. */
export interface Ports {
  readonly services: readonly number[];
  readonly dependencies: ReadonlyMap<string, number>;
}

const requireFree = async (name: string, port: number): Promise<void> => {
  if (await isPortFree(port)) return;
  const code = name === "service" ? "service-start-failed" : "dependency-start-failed";
  throw new SquallError(code, `Port ${port} of ${name} is taken by another program.`, {
    place: name === "service" ? "service.port" : `dependencies.${name}.port`,
    remedy:
      "End that program, or remove the port: squall then picks a free one and passes it as PORT and {{port}}.",
  });
};

/**
 * Chosen before anything runs, because the sidecar must know where the service will be.
 * @throws SquallError where a port that the suite fixes is taken: whoever holds it would be measured in our service's place
 */
export const choosePorts = async (suite: Suite, service: ProcessSpec): Promise<Ports> => {
  const commands = suite.dependencies.filter(({ source }) => source.type === "command");
  const free = await freePorts(suite.service.replicas + commands.length);
  const services = Array.from({ length: suite.service.replicas }, (_, index) =>
    service.port === 0 ? (free[index] as number) : service.port,
  );
  const dependencies = commands.map(({ name, source }, index): [string, number] => {
    const fixed = source.type === "command" ? source.process.port : 0;
    return [name, fixed === 0 ? (free[suite.service.replicas + index] as number) : fixed];
  });
  if (service.port !== 0) await requireFree("service", service.port);
  for (const { name, source } of commands) {
    if (source.type === "command" && source.process.port !== 0) await requireFree(name, source.process.port);
  }
  return { services, dependencies: new Map(dependencies) };
};

const upstreamOf = (dependency: DependencySpec, ports: Ports, start: RuntimeStart): Upstream => {
  const { source, name } = dependency;
  switch (source.type) {
    case "stub":
      return { type: "stub", stub: source.stub, seed: start.seed };
    case "url":
      return dependency.protocol === "tcp" ? tcpAddress(name, source.url) : { type: "url", url: source.url };
    case "cassette":
      return { type: "cassette", mode: "replay", file: path.resolve(start.suiteDirectory, source.path) };
    case "command":
      return {
        type: "addresses",
        addresses: [{ host: "127.0.0.1", port: ports.dependencies.get(name) as number }],
      };
    case "container":
      throw new SquallError(
        "fault-unsupported",
        `Dependency ${name} runs in a container, which runtime process cannot start.`,
        {
          remedy: "Give it a command, a stub, a url or a cassette, or use runtime docker.",
        },
      );
  }
};

/** The sidecar's edges: the client's, then each dependency's. */
export const edgesOf = (suite: Suite, ports: Ports, start: RuntimeStart): EdgeConfig[] => [
  {
    name: "client",
    protocol: "http",
    host: "127.0.0.1",
    port: 0,
    upstream: { type: "addresses", addresses: ports.services.map((port) => ({ host: "127.0.0.1", port })) },
  },
  ...suite.dependencies.map((dependency) => ({
    name: dependency.name,
    protocol: dependency.protocol,
    host: "127.0.0.1",
    port: 0,
    upstream: upstreamOf(dependency, ports, start),
  })),
];

/**
 * Has the front take its places before the sidecar's edges.
 *
 * @param ports of the sidecar's edges
 * @returns the ports that callers use
 * @throws SquallError where no server is named, none answers, or it listens on another machine
 */
export const placeFront = async (
  front: EdgeFront | null,
  ports: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> => {
  if (front === null) return ports;
  if (front.url === null) {
    throw new SquallError(
      "fault-unsupported",
      "Runtime process starts no Toxiproxy, and the suite names none.",
      {
        place: "toxiproxy.url",
        remedy: "Start one and write its address as toxiproxy.url, or use runtime docker.",
      },
    );
  }
  const edges = [...front.edges];
  // Not ports of the server's choice: under `refuse` they stand free for a whole window, and the range from which the
  // server would draw is the one of outgoing connections.
  const free = await freePorts(edges.length);
  const placed = await front.place(
    front.url,
    edges.map((edge, index) => ({
      edge,
      listen: `127.0.0.1:${free[index] ?? 0}`,
      upstream: `127.0.0.1:${ports[edge] ?? 0}`,
    })),
  );
  for (const [edge, port] of Object.entries(placed)) {
    if (!(await isPortFree(port))) continue;
    await front.leave();
    throw new SquallError(
      "engine-unavailable",
      `Toxiproxy listens for ${edge} on another machine or in a container.`,
      {
        place: front.url,
        remedy: "With runtime process it must share this machine's loopback: start toxiproxy-server here.",
      },
    );
  }
  return { ...ports, ...placed };
};

/** What `{{name}}` stands for: each dependency as the service must reach it, through the sidecar. */
export const urlsOf = (suite: Suite, ports: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(
    suite.dependencies.map(({ name, protocol }) => {
      const address = `127.0.0.1:${ports[name] ?? 0}`;
      return [name, protocol === "http" ? `http://${address}` : address];
    }),
  );
