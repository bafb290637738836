import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { SquallError } from "../../core/errors.ts";
import type { Baseline } from "../../core/profile.ts";
import { judgeProfile } from "../gate/judge-profile.ts";
import { readSuite } from "../gate/read-suite.ts";
import { readSamples } from "../gate/run-directory.ts";
import { exitCodeOf, printResult } from "./answer.ts";

export interface CompareArguments {
  readonly file: string;
  readonly baseline: string;
  readonly json: boolean;
}

/** Judges a finished run once more, by today's policy, without measuring anything. */
export const compare = async (
  head: string,
  base: string | undefined,
  options: CompareArguments,
): Promise<number> => {
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
    file: options.file,
  });
  printResult(result, options.json);
  return exitCodeOf(result, suite.policy);
};
