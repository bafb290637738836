/** What an experiment asks of a service; each is one row of the tables of candidates. */
export type EdgeQuestion =
  | "single-failure"
  | "outage"
  | "hang"
  | "rate-limited"
  | "long-retry-after"
  | "slow"
  | "reset"
  | "refused"
  | "first-token-late"
  | "stream-stalled"
  | "stream-truncated"
  | "stream-error"
  | "corrupt-body"
  | "corrupt-events"
  | "keepalive-race"
  | "slow-transfer"
  | "too-long"
  | "few-connections"
  | "names-lost"
  | "dependency-killed";

export type ServiceQuestion =
  | "killed"
  | "overloaded"
  | "clients-hang-up"
  | "little-cpu"
  | "little-memory"
  | "memory-neighbour"
  | "disk-full";
