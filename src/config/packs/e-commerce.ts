import type { PackMember } from "./pack.ts";

/** Connection limits and overload: a sale begins. */
export const E_COMMERCE: readonly PackMember[] = [
  {
    name: "connection-limit",
    why: "The store takes four connections at once and lets the rest wait.",
    roles: ["database", "cache", "vector", "any"],
    faults: ({ name }) => [{ kind: "connection-limit", on: name, max: 4, excess: "queue" }],
  },
  {
    name: "cache-down",
    why: "The cache refuses connections, and everything falls on what is behind it.",
    roles: ["cache"],
    faults: ({ name }) => [{ kind: "refuse", on: name }],
  },
  {
    name: "overload",
    why: "Three times the usual rate.",
    faults: () => [{ kind: "overload", times: 3 }],
  },
  {
    name: "many-shoppers",
    why: "Two hundred idle connections are held.",
    faults: () => [{ kind: "many-connections", connections: 200 }],
  },
  {
    name: "impatient-shoppers",
    why: "A fifth of the clients hangs up in mid-answer.",
    faults: () => [{ kind: "client-abort", afterEvents: 1, fraction: 0.2 }],
  },
];
