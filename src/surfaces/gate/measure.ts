/** Puts the parts of a run together: which runtime, which engines, which generator. */
import path from "node:path";
import { runtimeEngine } from "../../adapters/engines/runtime.ts";
import { sidecarEngine } from "../../adapters/engines/sidecar.ts";
import { toxiproxy } from "../../adapters/engines/toxiproxy/toxiproxy.ts";
import { startLoad } from "../../adapters/load/start-load.ts";
import { SquallError } from "../../core/errors.ts";
import type { Profile } from "../../core/profile.ts";
import type { Suite } from "../../core/suite.ts";
import { runJobs } from "../../run/job/run-jobs.ts";
import type { EdgeFront, Engine, OnProgress } from "../../run/ports.ts";
import { type RunOptions, runPair, runSuite, suiteSeed } from "../../run/run-suite.ts";
import { chooseRuntime } from "./choose-runtime.ts";
import type { Reference } from "./pairs/open-reference.ts";
import { readProvenance } from "./provenance.ts";
import type { ReadSuite } from "./read-suite.ts";

export interface Measure {
  readonly read: ReadSuite;
  readonly seed: number | undefined;
  /** Experiments to measure; absent: all. */
  readonly only?: readonly string[] | undefined;
  readonly runtime: string | undefined;
  readonly runDirectory: string;
  /** Which commit is measured; absent: as git tells it. */
  readonly provenance?: RunOptions["provenance"];
  readonly onLook?: RunOptions["onLook"];
  readonly diagnose?: RunOptions["diagnose"];
  readonly recoveryCases?: RunOptions["recoveryCases"];
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Edges that need a Toxiproxy before them: where a fault of the experiments asked for names it. */
const toxiproxyEdges = (suite: Suite, only: readonly string[] | undefined): ReadonlySet<string> =>
  new Set(
    [...suite.experiments, ...suite.frontiers]
      .filter(({ name }) => only?.includes(name) ?? true)
      .flatMap(({ faults }) => faults)
      .flatMap(({ engine, on }) => (engine === "toxiproxy" ? [on] : [])),
  );

/** The engines, and what must stand before the sidecar for them. */
export const enginesFor = (
  suite: Suite,
  only: readonly string[] | undefined,
): { readonly engines: readonly Engine[]; readonly front: EdgeFront | null } => {
  const own = [sidecarEngine(), runtimeEngine()];
  const edges = toxiproxyEdges(suite, only);
  if (edges.size === 0) return { engines: own, front: null };
  const { engine, front } = toxiproxy(suite.toxiproxy, edges);
  return { engines: [...own, engine], front };
};

const optionsOf = async ({
  read,
  seed,
  only,
  runtime,
  runDirectory,
  provenance,
  onLook,
  diagnose,
  recoveryCases,
  signal,
  onProgress,
}: Measure): Promise<RunOptions> => ({
  suite: read.suite,
  suiteDirectory: read.directory,
  runDirectory: path.resolve(runDirectory),
  requestSet: read.requestSet,
  seed: seed ?? suiteSeed(read.suite, read.requestSet),
  only,
  runtime: await chooseRuntime(read.suite, runtime),
  ...enginesFor(read.suite, only),
  startLoad,
  provenance: provenance ?? (await readProvenance(read.directory)),
  onLook,
  diagnose,
  recoveryCases,
  signal,
  onProgress,
});

/** Measures the suite once, here. */
export const measure = async (options: Measure): Promise<Profile> => {
  const run = await optionsOf(options);
  return run.suite.job === undefined ? runSuite(run) : runJobs(run);
};

/** Measures the suite's service beside the reference's. */
export const measurePair = async (
  options: Measure,
  reference: Reference,
): Promise<{ readonly head: Profile; readonly reference: Profile }> => {
  const head = await optionsOf(options);
  if (head.suite.job !== undefined) {
    throw new SquallError("argument-invalid", "A training job cannot be measured side by side.", {
      place: "reference",
      remedy: "Compare it with a stored baseline: its strikes are the same in every run.",
    });
  }
  return runPair({
    ...head,
    reference: {
      suite: reference.suite,
      suiteDirectory: reference.directory,
      runDirectory: path.join(head.runDirectory, "reference"),
      runtime: await chooseRuntime(reference.suite, options.runtime ?? head.runtime.name),
      ...enginesFor(reference.suite, options.only),
      provenance: reference.provenance,
    },
  });
};
