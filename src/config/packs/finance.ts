import type { PackMember } from "./pack.ts";

/** Database failure and peak load: an answer must be right or refused, never half of one. */
export const FINANCE: readonly PackMember[] = [
  {
    name: "database-down",
    why: "The database refuses connections.",
    roles: ["database", "vector", "any"],
    faults: ({ name }) => [{ kind: "refuse", on: name }],
  },
  {
    name: "database-slow",
    why: "A fifth of the queries take half a second longer.",
    roles: ["database", "vector", "any"],
    faults: ({ name, tcp }) => [
      { kind: tcp ? "latency" : "http-delay", on: name, delay: "500ms", fraction: 0.2 },
    ],
  },
  {
    name: "database-resets",
    why: "A tenth of the connections is reset, as in a failover.",
    roles: ["database", "vector", "any"],
    faults: ({ name }) => [{ kind: "reset", on: name, fraction: 0.1 }],
  },
  {
    name: "database-garbled",
    why: "A tenth of the answers is cut short in a 200.",
    roles: ["database", "vector", "any"],
    needs: "http",
    faults: ({ name }) => [{ kind: "body-corrupt", on: name, mutation: "truncate", fraction: 0.1 }],
  },
  {
    name: "peak-load",
    why: "Three times the usual rate, as at the opening of a market.",
    faults: () => [{ kind: "overload", times: 3 }],
  },
];
