import type { PackMember } from "./pack.ts";

/** Server crash, storage failure, traffic spike. */
export const CLOUD: readonly PackMember[] = [
  {
    name: "server-crash",
    why: "The service is killed (one replica at random, where there are several) and started again after a second.",
    faults: (_target, { replicas }) => [
      { kind: "kill", on: "service", restartAfter: "1s", ...(replicas > 1 ? { replica: "random" } : {}) },
    ],
  },
  {
    name: "server-frozen",
    why: "The service stands still for two seconds with its sockets open.",
    faults: () => [{ kind: "pause", on: "service", for: "2s" }],
  },
  {
    name: "noisy-neighbour",
    why: "Another tenant takes a processor.",
    faults: () => [{ kind: "cpu-stress", on: "service", workers: 1, load: 1 }],
  },
  {
    name: "storage-down",
    why: "What the service stores its data in refuses connections.",
    roles: ["database", "vector", "cache", "any"],
    faults: ({ name }) => [{ kind: "refuse", on: name }],
  },
  {
    name: "traffic-spike",
    why: "Two seconds' worth of requests at one instant.",
    faults: (_target, { rateRps }) => [
      { kind: "burst", requests: Math.max(20, Math.min(500, Math.round(rateRps * 2))) },
    ],
  },
  {
    name: "disk-full",
    why: "No space is left on the service's disk.",
    needs: "container",
    faults: () => [{ kind: "disk-full", on: "service", path: "/tmp" }],
  },
];
