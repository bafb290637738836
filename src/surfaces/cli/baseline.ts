import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { readCiEnvironment } from "../../config/ci-environment.ts";
import { SquallError } from "../../core/errors.ts";
import type { Profile } from "../../core/profile.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";
import { interruptible } from "../gate/interrupt.ts";
import { measure } from "../gate/measure.ts";
import { startProgress } from "../gate/progress.ts";
import { parseSeed, readSuite } from "../gate/read-suite.ts";
import { refuseUnmeasured } from "../gate/refuse-unmeasured.ts";
import { newRunDirectory, readSamples, writeSamples } from "../gate/run-directory.ts";

export interface BaselineArguments {
  readonly file: string;
  readonly baseline: string;
  readonly out: string;
  readonly quiet: boolean;
  readonly seed?: string;
  readonly runtime?: string;
  readonly buildArg?: readonly string[];
  readonly from?: string;
}

/** A change measured against itself passes for ever: only what is merged may become a baseline. */
const refuseMergeRequest = (env: NodeJS.ProcessEnv): void => {
  const ci = readCiEnvironment(env);
  if (ci?.pullRequest === undefined) return;
  throw new SquallError(
    "argument-invalid",
    `${ci.name} runs merge request ${ci.pullRequest}: nothing was measured, and its run does not become a baseline.`,
    { remedy: "Call `squall baseline` in pipelines of the default branch only, and `squall run` here." },
  );
};

/** Measures the service (or takes a run measured before) and adds it to the stored baseline. */
export const baseline = async (options: BaselineArguments): Promise<number> => {
  refuseMergeRequest(process.env);
  const found = await readSuite(options.file);
  const read = { ...found, suite: withBuildArguments(found.suite, options.buildArg) };
  const seed = parseSeed(options.seed);
  using interruption = interruptible();
  const measured = async (): Promise<Profile> => {
    const runDirectory = await newRunDirectory(options.out, read.suite.name);
    using progress = startProgress(options.quiet);
    const profile = await measure({
      read,
      seed,
      runtime: options.runtime,
      runDirectory,
      signal: interruption.signal,
      onProgress: progress.on,
    });
    await writeSamples(runDirectory, profile);
    return profile;
  };
  const profile = options.from === undefined ? await measured() : await readSamples(options.from);
  refuseUnmeasured(profile);
  const store = fileBaselineStore(options.baseline);
  const stored = await store.append(read.suite.name, profile, read.suite.policy.pooledRuns);
  const count = stored.profiles.length;
  const added =
    profile.jobRuns === undefined
      ? `${profile.observations.length} requests added`
      : `${profile.jobRuns.length} runs of the job added`;
  process.stdout.write(
    `baseline of ${read.suite.name}: ${count} run${count === 1 ? "" : "s"} in ${store.place} (${added})\n`,
  );
  process.stderr.write(
    count === 1
      ? "next: `squall baseline` once more, so that squall sees how much the service varies on its own; then `squall run` on a branch\n"
      : "next: `squall run` on a branch\n",
  );
  return 0;
};
