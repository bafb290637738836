import { SquallError } from "../../../core/errors.ts";
import type { ContainerPlan } from "./container-plan.ts";
import type { DockerEngine } from "./engine.ts";
import type { RunLabels } from "./labels.ts";
import type { EdgePlace } from "./topology.ts";

export interface RunNetwork extends AsyncDisposable {
  readonly name: string;
}

/**
 * A bridge network of the run's own. The engine chooses a free subnet, which is then made the network's configured one:
 * only in such a network a container that was taken off can come back under its old address.
 */
export const createNetwork = async (
  { docker }: DockerEngine,
  labels: RunLabels,
  suffix: string,
): Promise<RunNetwork> => {
  const name = `squall-${labels.runId}${suffix === "" ? "" : `-${suffix}`}`;
  const options = { Name: name, Driver: "bridge", CheckDuplicate: true, Labels: labels.of("network") };
  const create = async (subnet?: string): Promise<string | undefined> => {
    const ipam = subnet === undefined ? {} : { IPAM: { Driver: "default", Config: [{ Subnet: subnet }] } };
    const network = await docker.createNetwork({ ...options, ...ipam });
    const { IPAM } = (await network.inspect()) as { IPAM?: { Config?: { Subnet?: string }[] } };
    return IPAM?.Config?.[0]?.Subnet;
  };
  try {
    const subnet = await create();
    if (subnet !== undefined) {
      await docker.getNetwork(name).remove();
      // Another network may take the subnet in between: then the engine's next choice has to do.
      await create(subnet).catch(async () => create());
    }
  } catch (cause) {
    const why = (cause as Error).message;
    throw new SquallError("engine-unavailable", `The engine made no network: ${why}`, {
      place: name,
      remedy: /address pools/i.test(why)
        ? "Remove networks that nothing uses: `docker network prune`, or `squall clean`."
        : "Check that the engine's user may make networks.",
      cause,
    });
  }
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await docker
        .getNetwork(name)
        .remove()
        .catch((error: { statusCode?: number }) => {
          if (error.statusCode !== 404) throw error;
        });
    },
  };
};

/**
 * Every network, with the names that somebody bears there: his own on the first, and those of the edges that he stands for,
 * each on its edge's network.
 */
export const namesOn = (
  networks: readonly RunNetwork[],
  places: readonly EdgePlace[],
  own: readonly string[] = [],
): ContainerPlan["networks"] =>
  networks.map(({ name }, index) => ({
    name,
    aliases: [
      ...(index === 0 ? own : []),
      ...places.filter(({ network }) => network === index).flatMap(({ aliases }) => aliases),
    ],
  }));
