import type { Profile } from "../../../src/core/profile.ts";
import type { Experiment, Suite } from "../../../src/core/suite.ts";
import { makePlan, type Plan } from "../../../src/run/plan/plan.ts";
import type { ProgressEvent } from "../../../src/run/ports.ts";
import { type RunOptions, runPair, runSuite } from "../../../src/run/run-suite.ts";
import { stub } from "../services/service-suite.ts";
import { suiteWith, templates } from "../suites.ts";
import { engine, runtime, startLoad } from "./ports.ts";
import { type Script, World } from "./world.ts";

const SEED = 11;
const REQUESTS = templates(12);

/** A suite of short windows around one dependency, `llm`. */
export const memorySuite = (experiments: readonly Experiment[], overrides: Partial<Suite> = {}): Suite => ({
  ...suiteWith(experiments, { budgetMs: 20_000, rateRps: 20 }),
  dependencies: [stub("llm")],
  ...overrides,
});

/** The plan that such a run follows. */
export const planOf = (suite: Suite, attributable = true): Plan =>
  makePlan({
    suite,
    requests: REQUESTS,
    seed: SEED,
    attributable: (edge) => attributable || edge === "client",
  });

export interface MemoryRun {
  readonly world: World;
  readonly profile: Promise<Profile>;
  readonly progress: readonly ProgressEvent[];
}

const NOTHING = { onProgress: () => undefined };

/** What a run of the suite on this world is given. */
export const memoryOptions = (
  suite: Suite,
  world: World,
  { onProgress }: Pick<RunOptions, "onProgress"> = NOTHING,
): RunOptions => ({
  suite,
  suiteDirectory: "/",
  runDirectory: "/",
  requestSet: { requests: REQUESTS, hash: "1".repeat(64) },
  seed: SEED,
  runtime: runtime(world),
  engines: [engine(world, "sidecar"), engine(world, "runtime")],
  front: null,
  startLoad: startLoad(world),
  provenance: { tool: "test" },
  signal: new AbortController().signal,
  onProgress,
});

/** Measures the suite in memory. */
export const runInMemory = (
  suite: Suite,
  script: Script = {},
  only?: readonly string[],
  onLook?: RunOptions["onLook"],
): MemoryRun => {
  const world = new World(suite, script);
  const progress: ProgressEvent[] = [];
  const profile = runSuite({
    ...memoryOptions(suite, world, { onProgress: (event) => void progress.push(event) }),
    ...(only === undefined ? {} : { only }),
    onLook,
  });
  // Whoever looks at the world first must not be overtaken by an unhandled rejection.
  profile.catch(() => undefined);
  return { world, profile, progress };
};

/** Measures head and reference side by side, each in a world of its own. */
export const pairInMemory = async (
  suite: Suite,
  head: World,
  reference: World,
  onLook?: RunOptions["onLook"],
): ReturnType<typeof runPair> => {
  const starts = [startLoad(head), startLoad(reference)];
  return runPair({
    ...memoryOptions(suite, head),
    startLoad: async (options) => (starts.shift() ?? startLoad(reference))(options),
    onLook,
    reference: {
      suite,
      suiteDirectory: "/",
      runDirectory: "/",
      runtime: runtime(reference),
      engines: [engine(reference, "sidecar")],
      front: null,
      provenance: { tool: "test", commit: "abc" },
    },
  });
};
