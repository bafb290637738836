/** Puts the parts of a run together: which runtime, which engines, which generator. */
import path from "node:path";
import { runtimeEngine } from "../../adapters/engines/runtime.ts";
import { sidecarEngine } from "../../adapters/engines/sidecar.ts";
import { startLoad } from "../../adapters/load/start-load.ts";
import { processRuntime } from "../../adapters/runtimes/process/process-runtime.ts";
import { SquallError } from "../../core/errors.ts";
import type { Profile } from "../../core/profile.ts";
import type { Suite } from "../../core/suite.ts";
import type { OnProgress, Runtime } from "../../run/ports.ts";
import { runSuite, suiteSeed } from "../../run/run-suite.ts";
import { readProvenance } from "./provenance.ts";
import type { ReadSuite } from "./read-suite.ts";

export interface Measure {
  readonly read: ReadSuite;
  readonly seed: number | undefined;
  readonly runtime: string | undefined;
  readonly runDirectory: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

const chooseRuntime = (suite: Suite, wanted: string | undefined): Runtime => {
  const name = wanted ?? suite.runtime;
  if (name === "auto" || name === "process") return processRuntime();
  throw new SquallError("argument-invalid", `Runtime ${name} is not part of this version.`, {
    remedy: "Use runtime process: the service as a command on this machine.",
  });
};

/** Measures the suite once, here. */
export const measure = async ({
  read,
  seed,
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
    runtime: chooseRuntime(read.suite, runtime),
    engines: [sidecarEngine(), runtimeEngine()],
    front: null,
    startLoad,
    provenance: await readProvenance(read.directory),
    signal,
    onProgress,
  });
