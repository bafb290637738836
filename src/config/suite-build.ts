import { createHash } from "node:crypto";
import type { Fault } from "../core/fault.ts";
import type {
  ContainerSpec,
  DependencySource,
  DependencySpec,
  Experiment,
  Hypothesis,
  HypothesisMetric,
  ImageSource,
  Policy,
  ProcessSpec,
  ServiceSpec,
  StubModel,
  Suite,
} from "../core/suite.ts";
import type { DegradedMarker, Workload } from "../core/workload.ts";
import { type ParsedFault, toFault } from "./fault-schema.ts";
import { readDuration, readRate } from "./quantities.ts";
import { canonicalJson } from "./request-set/canonical.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";
import type {
  ParsedDependency,
  ParsedExperiment,
  ParsedService,
  ParsedSuite,
  ParsedWorkload,
} from "./suite-schema.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** A default of ours, in its unit's number. */
const preset = (reading: ReturnType<typeof readDuration>): number =>
  reading.ok ? reading.value : Number.NaN;

type ProcessKeys = Pick<ParsedDependency, "command" | "cwd" | "env" | "port" | "ready" | "readyTimeout">;

const processOf = (command: readonly string[], keys: ProcessKeys): ProcessSpec =>
  withoutUndefined({
    command,
    cwd: keys.cwd ?? SUITE_DEFAULTS.service.cwd,
    env: keys.env ?? {},
    port: keys.port ?? SUITE_DEFAULTS.service.port,
    ready: keys.ready,
    readyTimeoutMs: keys.readyTimeout ?? preset(readDuration(SUITE_DEFAULTS.service.readyTimeout)),
  });

const containerOf = (source: ImageSource, keys: ProcessKeys): ContainerSpec =>
  withoutUndefined({
    source,
    files: [],
    volumes: [],
    env: keys.env ?? {},
    port: keys.port ?? 0,
    ready: keys.ready,
    readyTimeoutMs: keys.readyTimeout ?? preset(readDuration(SUITE_DEFAULTS.service.readyTimeout)),
  });

const imageSourceOf = (parsed: ParsedService): ImageSource | undefined => {
  if (parsed.image !== undefined) return { type: "image", image: parsed.image };
  if (parsed.build === undefined) return undefined;
  return { type: "build", context: parsed.build, dockerfile: "Dockerfile", args: {}, cache: true };
};

const serviceOf = (parsed: ParsedService): ServiceSpec => {
  const source = imageSourceOf(parsed);
  return withoutUndefined({
    process: parsed.command === undefined ? undefined : processOf(parsed.command, parsed),
    container: source === undefined ? undefined : containerOf(source, parsed),
    replicas: parsed.replicas,
    healthPath: parsed.health,
    readyPath: parsed.ready,
  });
};

const stubOf = (shape: StubModel["shape"], parsed: ParsedDependency): StubModel => {
  const defaults = SUITE_DEFAULTS.stub;
  const [least = 1, most = least] = defaults.tokens.split("..").map(Number);
  const ms = (value: number | undefined, otherwise: string): number =>
    value ?? preset(readDuration(otherwise));
  return {
    shape,
    firstTokenMs: ms(parsed.firstToken, defaults.firstToken),
    firstTokenJitterMs: ms(parsed.firstTokenJitter, defaults.firstTokenJitter),
    perTokenMs: ms(parsed.perToken, defaults.perToken),
    perTokenJitterMs: ms(parsed.perTokenJitter, defaults.perTokenJitter),
    minTokens: parsed.tokens?.min ?? least,
    maxTokens: parsed.tokens?.max ?? most,
    slots: parsed.slots ?? defaults.slots,
    queue: parsed.queue ?? defaults.queue,
    embeddingDimensions: parsed.embeddingDimensions ?? defaults.embeddingDimensions,
  };
};

/** The one source of a dependency that passed its checks. */
const sourceOf = (parsed: ParsedDependency): DependencySource => {
  if (parsed.command !== undefined) return { type: "command", process: processOf(parsed.command, parsed) };
  if (parsed.url !== undefined) return { type: "url", url: parsed.url };
  if (parsed.cassette !== undefined) return { type: "cassette", path: parsed.cassette };
  if (parsed.image !== undefined)
    return { type: "container", container: containerOf({ type: "image", image: parsed.image }, parsed) };
  return { type: "stub", stub: stubOf(parsed.stub ?? "openai", parsed) };
};

export const dependencyProtocol = (parsed: ParsedDependency): "http" | "tcp" =>
  parsed.protocol ?? (parsed.url?.startsWith("tcp:") === true ? "tcp" : SUITE_DEFAULTS.dependency.protocol);

const degradedOf = (parsed: NonNullable<ParsedWorkload["degraded"]>): DegradedMarker =>
  withoutUndefined({
    header: parsed.header === undefined ? undefined : withoutUndefined(parsed.header),
    jsonPath: parsed.json === undefined ? undefined : withoutUndefined(parsed.json),
    text: parsed.text,
  });

const workloadOf = (parsed: ParsedWorkload): Workload => {
  const { deadlines } = parsed;
  return withoutUndefined({
    requestsPath: parsed.requests,
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
): Experiment => ({
  name: parsed.name ?? "",
  faults: (parsed.faults ?? []).map((fault) => placeFault(fault, dependencies)),
  expect: hypothesesOf(parsed.expect, Object(written).expect),
});

const policyOf = ({ gate }: ParsedSuite): Policy => ({
  budgetMs: gate.budget,
  alpha: gate.alpha,
  latency: { relative: gate.minEffect.latency.relative, absoluteMs: gate.minEffect.latency.absolute },
  errorRate: gate.minEffect.errorRate,
  degradedRate: gate.minEffect.degradedRate,
  slowShare: gate.minEffect.slowShare,
  callsPerRequest: gate.minEffect.callsPerRequest,
  recovery: { relative: gate.minEffect.recovery.relative, absoluteMs: gate.minEffect.recovery.absolute },
  onInconclusive: gate.onInconclusive,
  onNoBaseline: gate.onNoBaseline,
  pooledRuns: gate.pooledRuns,
  maxLagP99Ms: gate.maxLagP99,
  minAchievedRate: gate.minAchieved,
});

export const dependenciesOf = (parsed: ParsedSuite): DependencySpec[] =>
  Object.entries(parsed.dependencies).map(([name, each]) => ({
    name,
    protocol: dependencyProtocol(each),
    source: sourceOf(each),
  }));

/**
 * sha256 over what fixes the measurement: two runs with equal hashes measure the same thing. The service's command and
 * environment are what a pull request changes, so only its shape counts; gate policy may change without a new baseline,
 * and the request set has a hash of its own.
 */
const hashOf = (suite: Omit<Suite, "hash">): string => {
  const { workload, experiments, dependencies, service, runtime } = suite;
  const fixed = {
    version: 1,
    runtime,
    workload,
    dependencies,
    service: { replicas: service.replicas, health: service.healthPath ?? "", ready: service.readyPath ?? "" },
    experiments: experiments.map(({ name, faults }) => ({ name, faults })),
  };
  return createHash("sha256").update(canonicalJson(fixed)).digest("hex");
};

/** The core's suite from a parsed one and its experiments, packs already expanded. */
export const buildSuite = (parsed: ParsedSuite, experiments: readonly Experiment[]): Suite => {
  const suite: Omit<Suite, "hash"> = withoutUndefined({
    version: 1 as const,
    name: parsed.name,
    runtime: parsed.runtime,
    service: serviceOf(parsed.service),
    dependencies: dependenciesOf(parsed),
    workload: workloadOf(parsed.workload),
    experiments,
    policy: policyOf(parsed),
    docker: {},
    toxiproxy: { image: SUITE_DEFAULTS.toxiproxy.image },
    seed: parsed.seed,
    redact: parsed.redact,
  });
  return { ...suite, hash: hashOf(suite) };
};
