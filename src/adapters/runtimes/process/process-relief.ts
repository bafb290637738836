/** Remedies of runtime process: a restart, more of a CPU limit, one more replica. */
import type { ProcessSpec, Suite } from "../../../core/suite.ts";
import { ClientUpstreams, type ReliefHost } from "../relief.ts";
import type { HttpSidecarControl } from "../sidecar-control.ts";
import { freePorts } from "./free-ports.ts";
import type { ManagedProcess } from "./managed-process.ts";

/** What the run lends: how its processes are prepared, started and awaited. */
export interface RelievedSystem {
  readonly services: readonly ManagedProcess[];
  /** Replicas that remedies have added, to be kept up here. */
  readonly added: ManagedProcess[];
  /** Ended with the run at the latest, and by its keeper. */
  prepare(
    name: string,
    spec: ProcessSpec,
    port: number,
    names: Readonly<Record<string, string>>,
    isService: boolean,
  ): ManagedProcess;
  run(managed: ManagedProcess, spec: ProcessSpec, isService: boolean): Promise<void>;
  untilReady(managed: ManagedProcess, spec: ProcessSpec, isService: boolean): Promise<void>;
}

export interface ProcessReliefParts {
  readonly system: RelievedSystem;
  readonly suite: Suite;
  readonly service: ProcessSpec;
  /** URLs behind `{{name}}`. */
  readonly names: Readonly<Record<string, string>>;
  readonly control: HttpSidecarControl;
}

const HOST = "127.0.0.1";

export const processRelief = (parts: ProcessReliefParts): Omit<ReliefHost<ManagedProcess>, "targets"> => {
  const { system, suite, service, names, control } = parts;
  const upstreams = new ClientUpstreams(
    control,
    system.services.map(({ port }) => ({ host: HOST, port })),
  );
  let started = system.services.length;

  const specOf = (managed: ManagedProcess): ProcessSpec => {
    const dependency = suite.dependencies.find(({ name }) => name === managed.spec.name);
    return dependency?.source.type === "command" && !system.services.includes(managed)
      ? dependency.source.process
      : service;
  };

  const take = async (replica: ManagedProcess): Promise<void> => {
    const index = system.added.indexOf(replica);
    if (index >= 0) system.added.splice(index, 1);
    await replica.stop();
  };

  return {
    runtime: "process",
    memory: null,
    noReplica: service.port === 0 ? null : `the service's port ${service.port} is fixed (service.port)`,
    restart: async (managed) => {
      await managed.kill("SIGTERM");
      await managed.restart();
      await system.untilReady(managed, specOf(managed), system.services.includes(managed));
    },
    addReplica: async () => {
      const [port = 0] = await freePorts(1);
      const address = { host: HOST, port };
      const replica = system.prepare(`service-${++started}`, service, port, names, true);
      replica.limitCpu(system.services[0]?.cpusByFault ?? null);
      system.added.push(replica);
      try {
        await system.run(replica, service, true);
        await upstreams.add(address);
      } catch (error) {
        await take(replica);
        throw error;
      }
      return {
        [Symbol.asyncDispose]: async () => {
          try {
            await upstreams.remove(address);
          } finally {
            await take(replica);
          }
        },
      };
    },
  };
};
