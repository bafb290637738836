/**
 * Profiles with series, of a service that does not exist: clients ask `client`, the service asks `search` and then `model`. Times wobble
 * a little, seeded; what a fault does to a second is said by the test.
 */
import type { Fault } from "../../src/core/fault.ts";
import type { Observation } from "../../src/core/observation.ts";
import type {
  EdgeSecond,
  ProcessDeath,
  ProcessSample,
  Profile,
  WindowRecord,
} from "../../src/core/profile.ts";
import { type Random, randomFor } from "../../src/core/random.ts";
import { syntheticProfile } from "./synthetic-profile.ts";

export const RATE = 30;
const WINDOW_S = 3;

/** One second of the system, before it is cut into series. */
export interface SystemSecond {
  client: EdgeSecond;
  search: EdgeSecond;
  model: EdgeSecond;
  service: ProcessSample;
  searchProcess: ProcessSample;
  /** Of this second's answers, how many their clients found bad. */
  badAnswers: number;
  /** How many requests clients sent. */
  sent: number;
}

export interface FaultySeries {
  readonly fault: Fault;
  /** What the fault makes of a second; `place`: its number in its window, from 0. */
  readonly strike: (second: SystemSecond, place: number) => void;
  /** In each of the fault's windows, half a second after its start. */
  readonly deaths?: readonly Pick<ProcessDeath, "name" | "exitCode" | "signal">[];
  readonly rounds?: number;
  readonly seed?: number;
}

const wobble = (random: Random, value: number): number => value * (1 + 0.03 * random.normal());

const calmSecond = (random: Random, second: number): SystemSecond => {
  const calls = RATE;
  const search = Math.max(1, wobble(random, 8));
  const model = wobble(random, 70);
  const own = wobble(random, 12);
  const upstreamMs = search + model + own;
  const row = (edge: string, meanMs: number, extra: Partial<EdgeSecond>): EdgeSecond => ({
    edge,
    second,
    calls,
    errors: 0,
    meanMs,
    p95Ms: meanMs * 1.4,
    errorsByClass: {},
    inFlight: Math.round((calls * meanMs) / 1000),
    retries: 0,
    firstByteMs: meanMs * 0.4,
    longestGapMs: wobble(random, meanMs * 0.4),
    meanGapMs: wobble(random, meanMs * 0.2),
    upstreamMs: meanMs - 0.5,
    upstreamCalls: calls,
    answerBytes: wobble(random, 4000),
    connections: 1,
    ...extra,
  });
  const atMs = (second + 1) * 1000;
  return {
    client: row("client", upstreamMs + 0.5, {}),
    search: row("search", search, { sinceRequestMs: wobble(random, 3), answerBytes: wobble(random, 600) }),
    model: row("model", model, { sinceRequestMs: wobble(random, 14) }),
    service: { name: "service", atMs, cpu: wobble(random, 0.2), memoryBytes: 2e8 },
    searchProcess: { name: "search", atMs, cpu: wobble(random, 0.1), memoryBytes: 1e8 },
    badAnswers: 0,
    sent: calls,
  };
};

/** Calm windows and windows of one experiment in turn. */
export const seriesProfile = ({
  fault,
  strike,
  deaths = [],
  rounds = 4,
  seed = 1,
}: FaultySeries): Profile => {
  const random = randomFor(seed, "series");
  const windows: WindowRecord[] = [];
  const seconds: SystemSecond[] = [];
  const observations: Observation[] = [];
  const died: ProcessDeath[] = [];
  for (let index = 0; index < 2 * rounds; index++) {
    const faulty = index % 2 === 1;
    const startMs = index * WINDOW_S * 1000;
    windows.push({
      scenario: faulty ? "experiment" : "control",
      round: Math.floor(index / 2),
      phase: "load",
      startMs,
      durationMs: WINDOW_S * 1000,
      guardMs: 0,
      planned: RATE * WINDOW_S,
      lagP99Ms: 0.4,
      achievedRate: 1,
      eventLoopP99Ms: 1,
      receipts: faulty ? [{ faultId: "experiment#0", edge: fault.on, seen: 90, affected: 20 }] : [],
    });
    if (faulty)
      died.push(...deaths.map((death) => ({ ...death, atMs: startMs + 500, window: index, injected: true })));
    for (let place = 0; place < WINDOW_S; place++) {
      const second = calmSecond(random, index * WINDOW_S + place);
      if (faulty) strike(second, place);
      seconds.push(second);
      observations.push(...answersOf(second, index, place, observations.length));
    }
  }
  const edgeSeconds = seconds
    .flatMap(({ search, model, client }) => [search, model, client])
    .filter(({ calls }) => calls > 0)
    .map((row) => ({
      ...row,
      errors: Object.values(row.errorsByClass ?? {}).reduce((sum, count) => sum + count, 0),
    }));
  return {
    ...syntheticProfile({ scheduleSeed: 1, runSeed: 1, rounds: 1 }),
    scenarios: [
      { name: "control", shape: "control", scale: "additive", faults: [], description: "calm traffic" },
      {
        name: "experiment",
        shape: "attributed",
        scale: "additive",
        faults: [fault],
        description: `${fault.kind} on ${fault.on}`,
      },
    ],
    windows,
    observations,
    edgeSeconds,
    processes: seconds.flatMap(({ service, searchProcess }) => [service, searchProcess]),
    deaths: died,
    edgeCalls: [],
    health: [],
  };
};

const answersOf = (
  { sent, badAnswers }: SystemSecond,
  window: number,
  place: number,
  from: number,
): Observation[] =>
  Array.from({ length: sent }, (_, number) => ({
    window,
    slot: from + number,
    requestId: `r${number}`,
    repetition: from,
    scheduledMs: place * 1000 + (number * 1000) / sent,
    lagMs: 0.2,
    ttftMs: 40,
    latencyMs: 90,
    outcome: number < badAnswers ? ("malformed" as const) : ("ok" as const),
    status: 200,
    hit: number % 5 === 0,
    maxGapMs: null,
    chunks: 1,
    bytes: 400,
    answerHash: "",
  }));
