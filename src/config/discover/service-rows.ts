/** What can be asked of the service itself, whatever it calls. */
import type { ServiceContext, ServiceRow } from "./candidate.ts";
import { formatBytes } from "./figures.ts";
import type { ObservedProcess } from "./observed.ts";
import type { ServiceQuestion } from "./question.ts";

/** The service's replicas, as the runtime names them. */
const isService = ({ name }: ObservedProcess): boolean => name === "service" || /^service-\d+$/.test(name);

const usage = ({ observed }: ServiceContext): { readonly cpu: number; readonly memoryBytes: number } => {
  const replicas = observed.processes.filter(isService);
  return {
    cpu: replicas.reduce((sum, { cpu }) => Math.max(sum, cpu), 0),
    memoryBytes: replicas.reduce((sum, { memoryBytes }) => Math.max(sum, memoryBytes), 0),
  };
};

const MIB = 1024 * 1024;
/** Cores in use from which on half of them is felt. */
const BUSY_CORES = 0.1;

/** Half of what it uses, in steps that two runs agree on. */
const halfTheCores = (cpu: number): number => Math.max(0.05, Math.round((cpu / 2) * 20) / 20);
/** Just above what it uses. */
const tightMemory = (bytes: number): string => `${Math.max(64, Math.ceil((bytes * 1.1) / MIB / 32) * 32)}MiB`;

/** An absolute directory that is a volume of the service's own container. */
const volume = ({ suite }: ServiceContext): string | undefined => suite.service.container?.volumes[0];

export const SERVICE_ROWS: Readonly<Record<ServiceQuestion, ServiceRow>> = {
  overloaded: {
    name: "overload",
    weight: 0.4,
    applies: () => true,
    because: ({ observed, suite }) =>
      `the service answered ${observed.requests} requests in ${Math.round(observed.seconds)} s at ${suite.workload.arrivals === "closed" ? `${suite.workload.concurrency} at once` : "the suite's rate"}; what three times that does is not known`,
    faults: () => [{ kind: "overload", times: 3 }],
  },
  killed: {
    name: "service-killed",
    weight: 0.35,
    applies: () => true,
    because: ({ suite }) =>
      suite.service.replicas === 1
        ? "the service has one process: how soon it is back decides how long nobody is answered"
        : `one of ${suite.service.replicas} processes dies: the others should take over`,
    faults: () => [{ kind: "kill", restartAfter: "1s" }],
  },
  "clients-hang-up": {
    name: "clients-hang-up",
    weight: 0.3,
    applies: ({ observed }) => observed.clientStreams,
    because: () =>
      "clients read the answers as streams and may hang up in the middle; no work should go on for them",
    faults: () => [{ kind: "client-abort", afterEvents: 2, fraction: "20%" }],
  },
  "little-cpu": {
    name: "little-cpu",
    weight: 0.25,
    applies: (context) => usage(context).cpu >= BUSY_CORES,
    because: (context) =>
      `the service uses ${Math.round(usage(context).cpu * 100) / 100} cores in calm traffic; this gives it half`,
    faults: (context) => [{ kind: "cpu-limit", cpus: halfTheCores(usage(context).cpu) }],
  },
  "little-memory": {
    name: "little-memory",
    weight: 0.3,
    onlyIfLogged: "always",
    applies: (context) => usage(context).memoryBytes > 0,
    because: (context) =>
      `the service holds ${formatBytes(usage(context).memoryBytes)} in calm traffic; this leaves it little more`,
    faults: (context) => [{ kind: "memory-limit", bytes: tightMemory(usage(context).memoryBytes) }],
  },
  "memory-neighbour": {
    name: "memory-neighbour",
    weight: 0.2,
    onlyIfLogged: "always",
    applies: () => true,
    because: () => "a neighbour takes memory beside it",
    faults: () => [{ kind: "memory-stress", bytes: "256MiB" }],
  },
  "disk-full": {
    name: "disk-full",
    weight: 0.4,
    onlyIfLogged: "always",
    applies: (context) => volume(context) !== undefined,
    because: (context) => `the service has a volume at ${volume(context) ?? ""}`,
    faults: (context) => [{ kind: "disk-full", path: volume(context) ?? "/" }],
  },
};
