/** A container's place in a network: taken away and given back, with its names and its address. */
import type Dockerode from "dockerode";
import { isMissing, reasonOf } from "./engine-answer.ts";

export interface Endpoint {
  readonly network: string;
  /** The names we gave it there: the engine's own (the short id) are left out. */
  readonly aliases: readonly string[];
  /** IPv4; "" while the container does not run. */
  readonly address: string;
}

interface NetworkState {
  readonly Aliases?: readonly string[] | null;
  readonly IPAddress?: string;
  readonly IPAMConfig?: { readonly IPv4Address?: string } | null;
}

/** By network; none where the container is gone. */
export const endpointsOf = async (docker: Dockerode, id: string): Promise<readonly Endpoint[]> => {
  const inspected = await docker
    .getContainer(id)
    .inspect()
    .catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
  const networks = Object.entries(
    (inspected?.NetworkSettings.Networks ?? {}) as Record<string, NetworkState>,
  );
  return networks.map(([network, { Aliases, IPAddress, IPAMConfig }]) => ({
    network,
    aliases: (Aliases ?? []).filter((alias) => !id.startsWith(alias)),
    address: IPAddress || (IPAMConfig?.IPv4Address ?? ""),
  }));
};

/** Takes the container off the network. */
export const leave = async (docker: Dockerode, id: string, network: string): Promise<void> => {
  await docker.getNetwork(network).disconnect({ Container: id, Force: true });
};

/**
 * Puts the container on the network, under its old address: open connections live on, and whoever kept the address finds it
 * again. Only a network with a configured subnet lets us name an address; elsewhere the engine chooses.
 */
export const join = async (
  docker: Dockerode,
  id: string,
  { network, aliases, address }: Endpoint,
): Promise<void> => {
  const connect = (ipam: object): Promise<unknown> =>
    docker.getNetwork(network).connect({ Container: id, EndpointConfig: { Aliases: [...aliases], ...ipam } });
  if (address === "") {
    await connect({});
    return;
  }
  await connect({ IPAMConfig: { IPv4Address: address } }).catch((error: unknown) => {
    if (!/user configured subnet|address already in use/i.test(reasonOf(error))) throw error;
    return connect({});
  });
};
