import { createHash } from "node:crypto";
import type { Fault } from "../core/fault.ts";
import type {
  DependencySpec,
  Experiment,
  Frontier,
  Hypothesis,
  HypothesisMetric,
  Policy,
  ServiceSpec,
  Suite,
} from "../core/suite.ts";
import type { DegradedMarker, Workload } from "../core/workload.ts";
import { type ParsedFault, toFault } from "./fault-schema.ts";
import { readFrontier } from "./frontier/read.ts";
import { jobOf, triggerOf } from "./job/build.ts";
import { dependencyProtocol, serviceOf, sourceOf } from "./process-build.ts";
import { readRate } from "./quantities.ts";
import { recoveryOf } from "./recovery/schema.ts";
import { referenceOf } from "./reference-schema.ts";
import { canonicalJson } from "./request-set/canonical.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";
import type { ParsedExperiment, ParsedSuite, ParsedWorkload } from "./suite-schema.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** A default of ours, in its unit's number. */
const preset = (reading: ReturnType<typeof readRate>): number => (reading.ok ? reading.value : Number.NaN);

const degradedOf = (parsed: NonNullable<ParsedWorkload["degraded"]>): DegradedMarker =>
  withoutUndefined({
    header: parsed.header === undefined ? undefined : withoutUndefined(parsed.header),
    jsonPath: parsed.json === undefined ? undefined : withoutUndefined(parsed.json),
    text: parsed.text,
  });

const workloadOf = (parsed: ParsedWorkload): Workload => {
  const { deadlines } = parsed;
  return withoutUndefined({
    requestsPath: parsed.requests ?? "",
    arrivals: parsed.arrivals,
    rateRps: parsed.rate ?? preset(readRate(SUITE_DEFAULTS.workload.rate)),
    concurrency: parsed.concurrency ?? SUITE_DEFAULTS.workload.concurrency,
    connections: parsed.connections,
    maxInFlight: parsed.maxInFlight,
    deadlines: {
      connectMs: deadlines.connect,
      headersMs: deadlines.headers,
      firstContentMs: deadlines.firstContent,
      silenceMs: deadlines.silence,
      totalMs: deadlines.total,
    },
    sloMs: parsed.slo,
    degraded: parsed.degraded === undefined ? undefined : degradedOf(parsed.degraded),
    streamEnd: parsed.streamEnd,
    headers: parsed.headers,
  });
};

/** Hypotheses in the order in which the metrics are written. `written` is the unparsed `expect`, for their words. */
const hypothesesOf = (expect: ParsedExperiment["expect"], written: unknown): Hypothesis[] => {
  const words = (value: unknown, key: string): string => {
    const text: unknown = Object(value)[key];
    return typeof text === "string" ? text.trim() : "";
  };
  return Object.entries(expect ?? {}).flatMap(([metric, comparison]): Hypothesis[] => {
    if (comparison === undefined) return [];
    if ("limit" in comparison && typeof comparison.limit === "number")
      return [
        {
          metric: metric as HypothesisMetric,
          ...(comparison as Pick<Hypothesis, "comparator" | "limit">),
          text: `${metric} ${words(written, metric)}`,
        },
      ];
    return Object.entries(
      comparison as Readonly<Record<string, Pick<Hypothesis, "comparator" | "limit">>>,
    ).map(([edge, each]) => ({
      metric: "callsPerRequest" as const,
      ...each,
      edge,
      text: `callsPerRequest at ${edge} ${words(Object(written).callsPerRequest, edge)}`,
    }));
  });
};

/** A fault placed among the suite's dependencies. */
export const placeFault = (fault: ParsedFault, dependencies: readonly DependencySpec[]): Fault => {
  const target = dependencies.find(({ name }) => name === fault.on);
  return toFault(fault, {
    tcp: target?.protocol === "tcp",
    shape: target?.source.type === "stub" ? target.source.stub.shape : "openai",
  });
};

/** An experiment of the file's own; packs are expanded elsewhere. */
export const experimentOf = (
  parsed: ParsedExperiment,
  written: unknown,
  dependencies: readonly DependencySpec[],
): Experiment =>
  withoutUndefined({
    name: parsed.name ?? "",
    faults: (parsed.faults ?? []).map((fault) => placeFault(fault, dependencies)),
    expect: hypothesesOf(parsed.expect, Object(written).expect),
    trigger: parsed.at === undefined ? undefined : (triggerOf(parsed.at) ?? undefined),
    strikeMs: parsed.duration,
  });

/** Null: there is none, or its problems were told by the checks. */
export const frontierOf = (
  parsed: ParsedExperiment,
  written: unknown,
  dependencies: readonly DependencySpec[],
): Frontier | null => {
  if (parsed.frontier === undefined) return null;
  const reading = readFrontier(parsed.frontier);
  if (!reading.ok) return null;
  return {
    name: parsed.name ?? "",
    range: reading.frontier.range,
    faults: reading.frontier.faults.map((fault) => placeFault(fault, dependencies)),
    expect: hypothesesOf(parsed.expect, Object(written).expect),
  };
};

const policyOf = ({ gate }: ParsedSuite): Policy => ({
  budgetMs: gate.budget,
  alpha: gate.alpha,
  latency: { relative: gate.minEffect.latency.relative, absoluteMs: gate.minEffect.latency.absolute },
  errorRate: gate.minEffect.errorRate,
  degradedRate: gate.minEffect.degradedRate,
  slowShare: gate.minEffect.slowShare,
  callsPerRequest: gate.minEffect.callsPerRequest,
  recovery: { relative: gate.minEffect.recovery.relative, absoluteMs: gate.minEffect.recovery.absolute },
  frontier: gate.minEffect.frontier,
  onInconclusive: gate.onInconclusive,
  onNoBaseline: gate.onNoBaseline,
  onWeakened: gate.onWeakened,
  acceptance: gate.acceptance,
  diagnosisMs: gate.diagnosis,
  earlyStop: gate.earlyStop,
  pooledRuns: gate.pooledRuns,
  maxBaselineAgeMs: gate.maxBaselineAge,
  maxBaselineCommits: gate.maxBaselineCommits,
  maxLagP99Ms: gate.maxLagP99,
  minAchievedRate: gate.minAchieved,
});

export const dependenciesOf = (parsed: ParsedSuite): DependencySpec[] =>
  Object.entries(parsed.dependencies).map(([name, each]) => ({
    name,
    protocol: dependencyProtocol(each),
    source: sourceOf(name, each),
  }));

/** What the service's container may use, which a measurement depends on as on the machine. */
const limitsOf = ({ container }: ServiceSpec): object => {
  const { cpus, memoryBytes, cpuset } = container ?? {};
  return withoutUndefined({ cpus, memoryBytes, cpuset });
};

type Unhashed = Omit<Suite, "hash" | "frameHash">;

const sha256 = (value: object): string => createHash("sha256").update(canonicalJson(value)).digest("hex");

/**
 * sha256 over what fixes the measurement: two runs with equal hashes measure the same thing. The service's command and
 * environment are what a pull request changes, so only its shape counts; gate policy may change without a new baseline,
 * and the request set has a hash of its own. `frameHash` is the same but for the experiments.
 */
const hashesOf = (suite: Unhashed): Pick<Suite, "hash" | "frameHash"> => {
  const { workload, job, experiments, frontiers, dependencies, service, runtime } = suite;
  const frame = {
    version: 1,
    runtime,
    workload,
    dependencies,
    service: {
      replicas: service.replicas,
      health: service.healthPath ?? "",
      ready: service.readyPath ?? "",
      ...limitsOf(service),
    },
    // Suites of services keep the hash that they had before there were jobs; so do their experiments, below.
    ...(job === undefined ? {} : { job }),
  };
  const measured = {
    ...frame,
    experiments: experiments.map(({ name, faults, trigger, strikeMs }) =>
      withoutUndefined({ name, faults, trigger, strikeMs }),
    ),
    // Suites without any keep the hash, and so the baselines, that they had before there were frontiers.
    ...(frontiers.length === 0 ? {} : { frontiers }),
  };
  return { hash: sha256(measured), frameHash: sha256(frame) };
};

/** The one way to a suite with its hashes, whatever `suite` said they were. */
export const hashed = (suite: Unhashed): Suite => ({ ...suite, ...hashesOf(suite) });

/** The core's suite from a parsed one and its experiments, packs already expanded. */
export const buildSuite = (
  parsed: ParsedSuite,
  experiments: readonly Experiment[],
  frontiers: readonly Frontier[],
): Suite => {
  const service = serviceOf(parsed.service);
  const job = parsed.workload.job === undefined ? undefined : jobOf(parsed.workload.job);
  const suite: Unhashed = withoutUndefined({
    version: 1 as const,
    name: parsed.name,
    runtime: parsed.runtime,
    service: job === undefined ? service : { ...service, replicas: job.workers },
    dependencies: dependenciesOf(parsed),
    workload: workloadOf(parsed.workload),
    job,
    experiments,
    frontiers,
    policy: policyOf(parsed),
    docker: withoutUndefined(parsed.docker),
    toxiproxy: withoutUndefined(parsed.toxiproxy),
    reference: parsed.reference === undefined ? undefined : referenceOf(parsed.reference),
    recovery: parsed.recovery === undefined ? undefined : recoveryOf(parsed.recovery),
    detectors: parsed.detectors,
    seed: parsed.seed,
    redact: parsed.redact,
  });
  return hashed(suite);
};
