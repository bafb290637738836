import { setTimeout as sleep } from "node:timers/promises";
import type { Observation } from "../../core/observation.ts";
import { isFailure, isUnscored } from "../../core/outcome.ts";
import type { PlannedRequest } from "../../run/ports.ts";
import type { Exchanged } from "./exchange.ts";
import { CALM_REPETITION, type Session } from "./session.ts";

/** Probes count down from below the calm pass, so that no key is used twice. */
const FIRST_PROBE = CALM_REPETITION - 1;

const sendOne = async (
  session: Session,
  planned: PlannedRequest,
  originMs: number,
  signal: AbortSignal,
): Promise<{ readonly observation: Observation; readonly exchanged: Exchanged }> => {
  const prepared = session.prepare(planned.requestId, planned.repetition);
  const send = { planned, window: -1, startMs: originMs, scheduledMs: performance.now(), prepared };
  const exchange = session.send(send);
  const cancel = (): void => exchange.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const exchanged = await exchange.ended;
  signal.removeEventListener("abort", cancel);
  return { observation: session.observe(send, exchanged), exchanged };
};

/** Each request once, one after another: warms up, and learns what a calm answer is. */
export const calmPass = async (session: Session, signal: AbortSignal): Promise<readonly Observation[]> => {
  const originMs = performance.now();
  const observations: Observation[] = [];
  for (const [slot, template] of session.templates.entries()) {
    if (signal.aborted) break;
    const planned: PlannedRequest = {
      slot,
      atMs: 0,
      requestId: template.id,
      repetition: CALM_REPETITION,
      hit: false,
    };
    const { observation, exchanged } = await sendOne(session, planned, originMs, signal);
    session.learn(observation, exchanged);
    observations.push(observation);
  }
  return observations;
};

/** Numbers the probes of one run. */
export class Prober {
  readonly #session: Session;
  #sent = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * One request at a time, at most one per interval, round the set. A good answer is no failure: a fallback counts.
   * @returns epoch ms of the first good answer's end, or null when the time is up
   */
  async untilGood(timeoutMs: number, intervalMs: number, signal: AbortSignal): Promise<number | null> {
    const session = this.#session;
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const originMs = performance.now();
    while (!until.aborted) {
      const template = session.templates[this.#sent % session.templates.length];
      if (template === undefined) return null;
      const begunMs = performance.now();
      const repetition = FIRST_PROBE - this.#sent;
      const planned: PlannedRequest = {
        slot: this.#sent,
        atMs: 0,
        requestId: template.id,
        repetition,
        hit: false,
      };
      this.#sent += 1;
      const { observation } = await sendOne(session, planned, originMs, until);
      if (!isFailure(observation.outcome) && !isUnscored(observation.outcome)) {
        return performance.timeOrigin + begunMs + observation.latencyMs;
      }
      const leftMs = begunMs + intervalMs - performance.now();
      if (leftMs > 0) await sleep(leftMs, undefined, { signal: until }).catch(() => undefined);
    }
    return null;
  }
}
