/** Which address each part of a run has, and what the sidecar therefore connects with what. */
import path from "node:path";
import { SquallError } from "../../../core/errors.ts";
import type { EdgeConfig, Upstream } from "../../../core/sidecar-protocol.ts";
import type { DependencySpec, ProcessSpec, Suite } from "../../../core/suite.ts";
import type { RuntimeStart } from "../../../run/ports.ts";
import { tcpAddress } from "../tcp-address.ts";
import { freePorts, isPortFree } from "./free-ports.ts";
import type { SidecarProcess } from "./sidecar-process.ts";

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

/** What `{{name}}` stands for: each dependency as the service must reach it, through the sidecar. */
export const urlsOf = (suite: Suite, sidecar: SidecarProcess): Record<string, string> =>
  Object.fromEntries(
    suite.dependencies.map(({ name, protocol }) => {
      const address = `127.0.0.1:${sidecar.ports[name] ?? 0}`;
      return [name, protocol === "http" ? `http://${address}` : address];
    }),
  );
