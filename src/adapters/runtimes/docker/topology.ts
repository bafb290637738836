/**
 * Who listens where in a run's networks. Pure: names and ports only, before anything is started.
 *
 *   The sidecar bears every dependency's name and listens on its port; the real one is `real-<name>`, replicas `service-1..n`.
 */
import type { StubModel } from "../../../core/suite.ts";

/** Inside the sidecar's container; dependencies may have any other port. */
export const CONTROL_PORT = 8470;
const CLIENT_PORT = 8471;
const FIRST_DIRECT_PORT = 8480;
const FIRST_FREE_PORT = 9400;
const MOST_REPLICAS = 32;

/** What stands behind a dependency's edge. */
export type Behind =
  | { readonly type: "container"; readonly port: number }
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "stub"; readonly stub: StubModel }
  | { readonly type: "cassette"; readonly file: string };

export interface TopologyDependency {
  readonly name: string;
  readonly protocol: "http" | "tcp";
  readonly behind: Behind;
  /** Further names under which the service knows it, such as a compose service's. */
  readonly aliases: readonly string[];
}

export interface EdgePlace {
  readonly name: string;
  readonly protocol: "http" | "tcp";
  readonly port: number;
  /** Index of the network on which it bears its names; 0 is the run's own. */
  readonly network: number;
  readonly aliases: readonly string[];
}

export interface Topology {
  /** At least one; further ones part dependencies that share a port. */
  readonly networks: number;
  readonly client: EdgePlace;
  /** One for each replica, past client edge and faults. */
  readonly direct: readonly EdgePlace[];
  readonly dependencies: readonly EdgePlace[];
}

export const realName = (dependency: string): string => `real-${dependency}`;
export const replicaName = (index: number): string => `service-${index + 1}`;
export const directEdge = (index: number): string => `service@${index + 1}`;

/**
 * @param apart keeps dependencies off the first network: what is published from there then stays where it is when the
 *   sidecar is taken off a dependency's network
 */
export const layOut = (
  dependencies: readonly TopologyDependency[],
  replicas: number,
  apart = false,
): Topology => {
  const ours = new Set([CONTROL_PORT, CLIENT_PORT]);
  for (let index = 0; index < MOST_REPLICAS; index++) ours.add(FIRST_DIRECT_PORT + index);
  const wanted = dependencies.flatMap(({ behind }) => (behind.type === "container" ? [behind.port] : []));
  let free = FIRST_FREE_PORT;
  const freePort = (): number => {
    while (wanted.includes(free) || ours.has(free)) free++;
    return free++;
  };
  /** Ports taken on each network. */
  const taken: Set<number>[] = [new Set()];
  const place = (port: number): number => {
    // Our own ports are on every address of the sidecar: a dependency that wants one is moved to another network,
    // where its edge listens on that network's address alone.
    const index = taken.findIndex(
      (ports, each) => !ports.has(port) && !(each === 0 && (apart || ours.has(port))),
    );
    if (index >= 0) {
      taken[index]?.add(port);
      return index;
    }
    taken.push(new Set([port]));
    return taken.length - 1;
  };
  const placed = dependencies.map(({ name, protocol, behind, aliases }): EdgePlace => {
    const port = behind.type === "container" ? behind.port : freePort();
    return { name, protocol, port, network: place(port), aliases: [...new Set([name, ...aliases])] };
  });
  const own = (name: string, port: number): EdgePlace => ({
    name,
    protocol: "http",
    port,
    network: 0,
    aliases: [],
  });
  return {
    networks: taken.length,
    client: own("client", CLIENT_PORT),
    direct: Array.from({ length: replicas }, (_, index) => own(directEdge(index), FIRST_DIRECT_PORT + index)),
    dependencies: placed,
  };
};

/** What `{{name}}` stands for inside the run's networks. */
export const addressOf = ({ name, protocol, port }: EdgePlace): string =>
  protocol === "http" ? `http://${name}:${port}` : `${name}:${port}`;
