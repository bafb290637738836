/** A service as its code is written: how it waits, tries again, falls back. What a careless change changes is one of these. */
import type { Outcome } from "../../src/core/outcome.ts";
import type { Random } from "../../src/core/random.ts";
import { exponential } from "./machine.ts";

export interface ServiceCode {
  /** Attempts at the model after the first. */
  readonly retries: number;
  /** How long an attempt may take, ms. */
  readonly timeoutMs: number;
  /** Answers from elsewhere where the model does not. */
  readonly fallback: boolean;
  /** Stops asking a model that failed five times in a row, for a second. */
  readonly breaker: boolean;
  /** Notices that a stream ended before its end. */
  readonly seesTruncation: boolean;
  /** Factor on all time it takes, and on that of struck requests under `slow`. */
  readonly slower: number;
  readonly slowerWhenStruck: number;
  /** Share of requests that take so many ms longer. */
  readonly tail: { readonly share: number; readonly addMs: number };
  /** Chance that any request fails, and that one under `slow` does. */
  readonly errors: number;
  readonly errorsUnderSlow: number;
  /** From the kill to the first good answer, ms. */
  readonly recoveryMs: number;
}

export const RESILIENT: ServiceCode = {
  retries: 1,
  timeoutMs: 1000,
  fallback: true,
  breaker: true,
  seesTruncation: true,
  slower: 1,
  slowerWhenStruck: 1,
  tail: { share: 0, addMs: 0 },
  errors: 0,
  errorsUnderSlow: 0,
  recoveryMs: 1800,
};

/** Work of one request in calm, on a machine of speed 1. */
export interface Work {
  readonly cpuMs: number;
  readonly waitMs: number;
}

export interface Answer {
  readonly outcome: Outcome;
  readonly status: number;
  /** Time beyond the queue and the processor, ms. */
  readonly waitMs: number;
  /** Share of the processor's work that was done. */
  readonly cpuShare: number;
  readonly calls: number;
}

const FAST_FAILURE_MS = 6;
const FALLBACK_MS = 15;
const BREAKER_FAILURES = 5;
const BREAKER_OPEN_MS = 1000;
const RETRY_PAUSE_MS = 40;

/** Failures in a row at the model, and until when it is not asked. */
export class Breaker {
  #failures = 0;
  #openUntilMs = Number.NEGATIVE_INFINITY;

  isOpen(atMs: number): boolean {
    return atMs < this.#openUntilMs;
  }

  saw(good: boolean, atMs: number): void {
    this.#failures = good ? 0 : this.#failures + 1;
    if (this.#failures >= BREAKER_FAILURES) this.#openUntilMs = atMs + BREAKER_OPEN_MS;
  }
}

interface Ask {
  readonly code: ServiceCode;
  readonly scenario: string;
  readonly hit: boolean;
  readonly work: Work;
  readonly atMs: number;
  readonly breaker: Breaker;
  readonly random: Random;
}

const withoutModel = (code: ServiceCode, waitMs: number, calls: number): Answer =>
  code.fallback
    ? { outcome: "degraded", status: 200, waitMs: waitMs + FALLBACK_MS, cpuShare: 0.6, calls }
    : { outcome: "status", status: 502, waitMs, cpuShare: 0.4, calls };

/** First attempts fail where the fault strikes (attempts: 1 of the catalogue); in an outage all do. */
const failing = ({ code, scenario, atMs, breaker, work, random }: Ask): Answer => {
  const outage = scenario === "outage";
  if (code.breaker && breaker.isOpen(atMs)) return withoutModel(code, 1, 0);
  const eachMs = scenario === "hang" ? code.timeoutMs : FAST_FAILURE_MS + 2 * random.next();
  const attempts = outage || scenario === "hang" ? 1 + code.retries : 1;
  let waitMs = eachMs * attempts + RETRY_PAUSE_MS * (attempts - 1);
  if (outage) breaker.saw(false, atMs);
  if (outage || scenario === "hang" || code.retries === 0) return withoutModel(code, waitMs, attempts);
  waitMs += RETRY_PAUSE_MS + work.waitMs;
  return { outcome: "ok", status: 200, waitMs, cpuShare: 1, calls: 2 };
};

const good = (waitMs: number): Answer => ({ outcome: "ok", status: 200, waitMs, cpuShare: 1, calls: 1 });

/** What the service makes of one request. */
export const answer = (ask: Ask): Answer => {
  const { code, scenario, hit, work, random, atMs, breaker } = ask;
  const waitMs = work.waitMs * Math.exp(0.03 * random.normal()) + 3 * exponential(random);
  const tailMs = random.next() < code.tail.share ? code.tail.addMs : 0;
  const errors = code.errors + (scenario === "slow" ? code.errorsUnderSlow : 0);
  if (random.next() < errors)
    return { outcome: "status", status: 500, waitMs: FAST_FAILURE_MS, cpuShare: 0.3, calls: 1 };
  if (scenario === "outage" || (hit && (scenario === "reset" || scenario === "hang"))) return failing(ask);
  breaker.saw(true, atMs);
  if (hit && scenario === "slow") return good((waitMs + 300) * code.slowerWhenStruck + tailMs);
  if (hit && scenario === "cut") {
    const cut = { ...good(0.6 * waitMs + tailMs), cpuShare: 0.7 };
    return code.seesTruncation
      ? { ...cut, outcome: "degraded", waitMs: cut.waitMs + FALLBACK_MS }
      : { ...cut, outcome: "incomplete" };
  }
  return good(waitMs + tailMs);
};
