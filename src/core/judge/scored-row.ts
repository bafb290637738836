import type { Observation } from "../observation.ts";

/** Where and when a row was measured: one window of one run, shared by its rows. */
export interface Moment {
  /** Index into the side's `runs`. */
  readonly run: number;
  /** Cluster of rows that share a moment, unique over the side. */
  readonly block: number;
  /** Index into the profile's windows. */
  readonly window: number;
  /** With scenario and slot: the twin's key. */
  readonly round: number;
}

/**
 * One observation that counts: inside a valid load window, after its guard, with a scored outcome. Half a million of them
 * are judged at once, so a row keeps little of its own: what its moment or its observation know is read from there.
 */
export class ScoredRow {
  readonly moment: Moment;
  readonly observation: Observation;
  readonly failed: boolean;
  /** Failed, or past the head's `sloMs`. */
  readonly late: boolean;
  /** ms; +Infinity for a failure (censored, never dropped). */
  readonly latencyMs: number;

  constructor(moment: Moment, observation: Observation, failed: boolean, sloMs: number) {
    this.moment = moment;
    this.observation = observation;
    this.failed = failed;
    this.latencyMs = failed ? Number.POSITIVE_INFINITY : observation.latencyMs;
    this.late = failed || this.latencyMs > sloMs;
  }

  get run(): number {
    return this.moment.run;
  }

  get block(): number {
    return this.moment.block;
  }

  get window(): number {
    return this.moment.window;
  }

  get round(): number {
    return this.moment.round;
  }

  get slot(): number {
    return this.observation.slot;
  }

  get hit(): boolean {
    return this.observation.hit;
  }

  /** ms; +Infinity for a failure; the latency where a good answer has no content. */
  get ttftMs(): number {
    return this.failed ? Number.POSITIVE_INFINITY : (this.observation.ttftMs ?? this.latencyMs);
  }
}
