/**
 * One run: plan, start, calm pass, stretches, profile. It sees ports only; who implements them is the surface's choice.
 */
import { createHash } from "node:crypto";
import { SquallError } from "../core/errors.ts";
import type { Observation } from "../core/observation.ts";
import { isFailure } from "../core/outcome.ts";
import type { Profile, Provenance } from "../core/profile.ts";
import type { Suite } from "../core/suite.ts";
import type { RequestSet } from "../core/workload.ts";
import { summariseAttribution } from "./calls.ts";
import { type EngineOf, matchEngines } from "./match-engines.ts";
import { Measurements } from "./measurements.ts";
import { makePlan, scheduleText } from "./plan/plan.ts";
import { restrictPlan } from "./plan/restrict.ts";
import type {
  EdgeFront,
  Engine,
  LoadGenerator,
  OnProgress,
  RunningSystem,
  Runtime,
  StartLoad,
} from "./ports.ts";
import { spinProbeMs } from "./probe.ts";
import { questionTexts } from "./question-texts.ts";
import { runStretches, type StretchesInput } from "./run-stretches.ts";
import { HealthSampler, UsageSampler } from "./samplers.ts";
import { extraSecond } from "./settle.ts";

export interface RunOptions {
  readonly suite: Suite;
  readonly suiteDirectory: string;
  readonly runDirectory: string;
  readonly requestSet: RequestSet;
  readonly seed: number;
  /** Experiments to measure, out of the whole suite's plan; absent: all. */
  readonly only?: readonly string[];
  readonly runtime: Runtime;
  readonly engines: readonly Engine[];
  /** As in RuntimeStart. */
  readonly front: EdgeFront | null;
  readonly startLoad: StartLoad;
  readonly provenance: Omit<Provenance, "durationMs" | "startedAt">;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Share of failing calm requests beyond which nothing is injected: the service is unhealthy on its own. */
const UNHEALTHY_SHARE = 0.2;
/** Share of calls whose client request must be known for faults to follow their request. */
const ATTRIBUTABLE_SHARE = 0.9;

const tellUnhealthy = (observations: readonly Observation[], clientUrl: string): void => {
  const failed = observations.filter(({ outcome }) => isFailure(outcome) || outcome === "unsent");
  if (failed.length <= UNHEALTHY_SHARE * observations.length) return;
  const counts = Map.groupBy(failed, ({ outcome, status }) =>
    outcome === "status" ? `status ${status}` : outcome,
  );
  const detail = [...counts].map(([what, them]) => {
    const ids = them.slice(0, 3).map(({ requestId }) => requestId);
    return `${what}: ${them.length} of ${observations.length} (requests ${ids.join(", ")}${them.length > 3 ? ", ..." : ""})`;
  });
  throw new SquallError(
    "service-unhealthy",
    "The service fails calm traffic: no fault was injected, and nothing was judged.",
    {
      place: clientUrl,
      detail,
      remedy: "Make the request set pass against the service first; its logs are in the run's directory.",
    },
  );
};

/** Runs the set once, in order: warms up, teaches the sidecar whose calls are whose, and records the calm answers. */
const calmPass = async (
  options: RunOptions,
  system: RunningSystem,
  load: LoadGenerator,
): Promise<ReadonlySet<string>> => {
  const { sidecar } = system;
  const texts = questionTexts(options.requestSet.requests);
  await sidecar.setAttribution({ learn: true, texts });
  const calm = await load.calmPass(options.signal);
  await sidecar.setAttribution({ learn: false, texts });
  tellUnhealthy(calm, system.clientUrl);
  await sidecar.takeRecords();
  // A second of the real rate: warms what only concurrency reaches, and shows whether attribution holds there.
  await load.run(extraSecond(options.requestSet.requests, options.suite.workload), options.signal);
  const records = await sidecar.takeRecords();
  const edges = options.suite.dependencies
    .filter(({ protocol }) => protocol === "http")
    .map(({ name }) => name);
  const known = summariseAttribution(records, edges).filter(
    ({ calls, none }) => calls > 0 && (calls - none) / calls >= ATTRIBUTABLE_SHARE,
  );
  return new Set(["client", ...known.map(({ edge }) => edge)]);
};

/** All stretches, with samples beside them and the deaths of processes. */
const measure = async (input: StretchesInput): Promise<void> => {
  const { options, system, measurements, runStartMs } = input;
  const { healthPath, readyPath } = options.suite.service;
  const health = new HealthSampler(system, { health: healthPath, ready: readyPath }, runStartMs);
  const usage = new UsageSampler(system, runStartMs);
  {
    await using _health = health;
    await using _usage = usage;
    await runStretches(input);
  }
  measurements.addSamples(health.looks, usage.samples);
  measurements.addExits(system.processes.exits());
};

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Seed that base and head share without being told: from what fixes the measurement. */
export const suiteSeed = (suite: Suite, requestSet: RequestSet): number =>
  suite.seed ?? Number.parseInt(hashOf(suite.hash + requestSet.hash).slice(0, 8), 16);

/** Hash by which two runs are told comparable: suite and request set. */
export const measuredHash = (suite: Suite, requestSet: RequestSet): string =>
  hashOf(`${suite.hash}/${requestSet.hash}`);

/** As `measuredHash`, without the experiments: runs of one frame share workload, request set, dependencies and shape. */
export const measuredFrameHash = (suite: Suite, requestSet: RequestSet): string =>
  hashOf(`frame/${suite.frameHash}/${requestSet.hash}`);

/**
 * Measures one suite once.
 *
 * @throws SquallError: `fault-unsupported` before anything is started, start and readiness errors, `service-unhealthy`,
 *   `fault-not-cleared`, `replay-failed`, `interrupted`. Whatever was started is ended in every case.
 */
export const runSuite = async (options: RunOptions): Promise<Profile> => {
  const { suite, requestSet, seed, signal, onProgress } = options;
  const startedAt = new Date();
  const runStartMs = startedAt.getTime();
  const { only } = options;
  const asked = suite.experiments.filter(({ name }) => only?.includes(name) ?? true);
  const engineOf: EngineOf = matchEngines({ ...suite, experiments: asked }, options.runtime, options.engines);
  const probeMs = spinProbeMs();

  onProgress({ phase: "start", text: "starting the service, its dependencies and the sidecar" });
  await using system = await options.runtime.start({
    suite,
    suiteDirectory: options.suiteDirectory,
    runDirectory: options.runDirectory,
    seed,
    front: options.front,
    signal,
    progress: (text) => onProgress({ phase: "start", text }),
  });
  await using load = await options.startLoad({
    baseUrl: system.clientUrl,
    requests: requestSet.requests,
    workload: suite.workload,
    seed,
  });

  onProgress({ phase: "calm-pass", text: `calm pass over ${requestSet.requests.length} requests` });
  const attributable = await calmPass(options, system, load);
  const whole = makePlan({
    suite,
    requests: requestSet.requests,
    seed,
    attributable: (edge) => attributable.has(edge),
  });
  const plan = only === undefined ? whole : restrictPlan(whole, only);
  const measurements = new Measurements(plan, runStartMs, [
    "client",
    ...suite.dependencies.map(({ name }) => name),
  ]);
  for (const { name } of suite.dependencies) {
    if (!attributable.has(name)) {
      measurements.note(
        `Calls to ${name} could not be attributed to client requests: faults there strike every k-th call, with less power.`,
      );
    }
  }
  await measure({ options, system, load, engineOf, plan, measurements, runStartMs });
  onProgress({ phase: "stop", text: "stopping" });

  return measurements.profile({
    suite: suite.name,
    suiteHash: measuredHash(suite, requestSet),
    frameHash: measuredFrameHash(suite, requestSet),
    // Of the whole plan: what was left out does not make what was measured any less a twin.
    scheduleHash: hashOf(scheduleText(whole)),
    fingerprint: system.fingerprint,
    provenance: {
      ...options.provenance,
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - runStartMs,
    },
    probeMs,
    deadlines: suite.workload.deadlines,
    sloMs: suite.workload.sloMs,
  });
};
