import type { PackMember } from "./pack.ts";

/** Device failure, interruption, transmission errors, many connections. */
export const IOT: readonly PackMember[] = [
  {
    name: "device-dies",
    why: "A device (a dependency squall starts) is killed and comes back two seconds later.",
    roles: ["queue", "any"],
    needs: "process",
    faults: ({ name }) => [{ kind: "kill", on: name, restartAfter: "2s" }],
  },
  {
    name: "interruption",
    why: "The link accepts everything and answers nothing for two seconds.",
    roles: ["queue", "any", "model"],
    faults: ({ name }) => [{ kind: "blackhole", on: name, for: "2s" }],
  },
  {
    name: "transmission-errors",
    why: "A tenth of the messages arrives broken.",
    roles: ["queue", "any", "model"],
    faults: ({ name, tcp }) =>
      tcp
        ? [{ kind: "limit-data", on: name, bytes: 200, fraction: 0.1 }]
        : [{ kind: "body-corrupt", on: name, bytes: 8, fraction: 0.1 }],
  },
  {
    name: "thin-link",
    why: "A fifth of the calls goes over 20 KB/s.",
    roles: ["queue", "any", "model"],
    faults: ({ name }) => [{ kind: "bandwidth", on: name, rate: "20KB/s", fraction: 0.2 }],
  },
  {
    name: "many-devices",
    why: "Five hundred idle connections are held.",
    faults: () => [{ kind: "many-connections", connections: 500 }],
  },
];
