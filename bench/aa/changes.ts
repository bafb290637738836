/** What a pull request does to the simulated service, and under which fault that shows. */
import { RESILIENT, type ServiceCode } from "../simulator/service.ts";

export interface SimulatedChange {
  readonly name: string;
  readonly code: ServiceCode;
  /** Scenarios under which it is right to blame it; empty: nothing changed. */
  readonly shows: readonly string[];
}

const change = (
  name: string,
  difference: Partial<ServiceCode>,
  ...shows: readonly string[]
): SimulatedChange => ({ name, code: { ...RESILIENT, ...difference }, shows });

export const UNCHANGED = change("nothing (A/A)", {});

const ANY = ["control", "slow", "reset", "hang", "cut", "cpu", "outage", "killed", "all"];

export const REGRESSIONS: readonly SimulatedChange[] = [
  change("+20 % under the latency fault", { slowerWhenStruck: 1.2 }, "slow"),
  change("retry removed", { retries: 0 }, "reset", "hang", "outage"),
  change("timeout 1 s -> 3 s", { timeoutMs: 3000 }, "hang"),
  // A stored baseline takes it for a slower machine: only a pair can see it.
  change("+20 % everywhere", { slower: 1.2 }, ...ANY),
  change("+5 points of errors under one fault", { errorsUnderSlow: 0.05 }, "slow", "all"),
  change("+1 point of errors everywhere", { errors: 0.01 }, ...ANY),
  change("8 % of requests +600 ms", { tail: { share: 0.08, addMs: 600 } }, ...ANY),
  change("fallback removed", { fallback: false }, "hang", "outage"),
  change("breaker removed", { breaker: false }, "outage"),
  change("cut streams passed on as complete", { seesTruncation: false }, "cut"),
  change("recovery 1.8 s -> 3.6 s", { recoveryMs: 3600 }, "killed"),
];
