import { SquallError } from "../../../core/errors.ts";
import type { EdgeConfig, Upstream } from "../../../core/sidecar-protocol.ts";
import type { DependencySpec, Suite } from "../../../core/suite.ts";
import { tcpAddress } from "../tcp-address.ts";
import { cassetteTarget, type RunImages } from "./images/run-images.ts";
import { type EdgePlace, realName, replicaName, type Topology } from "./topology.ts";

export interface EdgeConfigOptions {
  readonly suite: Suite;
  readonly seed: number;
  readonly topology: Topology;
  readonly images: Pick<RunImages, "servicePort">;
  /** Address on which an edge listens: the sidecar's on the edge's network. */
  readonly hostOf: (place: EdgePlace) => string;
}

const LOOPBACK = /^(localhost|127\.|\[?::1\]?$|0\.0\.0\.0$)/i;

/** In a container, loopback is the container: what the user means by it is this machine. */
const requireReachable = (name: string, url: string): void => {
  const text = url.includes("://") ? url : `tcp://${url}`;
  if (!URL.canParse(text) || !LOOPBACK.test(new URL(text).hostname)) return;
  throw new SquallError(
    "fault-unsupported",
    `${url} is loopback: from a container it is the container itself.`,
    {
      place: `dependencies.${name}.url`,
      remedy:
        "Name this machine by an address that containers reach, or give the dependency an image, command or stub.",
    },
  );
};

const upstreamOf = ({ name, protocol, source }: DependencySpec, port: number, seed: number): Upstream => {
  switch (source.type) {
    case "stub":
      return { type: "stub", stub: source.stub, seed };
    case "url":
      requireReachable(name, source.url);
      return protocol === "tcp" ? tcpAddress(name, source.url) : { type: "url", url: source.url };
    case "cassette":
      return { type: "cassette", mode: "replay", file: cassetteTarget(name) };
    case "command":
    case "container":
      return { type: "addresses", addresses: [{ host: realName(name), port }] };
  }
};

/** The sidecar's edges: the client's, one past it for each replica, then each dependency's. */
export const edgeConfigs = ({ suite, seed, topology, images, hostOf }: EdgeConfigOptions): EdgeConfig[] => {
  const { client, direct, dependencies } = topology;
  const replica = (index: number) => ({ host: replicaName(index), port: images.servicePort });
  const edge = (place: EdgePlace, upstream: Upstream): EdgeConfig => ({
    name: place.name,
    protocol: place.protocol,
    host: hostOf(place),
    port: place.port,
    upstream,
  });
  return [
    edge(client, { type: "addresses", addresses: direct.map((_, index) => replica(index)) }),
    ...direct.map((place, index) => edge(place, { type: "addresses", addresses: [replica(index)] })),
    ...suite.dependencies.flatMap((dependency) => {
      const place = dependencies.find(({ name }) => name === dependency.name);
      return place === undefined ? [] : [edge(place, upstreamOf(dependency, place.port, seed))];
    }),
  ];
};
