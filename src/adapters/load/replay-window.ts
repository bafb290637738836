import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Observation } from "../../core/observation.ts";
import { isFailure } from "../../core/outcome.ts";
import type { LoadResult, LoadWindow, PlannedRequest } from "../../run/ports.ts";
import { loopWork, runLoops } from "./closed-loop.ts";
import type { Exchange } from "./exchange.ts";
import { pace } from "./pacer.ts";
import type { PreparedRequest } from "./prepare-request.ts";
import { type Send, type Session, unsentObservation } from "./session.ts";

/** Between the call and the first instant: time to build every request before the clock starts. */
const LEAD_MS = 15;
const LOOP_RESOLUTION_MS = 10;

/** Nearest-rank quantile; 0 for nothing. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
};

/** Requests under way, with the limit beyond which a request is not sent at all. */
class InFlight {
  readonly #session: Session;
  readonly #signal: AbortSignal;
  readonly #counters: Int32Array;
  readonly #open = new Set<Exchange>();
  readonly #pending: Promise<void>[] = [];
  readonly observations: Observation[] = [];
  sent = 0;

  constructor(session: Session, signal: AbortSignal, counters: Int32Array) {
    this.#session = session;
    this.#signal = signal;
    this.#counters = counters;
  }

  /** Never queues: a request that finds no place is `unsent`, and the window does not count. */
  send(send: Send): Promise<void> {
    if (this.#open.size >= this.#session.workload.maxInFlight) {
      this.observations.push(unsentObservation(send, performance.now()));
      return Promise.resolve();
    }
    const exchange = this.#session.send(send);
    this.#open.add(exchange);
    const ended = this.#observe(send, exchange);
    this.#pending.push(ended);
    return ended;
  }

  async #observe(send: Send, exchange: Exchange): Promise<void> {
    const exchanged = await exchange.ended;
    this.#open.delete(exchange);
    if (this.#signal.aborted) return;
    const observation = this.#session.observe(send, exchanged);
    if (observation.outcome !== "unsent") this.sent += 1;
    this.observations.push(observation);
    Atomics.add(this.#counters, 0, 1);
    if (isFailure(observation.outcome)) Atomics.add(this.#counters, 1, 1);
  }

  async drained(): Promise<void> {
    await Promise.all(this.#pending);
  }

  cancel(): void {
    for (const exchange of this.#open) exchange.cancel();
  }
}

interface TimedRequest {
  readonly planned: PlannedRequest;
  readonly prepared: PreparedRequest;
}

/** What goes at its own instant, built before the clock starts. */
const prepareTimed = (
  { requests }: LoadWindow,
  session: Session,
  looped: ReadonlySet<number>,
): readonly TimedRequest[] =>
  requests
    .filter(({ slot }) => !looped.has(slot))
    .sort((a, b) => a.atMs - b.atMs)
    .map((planned) => ({ planned, prepared: session.prepare(planned.requestId, planned.repetition) }));

const sendTimed = async (
  timed: readonly TimedRequest[],
  { window, startMs }: Pick<Send, "window" | "startMs">,
  flight: InFlight,
  signal: AbortSignal,
): Promise<void> => {
  const instants = Float64Array.from(timed, ({ planned }) => startMs + planned.atMs);
  const pacing = pace(instants, (index) => {
    const one = timed[index];
    const scheduledMs = instants[index];
    if (one !== undefined && scheduledMs !== undefined)
      void flight.send({ ...one, window, startMs, scheduledMs });
  });
  signal.addEventListener("abort", () => pacing.stop(), { once: true });
  await pacing.done;
};

/** Replays one window; resolves when its last request has ended. Aborting cancels what is under way. */
export const replayWindow = async (
  session: Session,
  window: LoadWindow,
  signal: AbortSignal,
  counters: Int32Array,
): Promise<LoadResult> => {
  using _held = await session.connections.hold(window.idleConnections, session.workload.deadlines.connectMs);
  const flight = new InFlight(session, signal, counters);
  signal.addEventListener("abort", () => flight.cancel(), { once: true });
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  const loops = loopWork(window);
  const looped = new Set(loops.flatMap(({ requests }) => requests.map(({ slot }) => slot)));
  const timed = prepareTimed(window, session, looped);
  const startMs = performance.now() + LEAD_MS;
  await Promise.all([
    sendTimed(timed, { window: window.window, startMs }, flight, signal),
    runLoops(
      loops,
      startMs,
      (planned) => {
        const prepared = session.prepare(planned.requestId, planned.repetition);
        const scheduledMs = performance.now();
        return flight.send({ planned, window: window.window, startMs, scheduledMs, prepared });
      },
      signal,
    ),
  ]);
  await flight.drained();
  const endMs = performance.now();
  loop.disable();
  const lags = flight.observations.filter((one) => one.outcome !== "unsent").map((one) => one.lagMs);
  return {
    observations: flight.observations.sort((a, b) => a.slot - b.slot),
    lagP99Ms: quantile(lags, 0.99),
    // Of a closed loop only what it came to was to be sent.
    achievedRate:
      flight.observations.length === 0
        ? Number(timed.length === 0)
        : flight.sent / flight.observations.length,
    // The histogram holds times between ticks: what exceeds the tick is delay.
    eventLoopP99Ms: loop.count === 0 ? 0 : Math.max(0, loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS),
    startedAtMs: performance.timeOrigin + startMs,
    endedAtMs: performance.timeOrigin + endMs,
  };
};
