import { createWriteStream } from "node:fs";
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import type { EdgeFront } from "../../../run/ports.ts";
import type { ContainerPlan } from "./container-plan.ts";
import type { DockerEngine } from "./engine.ts";
import type { EdgePlace } from "./topology.ts";

export interface FrontOptions {
  readonly engine: DockerEngine;
  readonly front: EdgeFront;
  readonly labels: Readonly<Record<string, string>>;
  /** The edges' names are borne here instead of by the sidecar. */
  readonly networks: ContainerPlan["networks"];
  readonly places: readonly EdgePlace[];
  /** The sidecar's address on an edge's network: there alone the edge listens. */
  readonly upstreamHostOf: (place: EdgePlace) => string;
  readonly clientEdge: string;
  readonly logFile: string;
  readonly progress: (line: string) => void;
}

export interface FrontContainer extends AsyncDisposable {
  /** Null where it does not stand on the client edge. */
  readonly clientUrl: string | null;
  readonly containerId: string;
}

const create = async (options: FrontOptions): Promise<Dockerode.Container> => {
  const { engine, front, labels, networks, places, clientEdge } = options;
  const [first, ...others] = networks;
  const client = places.find(({ name }) => name === clientEdge);
  // Only the API and the client edge are published: the others are reached on the run's network.
  const published = [front.apiPort, ...(client === undefined ? [] : [client.port])].map(
    (port) => `${port}/tcp`,
  );
  const container = await engine.docker.createContainer({
    Image: front.image,
    Labels: { ...labels },
    ExposedPorts: Object.fromEntries(published.map((port) => [port, {}])),
    HostConfig: {
      CapDrop: ["ALL"],
      ReadonlyRootfs: true,
      ...(first === undefined ? {} : { NetworkMode: first.name }),
      PortBindings: Object.fromEntries(
        published.map((port) => [port, [{ HostIp: engine.publishOn, HostPort: "" }]]),
      ),
    },
    NetworkingConfig: {
      EndpointsConfig: first === undefined ? {} : { [first.name]: { Aliases: [...first.aliases] } },
    },
  });
  for (const { name, aliases } of others) {
    await engine.docker
      .getNetwork(name)
      .connect({ Container: container.id, EndpointConfig: { Aliases: [...aliases] } });
  }
  return container;
};

interface Standing {
  /** Where a port is reached from here: at its own address where that leads anywhere (see docker-runtime.ts). */
  readonly urlOf: (port: number) => string;
  /** Its address on the edge's network: two edges may share a port, each on a network of its own. */
  readonly hostOf: (place: EdgePlace) => string;
}

const standing = async (
  { engine, networks }: FrontOptions,
  container: Dockerode.Container,
): Promise<Standing> => {
  const { NetworkSettings } = await container.inspect();
  const addressOn = (network: number): string =>
    NetworkSettings.Networks[networks[network]?.name ?? ""]?.IPAddress ?? "";
  const own = addressOn(0);
  return {
    urlOf: (port) =>
      engine.reachesContainers && own !== ""
        ? `http://${own}:${port}`
        : `http://${engine.host}:${NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort ?? 0}`,
    hostOf: ({ network }) => addressOn(network) || "0.0.0.0",
  };
};

/** Starts the proxy that stands before the sidecar, and has it take the edges' places. @throws SquallError */
export const startFrontContainer = async (options: FrontOptions): Promise<FrontContainer> => {
  const { front, places, upstreamHostOf, clientEdge, logFile, progress } = options;
  if (front.url !== null) {
    throw new SquallError(
      "fault-unsupported",
      "A Toxiproxy that runs elsewhere cannot stand inside the run's network.",
      {
        place: "toxiproxy.url",
        remedy: "Remove toxiproxy.url: runtime docker starts toxiproxy.image itself.",
      },
    );
  }
  progress(`starting ${front.image}`);
  const container = await create(options);
  const remove = async (): Promise<void> => {
    await container.remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
    });
  };
  try {
    const output = createWriteStream(logFile, { flags: "a" });
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    container.modem.demuxStream(stream, output, output);
    stream.once("end", () => output.end());
    await container.start();
    const { urlOf, hostOf } = await standing(options, container);
    await front.place(
      urlOf(front.apiPort),
      places.map((place) => ({
        edge: place.name,
        listen: `${hostOf(place)}:${place.port}`,
        upstream: `${upstreamHostOf(place)}:${place.port}`,
      })),
    );
    const client = places.find(({ name }) => name === clientEdge);
    return {
      clientUrl: client === undefined ? null : urlOf(client.port),
      containerId: container.id,
      [Symbol.asyncDispose]: async () => {
        await front.leave();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};
