import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { asStored } from "../../config/baseline-file.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";
import { interruptible } from "../gate/interrupt.ts";
import { judgeProfile } from "../gate/judge-profile.ts";
import { measure } from "../gate/measure.ts";
import { startProgress } from "../gate/progress.ts";
import { askedExperiments, parseSeed, readSuite } from "../gate/read-suite.ts";
import { newRunDirectory, writeReports, writeSamples } from "../gate/run-directory.ts";
import { exitCodeOf, printResult } from "./answer.ts";

export interface RunArguments {
  readonly file: string;
  readonly baseline: string;
  readonly out: string;
  readonly quiet: boolean;
  readonly seed?: string;
  readonly experiment?: readonly string[];
  readonly runtime?: string;
  readonly buildArg?: readonly string[];
  readonly json: boolean;
}

/** Measures, judges against the stored baseline, writes `.squall/<run>/`, prints. @returns the exit code */
export const run = async (options: RunArguments): Promise<number> => {
  const found = await readSuite(options.file);
  const read = { ...found, suite: withBuildArguments(found.suite, options.buildArg) };
  const seed = parseSeed(options.seed);
  const { suite } = read;
  const only = askedExperiments(suite, options.experiment);
  const baseline = await fileBaselineStore(options.baseline).read(suite.name);
  const runDirectory = await newRunDirectory(options.out, suite.name);
  using interruption = interruptible();
  const profile = await (async () => {
    using progress = startProgress(options.quiet);
    return measure({
      read,
      seed,
      only,
      runtime: options.runtime,
      runDirectory,
      signal: interruption.signal,
      onProgress: progress.on,
    });
  })();
  await writeSamples(runDirectory, profile);
  const result = judgeProfile({
    head: asStored(profile),
    baseline,
    policy: suite.policy,
    experiments: suite.experiments,
    notAsked: suite.experiments.map(({ name }) => name).filter((name) => only?.includes(name) === false),
    file: options.file,
  });
  await writeReports(runDirectory, result);
  printResult(result, options.json);
  process.stderr.write(`written to ${runDirectory}\n`);
  return exitCodeOf(result, suite.policy);
};
