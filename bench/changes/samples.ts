/** Measures a service as it is or with a change in it, or takes what was measured before. */
import { access, mkdir } from "node:fs/promises";
import path from "node:path";
import { asStored } from "../../src/config/baseline-file.ts";
import type { Profile } from "../../src/core/profile.ts";
import { withBuildArguments } from "../../src/surfaces/gate/build-arguments.ts";
import { measure } from "../../src/surfaces/gate/measure.ts";
import { type ReadSuite, readSuite } from "../../src/surfaces/gate/read-suite.ts";
import { readSamples, writeSamples } from "../../src/surfaces/gate/run-directory.ts";
import type { PullRequest } from "./pull-request.ts";
import { copyService, type ResilientService } from "./resilient-services.ts";

export interface Sampling {
  /** Where copies of the services are made. */
  readonly scratch: string;
  /** Where samples are kept, one directory a run under the service's. */
  readonly samples: string;
  /** Kept samples: taken always, taken where there are any, or never. */
  readonly kept: "only" | "first" | "never";
  readonly runtime: "process" | "docker";
  /** Over the suite's own; undefined: that. */
  readonly budgetMs: number | undefined;
  readonly buildArguments: readonly string[] | undefined;
}

/** The suite in a copy of the service. */
export const readBenchSuite = async (
  directory: string,
  { budgetMs, buildArguments }: Pick<Sampling, "budgetMs" | "buildArguments">,
): Promise<ReadSuite> => {
  const read = await readSuite(path.join(directory, "squall.yml"));
  const suite = withBuildArguments(read.suite, buildArguments);
  if (budgetMs === undefined) return { ...read, suite };
  return { ...read, suite: { ...suite, policy: { ...suite.policy, budgetMs } } };
};

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** @param name of the run; also of its directory */
export const profileOf = async (
  service: ResilientService,
  change: PullRequest | null,
  name: string,
  sampling: Sampling,
): Promise<Profile> => {
  const runDirectory = path.join(sampling.samples, service.name, name);
  const { kept } = sampling;
  if (kept === "only" || (kept === "first" && (await exists(path.join(runDirectory, "samples.json.gz")))))
    return asStored(await readSamples(runDirectory));
  const directory = path.join(sampling.scratch, `${service.name}-${name}`);
  await copyService(service, change, directory);
  await mkdir(runDirectory, { recursive: true });
  const profile = await measure({
    read: await readBenchSuite(directory, sampling),
    seed: undefined,
    runtime: sampling.runtime,
    runDirectory,
    provenance: { tool: "bench", branch: name },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  await writeSamples(runDirectory, profile);
  return asStored(profile);
};
