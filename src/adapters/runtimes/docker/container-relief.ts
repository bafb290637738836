/** Remedies of runtime docker: a restart, more of a CPU or memory limit, one more replica. */
import { ClientUpstreams, type ReliefHost } from "../relief.ts";
import type { HttpSidecarControl } from "../sidecar-control.ts";
import type { RunContainer } from "./container.ts";
import type { MemoryLimits } from "./memory-limits.ts";
import type { RunContainers } from "./run-containers.ts";
import { replicaName } from "./topology.ts";

export interface ContainerReliefParts {
  readonly containers: RunContainers;
  readonly memory: MemoryLimits;
  readonly control: HttpSidecarControl;
  /** On which the service listens in its containers. */
  readonly port: number;
}

export const containerRelief = ({
  containers,
  memory,
  control,
  port,
}: ContainerReliefParts): Omit<ReliefHost<RunContainer>, "targets"> => {
  const { services, added } = containers;
  const addressOf = (index: number) => ({ host: replicaName(index), port });
  const upstreams = new ClientUpstreams(
    control,
    services.map((_, index) => addressOf(index)),
  );
  let next = services.length;

  const take = async (replica: RunContainer): Promise<void> => {
    const index = added.indexOf(replica);
    if (index >= 0) added.splice(index, 1);
    await replica.remove();
  };

  return {
    runtime: "docker",
    memory,
    noReplica: null,
    restart: async (container) => {
      await container.kill("SIGTERM");
      await container.restart();
      const index = services.indexOf(container);
      if (index >= 0) await containers.untilReplicaReady(container, index);
      else await containers.untilDependencyReady(container);
    },
    addReplica: async () => {
      const index = next++;
      const [first] = services;
      const replica = await containers.startReplica(index);
      added.push(replica);
      try {
        if (first !== undefined) {
          if (first.cpusByFault !== null) await replica.limitCpu(first.cpusByFault);
          await memory.copy(first, replica);
        }
        await containers.untilReplicaReady(replica, index);
        await upstreams.add(addressOf(index));
      } catch (error) {
        await take(replica);
        throw error;
      }
      return {
        [Symbol.asyncDispose]: async () => {
          try {
            await upstreams.remove(addressOf(index));
          } finally {
            await take(replica);
          }
        },
      };
    },
  };
};
