/** The gentle faults by which an edge's protection is asked for, and what their windows say. Pure. */
import type { ProbeCounts, ProbeQuestion } from "../../config/discover/observed.ts";
import { requestKey } from "../../core/exchange.ts";
import type { Fault, Targeting } from "../../core/fault.ts";
import type { Observation } from "../../core/observation.ts";
import { isFailure, isUnscored } from "../../core/outcome.ts";
import type { DependencySpec, Suite } from "../../core/suite.ts";
import type { StretchOutcome } from "../run-stretch.ts";
import { type CalmEdge, callsOf, quantile } from "./edges.ts";

/** Struck requests that a probe should have, where the rate allows it. */
const WISHED_HITS = 6;
const FRACTIONS = [0.1, 0.2, 0.25, 0.5] as const;
const SHORT_WINDOW_MS = 3000;
const LONG_WINDOW_MS = 4000;
/** Requests of a short window below which a longer one is worth its time. */
const FEW_REQUESTS = 30;

export const probeWindowMs = ({ workload }: Suite): number =>
  workload.arrivals === "closed" || (workload.rateRps * SHORT_WINDOW_MS) / 1000 >= FEW_REQUESTS
    ? SHORT_WINDOW_MS
    : LONG_WINDOW_MS;

/** The smallest share that strikes enough requests; never all, which would be an outage. */
const fractionFor = (suite: Suite, least: number): number => {
  if (suite.workload.arrivals === "closed") return least;
  const requests = (suite.workload.rateRps * probeWindowMs(suite)) / 1000;
  return FRACTIONS.find((share) => share >= least && share * requests >= WISHED_HITS) ?? 0.5;
};

/** What nobody would wait for. */
const LONG_WAIT_S = 600;

/** The fault of one question on one edge; null where the question makes no sense there. */
export const probeFault = (
  question: ProbeQuestion,
  { name, protocol }: Pick<DependencySpec, "name" | "protocol">,
  suite: Suite,
): Fault | null => {
  const http = protocol === "http";
  const some = (least: number): Targeting => ({
    on: name,
    fraction: fractionFor(suite, least),
    attempts: http ? 1 : "all",
  });
  const all: Targeting = { on: name, fraction: 1, attempts: "all" };
  switch (question) {
    case "single-failure":
      return http
        ? { ...some(0.2), kind: "http-error", status: 503, headers: {} }
        : { ...some(0.2), kind: "reset" };
    case "outage":
      return http ? { ...all, kind: "http-error", status: 503, headers: {} } : { ...all, kind: "refuse" };
    case "hang":
      return { ...some(0.1), kind: "blackhole" };
    case "retry-after":
      return http
        ? { ...some(0.1), kind: "http-error", status: 429, headers: { "retry-after": String(LONG_WAIT_S) } }
        : null;
  }
};

/** The client's longest wait for an answer of which nothing comes, ms: what a probe may last beyond its window. */
export const patienceMs = ({ workload: { deadlines } }: Suite): number =>
  Math.min(deadlines.totalMs, Math.max(deadlines.headersMs, deadlines.firstContentMs));

/** Settling, where something went wrong. */
const SETTLE_ALLOWANCE_MS = 1500;

/** What a question may cost, ms. */
export const probeCostMs = (question: ProbeQuestion, suite: Suite): number =>
  probeWindowMs(suite) +
  SETTLE_ALLOWANCE_MS +
  (question === "hang" || question === "retry-after" ? patienceMs(suite) : 0);

const isTimeout = ({ outcome }: Observation): boolean => outcome.startsWith("timeout-");

const keyOf = ({ requestId, repetition }: Observation): string => requestKey(requestId, repetition);

export interface ProbeReading {
  readonly edge: CalmEdge;
  readonly fault: Fault;
  readonly outcome: StretchOutcome;
  /** Ids of requests that are known to call the edge. */
  readonly users: ReadonlySet<string>;
}

/** What happened to the requests that the fault struck. */
export const readProbe = ({ edge, fault, outcome, users }: ProbeReading): ProbeCounts => {
  const scored = outcome.observations.filter((each) => !isUnscored(each.outcome));
  const keys = new Set(scored.map(keyOf));
  const calls = callsOf(outcome.records, edge.edge, edge.attributable, keys).length;
  const callsPerRequest = calls / Math.max(1, scored.length);
  if (!edge.attributable) return { ...estimated(scored, fault, outcome, edge), callsPerRequest };
  // A call that still hangs has no record yet: a marked request that calls the edge in calm traffic called it now too.
  const struck = scored.filter(({ hit, requestId }) => hit && users.has(requestId));
  return {
    struck: struck.length,
    ok: struck.filter((each) => each.outcome === "ok").length,
    degraded: struck.filter((each) => each.outcome === "degraded").length,
    timedOut: struck.filter(isTimeout).length,
    callsPerRequest,
    medianMs: struck.length === 0 ? null : medianMs(struck),
  };
};

const medianMs = (observations: readonly Observation[]): number =>
  quantile(
    observations.map(({ latencyMs }) => latencyMs),
    0.5,
  );

/**
 * Where it is not known which request was struck: all failures of the window are taken to be the fault's, as many as it struck.
 */
const estimated = (
  scored: readonly Observation[],
  fault: Fault,
  outcome: StretchOutcome,
  edge: CalmEdge,
): Omit<ProbeCounts, "callsPerRequest"> => {
  const affected = outcome.windows
    .flatMap(({ receipts }) => receipts)
    .reduce((sum, receipt) => sum + receipt.affected, 0);
  const reachable = Math.round(scored.length * edge.requestShare);
  const struck = affected === 0 ? 0 : fault.fraction >= 1 ? reachable : Math.min(affected, scored.length);
  const failed = scored.filter((each) => isFailure(each.outcome));
  const degraded = scored.filter((each) => each.outcome === "degraded").length;
  const lost = Math.min(struck, failed.length);
  return {
    struck,
    ok: Math.max(0, struck - lost - degraded),
    degraded: Math.min(degraded, struck - lost),
    timedOut: Math.min(struck, failed.filter(isTimeout).length),
    medianMs: failed.length === 0 ? null : medianMs(failed),
  };
};
