/**
 * Which remedies are worth trying, by what the fault does to calls and what the service lost. What cannot matter is not tried: a retry
 * acts on failures alone, so it can do nothing about calls that hang; an outage of every call meets a second call as it met the first.
 */
import type { Profile, Scenario } from "../profile.ts";
import { EDGE_REMEDY_KINDS, type Remedy, type RemedyKind, RUNTIME_REMEDY_KINDS } from "../remedy/remedy.ts";
import { medianOf } from "../statistics/quantile.ts";
import { effectOnCallers, effectOnService, type FaultEffect, strikesAll } from "./fault-effect.ts";
import type { TrialMetric } from "./metric.ts";

/** What the service lost. */
export type Harm = "answers" | "time" | "calls" | "recovery";

const harmOf = (metric: TrialMetric): Harm => {
  switch (metric) {
    case "error-rate":
    case "hit-error-rate":
    case "degraded-rate":
    case "incomplete-rate":
    case "wrong-rate":
    case "drift-rate":
      return "answers";
    case "late-rate":
    case "p50":
    case "p95":
    case "hit50":
      return "time";
    case "calls-per-request":
      return "calls";
    case "recovery":
      return "recovery";
  }
};

type Row = Readonly<Record<Harm, readonly RemedyKind[]>>;
const NOTHING: Row = { answers: [], time: [], calls: [], recovery: [] };

/** Documented as a table in docs/diagnosis.md. */
export const WORTH_TRYING: Readonly<Record<FaultEffect, Row>> = {
  failing: {
    answers: ["retry", "cache", "hedge"],
    time: ["retry", "cache", "hedge", "replica"],
    calls: ["circuit-breaker", "cache"],
    recovery: ["retry", "cache"],
  },
  throttled: {
    answers: ["retry-after-cap", "retry", "cache", "hedge"],
    time: ["retry-after-cap", "retry", "cache", "hedge", "replica"],
    calls: ["circuit-breaker", "cache"],
    recovery: [],
  },
  slow: {
    answers: ["deadline", "cache", "hedge", "replica"],
    time: ["deadline", "cache", "hedge", "replica"],
    calls: ["deadline", "circuit-breaker", "cache"],
    recovery: [],
  },
  garbled: { ...NOTHING, answers: ["cache"], time: ["cache", "replica"], calls: ["cache"] },
  "less-cpu": { ...NOTHING, answers: ["more-cpu", "replica"], time: ["more-cpu", "replica"] },
  "less-memory": {
    answers: ["restart", "more-memory", "replica"],
    time: ["restart", "more-memory", "replica"],
    calls: [],
    recovery: ["more-memory", "replica"],
  },
  gone: { answers: ["replica"], time: ["replica"], calls: [], recovery: ["replica"] },
  load: { ...NOTHING, answers: ["more-cpu", "replica"], time: ["more-cpu", "replica"] },
  calm: { ...NOTHING, answers: ["restart"], time: ["restart", "more-cpu", "replica"] },
  other: NOTHING,
};

const SECOND_CALLS: ReadonlySet<RemedyKind> = new Set<RemedyKind>(["retry", "hedge"]);

export interface Candidate {
  readonly remedy: Remedy;
  /** Why it cannot be tried, known beforehand. */
  readonly refused?: string;
}

/** One retry, after as long as clients commonly wait first. */
const RETRIES = 1;
const BACKOFF_MS = 100;
/** Late beyond doubt: so many times what most calm calls take. */
const DEADLINE_TIMES = 3;
/** As libraries of breakers begin: five failures in a row, and a second of rest. */
const BREAKER = { failures: 5, openMs: 1000 } as const;
const CACHE = { forMs: 60_000, entries: 1000 } as const;
const TIMES = 2;

/** Two telling digits: nobody writes a deadline of 243.7 ms. */
const rounded = (ms: number): number => Math.max(1, Number(ms.toPrecision(2)));

/** @param calmMs p95 of the edge's calm calls; null: there were none */
const remedyOf = (kind: RemedyKind, on: string, calmMs: number | null): Remedy | null => {
  switch (kind) {
    case "retry":
      return { kind, on, attempts: RETRIES, backoffMs: BACKOFF_MS };
    case "deadline":
      return calmMs === null ? null : { kind, on, afterMs: rounded(DEADLINE_TIMES * calmMs) };
    // Dean & Barroso, The tail at scale (2013): a hedge after the 95th percentile costs one call in twenty.
    case "hedge":
      return calmMs === null ? null : { kind, on, afterMs: rounded(calmMs) };
    // No longer than a call itself takes, and never shorter than a retry would wait.
    case "retry-after-cap":
      return { kind, on, mostMs: rounded(Math.max(BACKOFF_MS, calmMs ?? 0)) };
    case "circuit-breaker":
      return { kind, on, ...BREAKER };
    case "cache":
      return { kind, on, ...CACHE };
    case "more-cpu":
    case "more-memory":
      return { kind, on, times: TIMES };
    case "replica":
    case "restart":
      return { kind, on };
  }
};

/** Median over calm seconds of the p95 of an edge's calls; null: none were seen. */
export const calmEdgeMs = (head: Profile, edge: string): number | null => {
  const control = head.scenarios.find(({ shape }) => shape === "control")?.name;
  const calm = head.windows.filter(({ scenario, phase }) => scenario === control && phase === "load");
  const seconds = head.edgeSeconds.filter(
    (second) =>
      second.edge === edge &&
      second.calls > 0 &&
      calm.some(
        ({ startMs, durationMs }) =>
          second.second * 1000 >= startMs && (second.second + 1) * 1000 <= startMs + durationMs,
      ),
  );
  return medianOf(seconds.map(({ p95Ms }) => p95Ms));
};

export interface CandidateInput {
  readonly scenario: Scenario;
  readonly metric: TrialMetric;
  /** Dependency at which the harm shows, where the metric says so. */
  readonly edge?: string | undefined;
  readonly dependencies: readonly { readonly name: string; readonly protocol: "http" | "tcp" }[];
  /** p95 of an edge's calls in calm traffic, ms; null: none were seen. */
  readonly calmMs: (edge: string) => number | null;
}

interface Place {
  readonly on: string;
  readonly effect: FaultEffect;
  readonly again: boolean;
}

/** Where a remedy could stand, the fault's own edge first. */
const placesOf = ({ scenario, edge, dependencies }: CandidateInput): readonly Place[] => {
  if (scenario.shape === "control") return [{ on: "service", effect: "calm", again: false }];
  const isDependency = (name: string): boolean => dependencies.some((each) => each.name === name);
  const struck = scenario.faults.map((fault): Place => {
    const onDependency = isDependency(fault.on);
    return {
      on: onDependency ? fault.on : "service",
      effect: onDependency ? effectOnCallers(fault) : effectOnService(fault),
      again: strikesAll(fault),
    };
  });
  const effect = struck[0]?.effect ?? "other";
  const elsewhere =
    edge !== undefined && isDependency(edge) && struck.every(({ on }) => on !== edge)
      ? [{ on: edge, effect, again: true }]
      : [];
  return [...struck, ...elsewhere];
};

const COST_ORDER: readonly RemedyKind[] = [...EDGE_REMEDY_KINDS, ...RUNTIME_REMEDY_KINDS];
const EDGE_KINDS: ReadonlySet<RemedyKind> = new Set<RemedyKind>(EDGE_REMEDY_KINDS);

const candidateAt = (input: CandidateInput, place: Place, kind: RemedyKind): Candidate | null => {
  const isEdge = EDGE_KINDS.has(kind);
  if (isEdge && place.on === "service") return null;
  if (place.again && SECOND_CALLS.has(kind)) return null;
  // Another process of the service, whatever was struck; cores, memory and restarts for what lacks them.
  const on = kind === "replica" ? "service" : place.on;
  const calmMs = isEdge ? input.calmMs(on) : null;
  const remedy = remedyOf(kind, on, calmMs);
  if (remedy === null) {
    const guess = remedyOf(kind, on, BACKOFF_MS);
    return guess === null
      ? null
      : { remedy: guess, refused: `no calm calls were seen on ${on} to tell how long they take` };
  }
  const protocol = input.dependencies.find(({ name }) => name === on)?.protocol;
  return isEdge && protocol === "tcp"
    ? { remedy, refused: `${on} speaks TCP: its calls cannot be told apart` }
    : { remedy };
};

/** Cheapest first; of equal cost the fault's own edge first. */
export const candidates = (input: CandidateInput): readonly Candidate[] => {
  const harm = harmOf(input.metric);
  const seen = new Set<string>();
  const found = placesOf(input).flatMap((place) =>
    WORTH_TRYING[place.effect][harm].flatMap((kind) => candidateAt(input, place, kind) ?? []),
  );
  return found
    .filter(({ remedy }) => {
      const key = `${remedy.kind} ${remedy.on}`;
      return !seen.has(key) && seen.add(key) !== undefined;
    })
    .toSorted((a, b) => COST_ORDER.indexOf(a.remedy.kind) - COST_ORDER.indexOf(b.remedy.kind));
};

/** Place in the order of what remedies cost, cheapest first. */
export const costRank = ({ kind }: Remedy): number => COST_ORDER.indexOf(kind);
