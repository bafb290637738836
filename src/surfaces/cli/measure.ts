/** Puts the parts of a run together: which runtime, which engines, which generator. */
import path from "node:path";
import { runtimeEngine } from "../../adapters/engines/runtime.ts";
import { sidecarEngine } from "../../adapters/engines/sidecar.ts";
import { startLoad } from "../../adapters/load/start-load.ts";
import type { Profile } from "../../core/profile.ts";
import type { OnProgress } from "../../run/ports.ts";
import { runSuite, suiteSeed } from "../../run/run-suite.ts";
import { chooseRuntime } from "./choose-runtime.ts";
import { readProvenance } from "./provenance.ts";
import type { ReadSuite } from "./read-suite.ts";

export interface Measure {
  readonly read: ReadSuite;
  readonly seed: number | undefined;
  /** Experiments to measure; absent: all. */
  readonly only?: readonly string[] | undefined;
  readonly runtime: string | undefined;
  readonly runDirectory: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Measures the suite once, here. */
export const measure = async ({
  read,
  seed,
  only,
  runtime,
  runDirectory,
  signal,
  onProgress,
}: Measure): Promise<Profile> =>
  runSuite({
    suite: read.suite,
    suiteDirectory: read.directory,
    runDirectory: path.resolve(runDirectory),
    requestSet: read.requestSet,
    seed: seed ?? suiteSeed(read.suite, read.requestSet),
    ...(only === undefined ? {} : { only }),
    runtime: await chooseRuntime(read.suite, runtime),
    engines: [sidecarEngine(), runtimeEngine()],
    front: null,
    startLoad,
    provenance: await readProvenance(read.directory),
    signal,
    onProgress,
  });
