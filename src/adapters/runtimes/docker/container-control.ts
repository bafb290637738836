/** Faults on the containers of a run (run/ports.ts, ProcessControl). */
import type Dockerode from "dockerode";
import { SquallError } from "../../../core/errors.ts";
import type { Fault, KillSignal } from "../../../core/fault.ts";
import { replicaOf } from "../../../core/process-name.ts";
import type { ProcessControl, ProcessExit, ProcessUsage, RuntimeStrike } from "../../../run/ports.ts";
import { canRelieve, type ReliefHost, relieve } from "../relief.ts";
import type { RunContainer } from "./container.ts";
import { UsageMeter } from "./statistics.ts";
import { type Neighbour, stressCpu, stressMemory } from "./stress.ts";

export interface ControlledContainers {
  readonly services: readonly RunContainer[];
  readonly dependencies: ReadonlyMap<string, RunContainer>;
  /** Replicas that a remedy has added: their CPU limited and measured like the others', never struck. */
  readonly added: readonly RunContainer[];
  /** Remedies need to know of the run what this does not. */
  readonly relief: Omit<ReliefHost<RunContainer>, "targets">;
  /** Memory of the engine's machine: a limit beyond it is none. */
  readonly machineBytes: number;
  /** Ours beside them, watched but never struck: the sidecar, and what stands before it. */
  readonly beside: readonly { readonly name: string; readonly container: Dockerode.Container }[];
  readonly exits: readonly ProcessExit[];
  readonly neighbour: Neighbour;
  /** Memory that the engine's machine has to spare now, where that can be known. */
  readonly freeBytes: () => number | null;
  readonly strike: (fault: Fault, seed: number) => Promise<RuntimeStrike>;
}

/** `service` is every replica, `service-1` the first, else a dependency. @throws SquallError `fault-unsupported` */
export const targetsOf = (
  { services, dependencies }: Pick<ControlledContainers, "services" | "dependencies">,
  name: string,
): readonly RunContainer[] => {
  if (name === "service") return services;
  const named = dependencies.get(name) ?? services[replicaOf(name) ?? -1];
  if (named !== undefined) return [named];
  throw new SquallError("fault-unsupported", `${name} is no container that this run started.`, {
    remedy:
      "Faults on containers act on `service`, or on a dependency with command, image, build or compose.",
  });
};

export const containerControl = (containers: ControlledContainers): ProcessControl => {
  const { services, dependencies, added, neighbour } = containers;
  const meters = new Map<string, UsageMeter>();
  const targets = (name: string): readonly RunContainer[] => targetsOf(containers, name);
  const one = (name: string, replica: number): RunContainer => {
    const found = targets(name);
    return found[replica % found.length] as RunContainer;
  };
  const usageOf = async (name: string, container: Dockerode.Container): Promise<ProcessUsage | null> => {
    const meter = meters.get(name) ?? new UsageMeter(containers.machineBytes);
    meters.set(name, meter);
    // One that dies while it is looked at is seen by exits().
    return meter.read(name, container).catch(() => null);
  };
  const running = () =>
    [...services, ...added, ...dependencies.values()].flatMap(({ plan, container, exit, cpuLimit }) =>
      container === null || exit !== null ? [] : [{ name: plan.name, container, cpuLimit }],
    );

  return {
    replicas: services.length,
    kill: async (name: string, signal: KillSignal, replica: number) => {
      const struck = one(name, replica);
      return { replica: Math.max(0, services.indexOf(struck)), atMs: await struck.kill(signal) };
    },
    restart: (name, replica) => one(name, replica).restart(),
    pause: async (name) => void (await Promise.all(targets(name).map(async (target) => target.pause()))),
    resume: async (name) => void (await Promise.all(targets(name).map(async (target) => target.resume()))),
    limitCpu: async (name, cpus) => {
      const found = targets(name);
      const each = cpus === null ? null : cpus / found.length;
      const also = name === "service" ? added : [];
      await Promise.all([...found, ...also].map(async (target) => target.limitCpu(each)));
    },
    stressCpu: (workers, load) => stressCpu(neighbour, workers, load),
    stressMemory: (bytes) => stressMemory(neighbour, bytes, containers.freeBytes()),
    strike: containers.strike,
    canRelieve: (remedy) => canRelieve({ ...containers.relief, targets }, remedy),
    relieve: (remedy) => relieve({ ...containers.relief, targets }, remedy),
    exits: () => [...containers.exits],
    usage: async () => {
      const beside = containers.beside.map((each) => ({ ...each, cpuLimit: null }));
      const asked = [...running(), ...beside].map(async ({ name, container, cpuLimit }) => {
        const usage = await usageOf(name, container);
        return usage === null || cpuLimit === null ? usage : { ...usage, cpuLimit };
      });
      return (await Promise.all(asked)).filter((usage) => usage !== null);
    },
  };
};
