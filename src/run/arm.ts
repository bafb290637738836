/**
 * One service under test with all that measures it: started, warmed up, and known well enough that faults can follow its
 * requests. A run has one arm; a run in pairs two, which take turns.
 */
import { SquallError } from "../core/errors.ts";
import type { Observation } from "../core/observation.ts";
import { isFailure } from "../core/outcome.ts";
import type { Suite } from "../core/suite.ts";
import type { RequestSet, RequestTemplate } from "../core/workload.ts";
import { summariseAttribution } from "./calls.ts";
import type { EdgeFront, LoadGenerator, OnProgress, RunningSystem, Runtime, StartLoad } from "./ports.ts";
import { questionTexts } from "./question-texts.ts";
import { extraSecond } from "./settle.ts";

/** Share of failing calm requests beyond which nothing is injected: the service is unhealthy on its own. */
const UNHEALTHY_SHARE = 0.2;
/** Share of calls whose client request must be known for faults to follow their request. */
const ATTRIBUTABLE_SHARE = 0.9;

export interface ArmOptions {
  /** For progress and messages: "" where there is only one. */
  readonly name: string;
  readonly suite: Suite;
  readonly suiteDirectory: string;
  readonly runDirectory: string;
  readonly requestSet: RequestSet;
  readonly seed: number;
  readonly runtime: Runtime;
  /** As in RuntimeStart. */
  readonly front: EdgeFront | null;
  readonly startLoad: StartLoad;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Disposing it ends every process it started. */
export interface Arm extends AsyncDisposable {
  readonly name: string;
  readonly system: RunningSystem;
  readonly load: LoadGenerator;
  readonly requests: readonly RequestTemplate[];
  /** Edges on which faults can follow their request. */
  readonly attributable: ReadonlySet<string>;
}

const tellUnhealthy = (observations: readonly Observation[], clientUrl: string, name: string): void => {
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
    `The ${name === "" ? "service" : `${name}'s service`} fails calm traffic: no fault was injected, and nothing was judged.`,
    {
      place: clientUrl,
      detail,
      remedy: "Make the request set pass against the service first; its logs are in the run's directory.",
    },
  );
};

/** Runs the set once, in order: warms up, teaches the sidecar whose calls are whose, and records the calm answers. */
const calmPass = async (
  options: ArmOptions,
  system: RunningSystem,
  load: LoadGenerator,
): Promise<ReadonlySet<string>> => {
  const { sidecar } = system;
  const texts = questionTexts(options.requestSet.requests);
  await sidecar.setAttribution({ learn: true, texts });
  const calm = await load.calmPass(options.signal);
  await sidecar.setAttribution({ learn: false, texts });
  tellUnhealthy(calm, system.clientUrl, options.name);
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

/**
 * Starts service, dependencies, sidecar and generator, and runs the request set once.
 *
 * @throws SquallError: start and readiness errors, `service-unhealthy`; nothing is left behind then
 */
export const startArm = async (options: ArmOptions): Promise<Arm> => {
  const { name, suite, requestSet, seed, signal, onProgress } = options;
  const what = name === "" ? "the service" : `the ${name}`;
  onProgress({ phase: "start", text: `starting ${what}, its dependencies and the sidecar` });
  await using stack = new AsyncDisposableStack();
  const system = stack.use(
    await options.runtime.start({
      suite,
      suiteDirectory: options.suiteDirectory,
      runDirectory: options.runDirectory,
      seed,
      front: options.front,
      signal,
      progress: (text) => onProgress({ phase: "start", text }),
    }),
  );
  const load = stack.use(
    await options.startLoad({
      baseUrl: system.clientUrl,
      requests: requestSet.requests,
      workload: suite.workload,
      seed,
    }),
  );
  const whose = name === "" ? "" : ` of the ${name}`;
  const { length } = requestSet.requests;
  onProgress({
    phase: "calm-pass",
    text: `calm pass${whose} over ${length} request${length === 1 ? "" : "s"}`,
  });
  const attributable = await calmPass(options, system, load);
  const owned = stack.move();
  return {
    name,
    system,
    load,
    requests: requestSet.requests,
    attributable,
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  };
};
