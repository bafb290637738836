import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { SquallError } from "../../core/errors.ts";
import type { Profile } from "../../core/profile.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";
import { interruptible } from "../gate/interrupt.ts";
import { measure } from "../gate/measure.ts";
import { startProgress } from "../gate/progress.ts";
import { parseSeed, readSuite } from "../gate/read-suite.ts";
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

/** Share of windows that may be invalid in a run that others are compared with. */
const MOST_INVALID_SHARE = 0.34;

/** A run that could not be measured is no baseline: everything after it would be judged by noise. */
const refuseUnmeasured = ({ windows }: Profile): void => {
  const load = windows.filter(({ phase }) => phase === "load");
  const invalid = load.filter((window) => window.invalid !== undefined);
  if (invalid.length <= MOST_INVALID_SHARE * load.length) return;
  throw new SquallError(
    "replay-failed",
    `${invalid.length} of ${load.length} windows could not be measured: nothing was added to the baseline.`,
    {
      detail: [...new Set(invalid.map((window) => `${window.scenario}: ${window.invalid ?? ""}`))].slice(
        0,
        10,
      ),
      remedy: "Run it again on a quieter machine, or lower workload.rate.",
    },
  );
};

/** Measures the service (or takes a run measured before) and adds it to the stored baseline. */
export const baseline = async (options: BaselineArguments): Promise<number> => {
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
  process.stdout.write(
    `baseline of ${read.suite.name}: ${count} run${count === 1 ? "" : "s"} in ${store.place} (${profile.observations.length} requests added)\n`,
  );
  return 0;
};
