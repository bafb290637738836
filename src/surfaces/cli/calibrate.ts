import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { asStored } from "../../config/baseline-file.ts";
import { readDuration, readPoints } from "../../config/quantities.ts";
import { calibrate as calibrateRuns } from "../../core/calibration/calibrate.ts";
import { SquallError } from "../../core/errors.ts";
import type { Profile } from "../../core/profile.ts";
import { renderCalibration, type Wish } from "../../core/report/calibration.ts";
import { plainText } from "../../core/report/plain-text.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";
import { interruptible } from "../gate/interrupt.ts";
import { measure } from "../gate/measure.ts";
import { startProgress } from "../gate/progress.ts";
import { parseSeed, type ReadSuite, readSuite } from "../gate/read-suite.ts";
import { refuseUnmeasured } from "../gate/refuse-unmeasured.ts";
import { newRunDirectory, readSamples, writeCalibration, writeSamples } from "../gate/run-directory.ts";

export interface CalibrateArguments {
  readonly file: string;
  readonly baseline: string;
  readonly out: string;
  readonly quiet: boolean;
  readonly runs: string;
  /** Directories of runs measured before, of the same service. */
  readonly from?: readonly string[];
  readonly wish?: readonly string[];
  readonly keep: boolean;
  readonly seed?: string;
  readonly runtime?: string;
  readonly buildArg?: readonly string[];
  readonly json: boolean;
}

const FEWEST_RUNS = 2;
const MOST_RUNS = 1000;

const WISHES = {
  errors: "error-rate",
  "struck-errors": "hit-error-rate",
  latency: "p50",
  "struck-latency": "hit50",
  "slow-answers": "slow-share",
  degraded: "degraded-rate",
  recovery: "recovery",
} as const;

const isWish = (name: string): name is keyof typeof WISHES => Object.hasOwn(WISHES, name);

/** "errors=1pt", "latency=20ms". */
const wishOf = (text: string): Wish => {
  const at = text.indexOf("=");
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  const refuse = (): never => {
    throw new SquallError("argument-invalid", `--wish ${plainText(text, 60)} is no wish.`, {
      remedy: `Write <metric>=<change>, such as errors=1pt or latency=20ms; metrics: ${Object.keys(WISHES).join(", ")}.`,
    });
  };
  if (at < 0 || !isWish(name)) return refuse();
  const isTime = name === "latency" || name === "struck-latency" || name === "recovery";
  const read = isTime ? readDuration(value) : readPoints(value);
  return read.ok ? { metric: WISHES[name], value: read.value } : refuse();
};

const runsOf = (text: string): number => {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs >= FEWEST_RUNS && runs <= MOST_RUNS) return runs;
  throw new SquallError(
    "argument-invalid",
    `--runs ${plainText(text, 40)} is not a whole number from ${FEWEST_RUNS} to ${MOST_RUNS}.`,
  );
};

/** One run after another, each on disk before the next begins. */
const measureAll = async (read: ReadSuite, options: CalibrateArguments): Promise<readonly Profile[]> => {
  const runs = runsOf(options.runs);
  const seed = parseSeed(options.seed);
  const profiles: Profile[] = [];
  using interruption = interruptible();
  for (let run = 1; run <= runs; run++) {
    process.stderr.write(`run ${run} of ${runs}\n`);
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
    refuseUnmeasured(profile);
    profiles.push(asStored(profile));
  }
  return profiles;
};

/** Measures the same service several times, and says what the gate would have made of it. @returns the exit code */
export const calibrate = async (options: CalibrateArguments): Promise<number> => {
  const wishes = (options.wish ?? []).map(wishOf);
  const found = await readSuite(options.file);
  if (found.suite.job !== undefined)
    throw new SquallError(
      "argument-invalid",
      "squall calibrate reads calm requests, and a training job has none.",
      {
        place: options.file,
        remedy:
          "Each report on a job says how small a change it could have seen; docs/job-verdict.md has the rates of false alarms.",
      },
    );
  const read = { ...found, suite: withBuildArguments(found.suite, options.buildArg) };
  const { suite } = read;
  const { from } = options;
  if (from !== undefined && from.length < FEWEST_RUNS)
    throw new SquallError("argument-invalid", "A calibration takes at least two runs.", {
      remedy: "Name the directories of several runs of the same service with --from.",
    });
  const profiles =
    from === undefined
      ? await measureAll(read, options)
      : (await Promise.all(from.map(readSamples))).map(asStored);
  const calibration = calibrateRuns(profiles, suite.policy, suite.experiments);
  const store = fileBaselineStore(options.baseline);
  if (options.keep)
    for (const profile of profiles) await store.append(suite.name, profile, suite.policy.pooledRuns);
  const file = await writeCalibration(options.baseline, calibration);
  process.stdout.write(
    options.json
      ? `${JSON.stringify(calibration, null, 2)}\n`
      : `${renderCalibration(calibration, wishes)}\n`,
  );
  const kept = options.keep ? `; the runs were added to the baseline in ${store.place}` : "";
  process.stderr.write(`written to ${file}${kept}\n`);
  return 0;
};
