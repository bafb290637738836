import type { Scenario } from "../../core/profile.ts";
import { randomFor } from "../../core/random.ts";
import type { RequestTemplate, Workload } from "../../core/workload.ts";
import type { TimetableWindow } from "./timetable.ts";

/** No window plans more than this: a guard against a recorded trace or a rate that would never end. */
const MOST_REQUESTS = 100_000;

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

/** The recorded gaps, started at a different place each round and wrapped around. */
const recordedTimes = (requests: readonly RequestTemplate[], durationMs: number, round: number): number[] => {
  const recorded = requests.map(({ atMs }) => atMs ?? 0).sort((a, b) => a - b);
  const lengthMs = Math.max(1, (recorded.at(-1) ?? 0) + 1000 / Math.max(1, recorded.length));
  const startMs = (round * durationMs) % lengthMs;
  const times: number[] = [];
  for (let lap = 0; times.length < MOST_REQUESTS; lap++) {
    for (const atMs of recorded) {
      const placed = atMs + lap * lengthMs - startMs;
      if (placed >= durationMs) return times;
      if (placed >= 0) times.push(placed);
    }
  }
  return times;
};

const windowRate = (workload: Workload, scenario: Scenario): number =>
  scenario.faults.reduce(
    (rate, fault) => (fault.kind === "overload" ? rate * fault.times : rate),
    workload.rateRps,
  );

/** Scheduled instants of one window, ms from its start, ascending. */
export const arrivalTimes = (
  workload: Workload,
  requests: readonly RequestTemplate[],
  window: TimetableWindow,
  scenario: Scenario,
  seed: number,
): number[] => {
  const rateRps = windowRate(workload, scenario);
  const key = `${window.scenario}/${window.round}/${window.place}`;
  const base = (): number[] => {
    switch (workload.arrivals) {
      case "constant":
        return constantTimes(window.durationMs, rateRps);
      case "poisson":
        return poissonTimes(window.durationMs, rateRps, seed, key);
      case "recorded":
        return recordedTimes(requests, window.durationMs, window.round);
      case "closed":
        // The loop paces itself; only the count is planned, from the rate, so that base and head send the same requests.
        return constantTimes(window.durationMs, rateRps).map(() => 0);
    }
  };
  const bursts = scenario.faults.flatMap((fault) =>
    fault.kind === "burst" ? Array.from({ length: fault.requests }, () => window.durationMs / 3) : [],
  );
  return [...base(), ...bursts].sort((a, b) => a - b);
};
