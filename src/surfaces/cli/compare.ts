import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { readCommand } from "../../config/command.ts";
import { SquallError } from "../../core/errors.ts";
import type { Baseline } from "../../core/profile.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { ReferenceSource, Suite } from "../../core/suite.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";
import { interruptible } from "../gate/interrupt.ts";
import { judgeProfile } from "../gate/judge-profile.ts";
import { judgePair, type PairVerdict } from "../gate/pairs/confirm-in-pairs.ts";
import { startProgress } from "../gate/progress.ts";
import { askedExperiments, notAsked, parseSeed, type ReadSuite, readSuite } from "../gate/read-suite.ts";
import { newRunDirectory, readSamples, writeReports } from "../gate/run-directory.ts";
import { exitCodeOf, printResult } from "./answer.ts";

export interface CompareArguments {
  readonly file: string;
  readonly baseline: string;
  readonly out: string;
  readonly quiet: boolean;
  /** True: the suite's. */
  readonly reference?: string | true;
  readonly base?: string;
  readonly seed?: string;
  readonly experiment?: readonly string[];
  readonly runtime?: string;
  readonly buildArg?: readonly string[];
  readonly json: boolean;
}

/** A commit or branch, `image:<name>`, `command:<line>`; the suite's own where nothing is said. */
const sourceOf = (asked: string | true, suite: Suite): ReferenceSource => {
  if (asked === true) {
    if (suite.reference !== undefined) return suite.reference.source;
    throw new SquallError("argument-invalid", "The suite names no reference.", {
      remedy: "Write `reference: { checkout: main }` in it, or name one: --reference main.",
    });
  }
  const [, kind, what = ""] = /^(image|command):(.+)$/s.exec(asked) ?? [];
  switch (kind) {
    case "image":
      return { type: "image", image: what };
    case "command": {
      const command = readCommand(what);
      if (command.ok) return { type: "command", command: command.value };
      throw new SquallError("argument-invalid", `--reference ${plainText(asked, 80)}: ${command.message}.`);
    }
    default:
      return { type: "checkout", ref: asked };
  }
};

const measured = async (
  read: ReadSuite,
  source: ReferenceSource,
  only: readonly string[] | undefined,
  runDirectory: string,
  options: CompareArguments,
): Promise<PairVerdict> => {
  using interruption = interruptible();
  using progress = startProgress(options.quiet);
  // Awaited here: what is used must live until it is measured.
  return await judgePair(
    {
      read,
      seed: parseSeed(options.seed),
      only,
      runtime: options.runtime,
      runDirectory,
      signal: interruption.signal,
      onProgress: progress.on,
      diagnosing: true,
    },
    { source, file: options.file, base: options.base ?? null, buildArgs: options.buildArg },
  );
};

/** Measures the service beside the reference, judges the pair, writes `.squall/<run>/`, prints. */
const sideBySide = async (asked: string | true, options: CompareArguments): Promise<number> => {
  const found = await readSuite(options.file);
  const read = { ...found, suite: withBuildArguments(found.suite, options.buildArg) };
  const { suite } = read;
  const only = askedExperiments(suite, options.experiment);
  const source = sourceOf(asked, suite);
  const runDirectory = await newRunDirectory(options.out, suite.name);
  const { verdict, head, reference } = await measured(read, source, only, runDirectory, options);
  const result = judgeProfile(
    {
      head,
      baseline: { schemaVersion: 1, suite: suite.name, profiles: [reference] },
      policy: suite.policy,
      experiments: suite.experiments,
      detectors: suite.detectors,
      notAsked: notAsked(suite, only),
      paired: true,
      file: options.file,
    },
    verdict,
  );
  const files = await writeReports(runDirectory, result, {
    head,
    baselines: [reference],
    policy: suite.policy,
  });
  printResult(result, options.json, files);
  process.stderr.write(`written to ${runDirectory}\n`);
  return exitCodeOf(result, suite.policy);
};

/** Judges a finished run once more, by today's policy, without measuring anything. */
const again = async (head: string, base: string | undefined, options: CompareArguments): Promise<number> => {
  const { suite } = await readSuite(options.file);
  const profile = await readSamples(head);
  const against: Baseline | null =
    base === undefined
      ? await fileBaselineStore(options.baseline).read(suite.name)
      : { schemaVersion: 1, suite: suite.name, profiles: [await readSamples(base)] };
  if (against === null) {
    throw new SquallError("argument-invalid", `No baseline of ${suite.name} is in ${options.baseline}.`, {
      remedy: "Name a run to compare with, or store a baseline with `squall baseline`.",
    });
  }
  const result = judgeProfile({
    head: profile,
    baseline: against,
    policy: suite.policy,
    experiments: suite.experiments,
    detectors: suite.detectors,
    file: options.file,
  });
  printResult(result, options.json);
  return exitCodeOf(result, suite.policy);
};

/** @returns the exit code */
export const compare = async (
  head: string | undefined,
  base: string | undefined,
  options: CompareArguments,
): Promise<number> => {
  const { reference } = options;
  if (reference !== undefined && head === undefined) return sideBySide(reference, options);
  if (reference === undefined && head !== undefined) return again(head, base, options);
  throw new SquallError(
    "argument-invalid",
    head === undefined
      ? "Nothing was said to compare."
      : "A finished run is compared as it is; a reference is measured anew.",
    { remedy: "Name the directory of a run, or --reference <commit> alone." },
  );
};
