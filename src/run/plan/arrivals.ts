import type { Scenario } from "../../core/profile.ts";
import { randomFor } from "../../core/random.ts";
import type { RequestTemplate, Workload } from "../../core/workload.ts";
import type { TimetableWindow } from "./timetable.ts";

/** No window plans more than this: a guard against a recorded trace or a rate that would never end. */
const MOST_REQUESTS = 100_000;

/** What one place of a closed loop is given to do at most: an answer in 5 ms. */
const MOST_RPS_A_PLACE = 200;
/** What the generator can send with any precision. */
const MOST_LOOP_RPS = 1000;

const constantTimes = (durationMs: number, rateRps: number): number[] => {
  const gapMs = 1000 / rateRps;
  const count = Math.min(MOST_REQUESTS, Math.max(1, Math.round(durationMs / gapMs)));
  // Half a gap in: the last request of one window and the first of the next are a whole gap apart.
  return Array.from({ length: count }, (_, index) => (index + 0.5) * gapMs);
};

const poissonTimes = (durationMs: number, rateRps: number, seed: number, key: string): number[] => {
  // A Poisson process given its count: sorted uniforms. The count is fixed, so both runs and all rounds weigh the same.
  const random = randomFor(seed, "poisson", key);
  return constantTimes(durationMs, rateRps)
    .map(() => random.next() * durationMs)
    .sort((a, b) => a - b);
};

/** The recorded gaps, so many times as dense, started at a different place each round and wrapped around. */
const recordedTimes = (
  requests: readonly RequestTemplate[],
  durationMs: number,
  round: number,
  times: number,
): number[] => {
  const recorded = requests.map(({ atMs }) => atMs ?? 0).sort((a, b) => a - b);
  const lengthMs = Math.max(1, (recorded.at(-1) ?? 0) + 1000 / Math.max(1, recorded.length));
  const startMs = (round * durationMs) % lengthMs;
  const instants: number[] = [];
  for (let lap = 0; recorded.length > 0 && instants.length < MOST_REQUESTS; lap++) {
    for (const atMs of recorded) {
      const placed = (atMs + lap * lengthMs - startMs) / times;
      if (placed >= durationMs) return instants;
      if (placed >= 0) instants.push(placed);
    }
  }
  return instants;
};

/** By how much an `overload` multiplies what arrives; 1 for none. */
const overloadTimes = (scenario: Scenario): number =>
  scenario.faults.reduce((times, fault) => (fault.kind === "overload" ? times * fault.times : times), 1);

/** Requests a closed loop of so many places is given for so long: more than it will come to, the same in every run. */
export const loopRequests = (durationMs: number, concurrency: number): number =>
  Math.min(
    MOST_REQUESTS,
    Math.max(1, Math.round((durationMs * Math.min(MOST_LOOP_RPS, MOST_RPS_A_PLACE * concurrency)) / 1000)),
  );

/** What arrives in one window. */
export interface WindowArrivals {
  /** Scheduled instants, ms from the window's start, ascending. */
  readonly timesMs: readonly number[];
  /** How many of these, from the first, a closed loop sends at its own pace; 0 with open arrivals. */
  readonly looped: number;
  /** Places of that loop; 0 with open arrivals. */
  readonly concurrency: number;
}

/** Depends on the suite and the seed alone, so that base and head meet the same. */
export const windowArrivals = (
  workload: Workload,
  requests: readonly RequestTemplate[],
  window: TimetableWindow,
  scenario: Scenario,
  seed: number,
): WindowArrivals => {
  const { durationMs } = window;
  const times = overloadTimes(scenario);
  const bursts = scenario.faults.flatMap((fault) =>
    fault.kind === "burst" ? Array.from({ length: fault.requests }, () => durationMs / 3) : [],
  );
  if (workload.arrivals === "closed") {
    // A closed loop has no rate: overloading it is asking for more at once. A burst comes on top of the loop.
    const concurrency = Math.max(1, Math.round(workload.concurrency * times));
    const looped = Array.from({ length: loopRequests(durationMs, concurrency) }, () => 0);
    return { timesMs: [...looped, ...bursts], looped: looped.length, concurrency };
  }
  const open = (): number[] => {
    switch (workload.arrivals) {
      case "poisson":
        return poissonTimes(
          durationMs,
          workload.rateRps * times,
          seed,
          `${window.scenario}/${window.round}/${window.place}`,
        );
      case "recorded":
        return recordedTimes(requests, durationMs, window.round, times);
      default:
        return constantTimes(durationMs, workload.rateRps * times);
    }
  };
  return { timesMs: [...open(), ...bursts].sort((a, b) => a - b), looped: 0, concurrency: 0 };
};
