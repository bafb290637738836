/** A run's containers as faults and neighbours see them. */
import type Dockerode from "dockerode";
import type { RunContainer } from "./container.ts";
import { targetsOf } from "./container-control.ts";
import type { DockerFaultContext } from "./faults/fault.ts";
import type { SidecarImage } from "./sidecar-image.ts";
import type { Neighbour } from "./stress.ts";
import type { Topology } from "./topology.ts";

export interface StrikeParts {
  readonly docker: Dockerode;
  /** For what is started beside the run. */
  readonly labels: Readonly<Record<string, string>>;
  /** By index, as the topology counts them. */
  readonly networks: readonly string[];
  readonly image: SidecarImage;
  readonly sidecarId: string;
  readonly topology: Topology;
  readonly services: readonly RunContainer[];
  readonly dependencies: ReadonlyMap<string, RunContainer>;
  /** Volumes by container name and directory. */
  readonly volumes: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly holderOf: NonNullable<DockerFaultContext["holderOf"]>;
  /** Cores of the service. */
  readonly cpuset: string | undefined;
}

export const neighbourOf = ({ docker, labels, image, cpuset }: StrikeParts): Neighbour => ({
  docker,
  image: image.name,
  node: image.node,
  labels,
  cpuset,
});

export const faultContextOf = (parts: StrikeParts): DockerFaultContext => {
  const { docker, labels, networks, image, sidecarId, topology, volumes } = parts;
  return {
    docker,
    labels,
    network: networks[0] ?? "",
    sidecar: {
      containerId: sidecarId,
      edge: (name) => {
        const place = [topology.client, ...topology.dependencies].find((each) => each.name === name);
        if (place === undefined) throw new Error(`there is no edge ${name}`);
        return { port: place.port, network: networks[place.network] ?? "", aliases: place.aliases };
      },
    },
    targets: (on) => targetsOf(parts, on).map(({ id }) => id),
    nodeImage: () => Promise.resolve({ name: image.name, node: image.node }),
    volumeAt: (on, directory) => volumes.get(on)?.get(directory),
    holderOf: parts.holderOf,
  };
};
