/**
 * Looks at a service before there are experiments: calm traffic, the logs it leaves, and short gentle probes of each edge's
 * protection. Nothing is judged.
 *
 *   startArm -> calm window -> logs -> probes, gentle ones first, busiest edge first -> Observed
 */
import {
  type LogFinding,
  type Observed,
  type ObservedEdge,
  type ObservedProcess,
  PROBE_QUESTIONS,
  type ProbeQuestion,
  type ProbeResult,
} from "../../config/discover/observed.ts";
import { survivedShare } from "../../config/discover/protection.ts";
import { requestKey } from "../../core/exchange.ts";
import type { Fault } from "../../core/fault.ts";
import { FAULT_CATALOGUE } from "../../core/fault-catalogue.ts";
import type { Observation } from "../../core/observation.ts";
import { isFailure } from "../../core/outcome.ts";
import { type Arm, type ArmOptions, startArm } from "../arm.ts";
import type { EngineOf } from "../match-engines.ts";
import type { PlanInput } from "../plan/plan.ts";
import { layProbeWindow } from "../plan/probe-window.ts";
import { type SingleOrder, singleOrder } from "../plan/single-window.ts";
import type { Engine, RunningSystem } from "../ports.ts";
import { runStretch, type StretchContext, type StretchOutcome } from "../run-stretch.ts";
import { UsageSampler } from "../samplers.ts";
import { settle } from "../settle.ts";
import { type CalmEdge, type CalmTraffic, calmEdge } from "./edges.ts";
import { probeCostMs, probeFault, probeWindowMs, readProbe } from "./probe-faults.ts";
import { CALM_MS, isDegraded, observedOf, processesOf, shareOf } from "./summary.ts";

export interface DiscoverOptions extends Omit<ArmOptions, "name" | "front"> {
  readonly engines: readonly Engine[];
  /** For calm window and probes together; starting and warming up come on top. */
  readonly budgetMs: number;
  /** Counts known error patterns in logs. */
  readonly scanLogs: (logs: RunningSystem["logFiles"]) => Promise<readonly LogFinding[]>;
}

/** Probes tell none from most: how late a request leaves hardly matters to them. */
const LAG_FACTOR = 40;

const engineFor =
  (engines: readonly Engine[]): EngineOf =>
  (fault) =>
    engines.find(
      (engine) => FAULT_CATALOGUE[fault.kind].engines.includes(engine.name) && engine.supports(fault).ok,
    ) ?? null;

const contextOf = ({ suite, engines, signal }: DiscoverOptions, arm: Arm): StretchContext => ({
  system: arm.system,
  load: arm.load,
  engineOf: engineFor(engines),
  policy: { ...suite.policy, maxLagP99Ms: LAG_FACTOR * suite.policy.maxLagP99Ms },
  runStartMs: Date.now(),
  totalDeadlineMs: suite.workload.deadlines.totalMs,
  sloMs: suite.workload.sloMs,
  signal,
  httpEdges: suite.dependencies.filter(({ protocol }) => protocol === "http").map(({ name }) => name),
});

const keysOf = (observations: readonly Observation[]): ReadonlySet<string> =>
  new Set(observations.map(({ requestId, repetition }) => requestKey(requestId, repetition)));

interface Calm {
  readonly outcome: StretchOutcome;
  readonly edges: readonly CalmEdge[];
  readonly processes: readonly ObservedProcess[];
}

/** The service under observation: its windows, and who calls which edge. */
class Watch {
  readonly #options: DiscoverOptions;
  readonly #arm: Arm;
  readonly #context: StretchContext;
  readonly #input: PlanInput;
  readonly #order: SingleOrder;
  readonly #users = new Map<string, Set<string>>();
  readonly #startedMs = Date.now();
  #windows = 0;
  #calmDegraded = 0;
  /** Why no more is asked; null: go on. */
  #ended: string | null = null;

  constructor(options: DiscoverOptions, arm: Arm) {
    this.#options = options;
    this.#arm = arm;
    this.#context = contextOf(options, arm);
    this.#input = {
      suite: options.suite,
      requests: arm.requests,
      seed: options.seed,
      attributable: (edge) => arm.attributable.has(edge),
    };
    this.#order = singleOrder(this.#input, "probe");
  }

  async calm(): Promise<Calm> {
    const { suite, onProgress } = this.#options;
    const { sidecar } = this.#arm.system;
    onProgress({ phase: "window", text: `watching ${CALM_MS / 1000} s of calm traffic` });
    const before = await sidecar.active();
    const usage = new UsageSampler(this.#arm.system, this.#context.runStartMs);
    let outcome: StretchOutcome;
    try {
      outcome = await this.#window("calm", null, CALM_MS);
    } finally {
      await usage[Symbol.asyncDispose]();
    }
    this.#calmDegraded = shareOf(outcome.observations, isDegraded);
    const traffic: CalmTraffic = {
      records: outcome.records,
      requestKeys: keysOf(outcome.observations),
      attributable: this.#arm.attributable,
      before,
      after: await sidecar.active(),
    };
    return {
      outcome,
      edges: suite.dependencies.flatMap((spec) => calmEdge(spec, traffic) ?? []),
      processes: processesOf(usage.samples),
    };
  }

  async probe(edge: CalmEdge, question: ProbeQuestion): Promise<ProbeResult> {
    const { suite, budgetMs, onProgress } = this.#options;
    const spec = suite.dependencies.find(({ name }) => name === edge.edge);
    const fault = spec === undefined ? null : probeFault(question, spec, suite);
    const notAsked = (why: string): ProbeResult => ({ question, state: "not-asked", why });
    if (fault === null) return notAsked("it is asked of HTTP alone");
    if (this.#ended !== null) return notAsked(this.#ended);
    if (Date.now() - this.#startedMs + probeCostMs(question, suite) > budgetMs)
      return notAsked("the time was used up (more: --budget)");
    onProgress({ phase: "window", text: `probing ${edge.edge}: ${ASKING[question]}` });
    const outcome = await this.#window(`${question}-${edge.edge}`, fault, probeWindowMs(suite));
    const counts = readProbe({ edge, fault, outcome, users: this.#users.get(edge.edge) ?? new Set() });
    await this.#comeToRest(outcome, edge.edge);
    return { question, state: "answered", counts };
  }

  async #window(name: string, fault: Fault | null, durationMs: number): Promise<StretchOutcome> {
    const stretch = layProbeWindow(this.#input, this.#order, {
      name,
      fault,
      durationMs,
      number: this.#windows++,
    });
    const outcome = await runStretch(this.#context, stretch);
    this.#learnUsers(outcome);
    return outcome;
  }

  #learnUsers({ records, observations }: StretchOutcome): void {
    const idOf = new Map(
      observations.map(({ requestId, repetition }) => [requestKey(requestId, repetition), requestId]),
    );
    for (const { edge, requestKey: key } of records) {
      const id = key === null ? undefined : idOf.get(key);
      if (id === undefined) continue;
      const users = this.#users.get(edge) ?? new Set<string>();
      this.#users.set(edge, users.add(id));
    }
  }

  /** What one probe leaves behind must not be taken for the next one's doing. */
  async #comeToRest({ observations }: StretchOutcome, edge: string): Promise<void> {
    const unharmed = observations.every(({ outcome }) => !isFailure(outcome) && outcome !== "degraded");
    if (unharmed) return;
    const { suite, signal } = this.#options;
    const { load, requests, system } = this.#arm;
    const { seconds } = await settle(load, requests, suite.workload, this.#calmDegraded, signal);
    await system.sidecar.takeRecords();
    if (seconds !== null) return;
    const exit = system.processes.exits().findLast(({ injected }) => !injected);
    this.#ended =
      exit === undefined
        ? `the service did not come to rest after a probe of ${edge}`
        : `the process ${exit.name} ended by itself after a probe of ${edge}`;
  }

  /** Why the probes ended early. */
  get ended(): string | null {
    return this.#ended;
  }
}

const ASKING: Readonly<Record<ProbeQuestion, string>> = {
  "single-failure": "does a single failure reach the client?",
  outage: "is there a fallback?",
  hang: "is a deadline in force?",
  "retry-after": "has Retry-After a cap?",
};

/** From here on single failures are survived by trying again, so that Retry-After can matter. */
const RETRIES = 0.5;

/** Does it make sense to ask how long the service obeys a Retry-After? */
const triesAgain = (results: readonly ProbeResult[]): boolean => {
  const single = results.find(({ question }) => question === "single-failure");
  return single?.state === "answered" && single.counts.struck > 0 && survivedShare(single.counts) >= RETRIES;
};

/** One question on all edges before the next: where the time ends, each edge has had its share. */
const probeAll = async (watch: Watch, edges: readonly CalmEdge[]): Promise<readonly ObservedEdge[]> => {
  const results = new Map(edges.map(({ edge }) => [edge, [] as ProbeResult[]]));
  for (const question of PROBE_QUESTIONS) {
    for (const edge of edges) {
      const mine = results.get(edge.edge) ?? [];
      const pointless = question === "retry-after" && edge.protocol === "http" && !triesAgain(mine);
      mine.push(
        pointless
          ? { question, state: "not-asked", why: "nothing tries again, so nothing waits" }
          : await watch.probe(edge, question),
      );
    }
  }
  return edges.map((edge) => ({ ...edge, probes: results.get(edge.edge) ?? [] }));
};

/**
 * Starts the suite's service, watches it and ends it.
 *
 * @throws SquallError as startArm and runStretch do
 */
export const observe = async (options: DiscoverOptions): Promise<Observed> => {
  const { suite, onProgress } = options;
  await using arm = await startArm({ ...options, name: "", front: null });
  const watch = new Watch(options, arm);
  const { outcome, edges, processes } = await watch.calm();
  onProgress({ phase: "window", text: "reading the logs" });
  // Before the probes: what those provoke is no finding.
  const logs = await options.scanLogs(arm.system.logFiles);
  const busiest = edges.toSorted((a, b) => b.requestShare - a.requestShare);
  const probed = await probeAll(watch, busiest);
  onProgress({ phase: "stop", text: "ending the service" });
  return observedOf(suite, outcome.observations, { edges: probed, processes, logs, ended: watch.ended });
};
