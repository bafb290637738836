import { spawn } from "node:child_process";
import { SquallError } from "../../../core/errors.ts";
import type { KillSignal } from "../../../core/fault.ts";
import { replicaOf } from "../../../core/process-name.ts";
import type { ProcessControl, ProcessExit, ProcessUsage } from "../../../run/ports.ts";
import { canRelieve, type ReliefHost, relieve } from "../relief.ts";
import { STRESS_CPU, STRESS_MEMORY } from "../stress-scripts.ts";
import type { Keeper } from "./keeper-process.ts";
import type { ManagedProcess } from "./managed-process.ts";

export interface ControlledProcesses {
  readonly services: readonly ManagedProcess[];
  readonly dependencies: ReadonlyMap<string, ManagedProcess>;
  readonly exits: readonly ProcessExit[];
  readonly keeper: Keeper;
  readonly env: Readonly<Record<string, string>>;
  /** Replicas that a remedy has added: limited and measured like the others, never struck. */
  readonly added: readonly ManagedProcess[];
  /** Remedies need to know of the run what this does not. */
  readonly relief: Omit<ReliefHost<ManagedProcess>, "targets">;
}

/** A neighbour of ours in a group of its own. Resolves when it says that it is at work. */
const startNeighbour = async (
  { keeper, env }: ControlledProcesses,
  script: string,
  argument: number,
): Promise<() => Promise<void>> => {
  const child = spawn(process.execPath, ["-e", script, String(argument)], {
    env,
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { pid } = child;
  if (pid !== undefined) keeper.keep(pid);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void =>
      reject(
        new SquallError("internal", `A process that loads the machine ${why}.`, {
          place: `stress of ${argument}`,
          remedy: "Ask for less: the machine may not have so much memory.",
        }),
      );
    child.stdout.once("data", () => resolve());
    child.once("error", (error) => fail(`did not start: ${error.message}`));
    child.once("exit", (code, signal) => fail(`ended with ${signal ?? `exit code ${code}`}`));
  }).catch((error: unknown) => {
    if (pid !== undefined) keeper.forget(pid);
    throw error;
  });
  return async () => {
    child.kill("SIGKILL");
    await exited;
    if (pid !== undefined) keeper.forget(pid);
  };
};

export const processControl = (processes: ControlledProcesses): ProcessControl => {
  const { services, dependencies, added } = processes;

  /** `service` is every replica, `service-1` the first, else a dependency. */
  const targets = (name: string): readonly ManagedProcess[] => {
    if (name === "service") return services;
    const named = dependencies.get(name) ?? services[replicaOf(name) ?? -1];
    if (named !== undefined) return [named];
    throw new SquallError("fault-unsupported", `${name} is no process that this run started.`, {
      remedy: "Process faults act on `service` or on a dependency with a command.",
    });
  };
  /** The replica of the target; a target of one process is that process, whatever index is asked for. */
  const one = (name: string, replica: number): ManagedProcess => {
    const found = targets(name);
    return found[replica % found.length] as ManagedProcess;
  };

  return {
    replicas: services.length,
    kill: async (name: string, signal: KillSignal, replica: number) => {
      const struck = one(name, replica);
      return { replica: Math.max(0, services.indexOf(struck)), atMs: await struck.kill(signal) };
    },
    restart: (name, replica) => one(name, replica).restart(),
    pause: async (name) => {
      for (const target of targets(name)) target.pause();
    },
    resume: async (name) => {
      for (const target of targets(name)) target.resume();
    },
    limitCpu: async (name, cpus) => {
      const found = targets(name);
      for (const target of name === "service" ? [...found, ...added] : found) {
        target.limitCpu(cpus === null ? null : cpus / found.length);
      }
    },
    stressCpu: async (workers, load) => {
      const stops = await Promise.all(
        Array.from({ length: workers }, () => startNeighbour(processes, STRESS_CPU, load)),
      );
      return { [Symbol.asyncDispose]: async () => void (await Promise.all(stops.map((stop) => stop()))) };
    },
    stressMemory: async (bytes) => {
      // Asked before anything is taken: a machine out of memory ends whoever it likes, and not our neighbour first.
      const freeBytes = process.availableMemory();
      if (bytes > freeBytes) {
        throw new SquallError(
          "fault-unsupported",
          `memory-stress of ${bytes} bytes: only ${freeBytes} are free.`,
          {
            place: "memory-stress",
            remedy: "Ask for less than the machine has to spare.",
          },
        );
      }
      const stop = await startNeighbour(processes, STRESS_MEMORY, bytes);
      return { [Symbol.asyncDispose]: stop };
    },
    strike: (fault) =>
      Promise.reject(
        new SquallError("fault-unsupported", `Runtime process cannot do ${fault.kind}.`, {
          remedy: "Use runtime docker, or remove the experiment.",
        }),
      ),
    canRelieve: (remedy) => canRelieve({ ...processes.relief, targets }, remedy),
    relieve: (remedy) => relieve({ ...processes.relief, targets }, remedy),
    exits: () => [...processes.exits],
    usage: async () =>
      [...services, ...added, ...dependencies.values()].flatMap((target): ProcessUsage[] => {
        const usage = target.usage();
        if (usage === null) return [];
        const { cpuLimit, spec } = target;
        const limit = cpuLimit === null ? {} : { cpuLimit };
        return [{ name: spec.name, atMs: Date.now(), ...usage, ...limit }];
      }),
  };
};
