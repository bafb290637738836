/**
 * The ten-second idea of squall, on a real service: measure main, store it as the baseline, measure a careless "pull
 * request", show the verdict and the comment it would get.
 */
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fileBaselineStore } from "../../adapters/baselines/file-store.ts";
import { asStored } from "../../config/baseline-file.ts";
import type { Profile } from "../../core/profile.ts";
import { renderMarkdown } from "../../core/report/markdown.ts";
import type { ContainerSpec, ProcessSpec, Suite } from "../../core/suite.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";
import { interruptible } from "../gate/interrupt.ts";
import { judgeProfile } from "../gate/judge-profile.ts";
import { measure } from "../gate/measure.ts";
import { startProgress } from "../gate/progress.ts";
import { type ReadSuite, readSuite } from "../gate/read-suite.ts";
import { newRunDirectory, writeReports, writeSamples } from "../gate/run-directory.ts";
import { printResult } from "./answer.ts";

/** The package's folder, from the source as from dist. */
const packageRoot = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../../" : "../", import.meta.url));

const OUT = path.join(".squall", "demo");

export interface DemoArguments {
  /** process or docker. */
  readonly runtime: string;
  readonly buildArg?: readonly string[];
}

/** As `examples/answers/Dockerfile` names it. */
const PULL_REQUEST_TARGET = "pull-request";

const pullRequestProcess = (service: ProcessSpec): ProcessSpec => ({
  ...service,
  command: service.command.map((word) =>
    word === "server.ts" ? path.join("..", "answers-pr", "server.ts") : word,
  ),
});

const pullRequestContainer = (service: ContainerSpec): ContainerSpec =>
  service.source.type === "build"
    ? { ...service, source: { ...service.source, target: PULL_REQUEST_TARGET } }
    : service;

/** The same suite, with the pull request's server in place of main's: as two checkouts of one repository would be. */
export const asPullRequest = (suite: Suite): Suite => {
  const { process: command, container, ...rest } = suite.service;
  return {
    ...suite,
    service: {
      ...rest,
      ...(command === undefined ? {} : { process: pullRequestProcess(command) }),
      ...(container === undefined ? {} : { container: pullRequestContainer(container) }),
    },
  };
};

const measureInto = async (
  read: ReadSuite,
  runtime: string,
  signal: AbortSignal,
): Promise<{ profile: Profile; runDirectory: string }> => {
  const runDirectory = await newRunDirectory(OUT, read.suite.name);
  using progress = startProgress(false);
  const profile = await measure({
    read,
    seed: undefined,
    runtime,
    runDirectory,
    signal,
    onProgress: progress.on,
  });
  await writeSamples(runDirectory, profile);
  return { profile, runDirectory };
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const NEXT = `
What to try next:
  squall report --out ${OUT} --format markdown     the comment again
  diff examples/answers/model.ts examples/answers-pr/model.ts     what the "pull request" changed
  squall init                                       a first suite for your own service
`;

/** The suite file of the bundled example. */
export const demoSuiteFile = (): string => path.join(packageRoot(), "examples", "answers", "squall.yml");

/** Measures main and the "pull request" side by side. @returns 0 where it found what it is meant to find, else 1 */
export const demo = async ({ runtime, buildArg }: DemoArguments): Promise<number> => {
  const file = demoSuiteFile();
  const found = await readSuite(file);
  const read = { ...found, suite: withBuildArguments(found.suite, buildArg) };
  await rm(OUT, { recursive: true, force: true });
  using interruption = interruptible();

  say("1/3  main: measuring the answering service under faults, as its baseline");
  const base = await measureInto(read, runtime, interruption.signal);
  const baseline = await fileBaselineStore(path.join(OUT, "baselines")).append(
    read.suite.name,
    base.profile,
    read.suite.policy.pooledRuns,
  );

  say("2/3  pull request: its retry honours any Retry-After, and its fallback is gone");
  const head = await measureInto({ ...read, suite: asPullRequest(read.suite) }, runtime, interruption.signal);

  say("3/3  verdict\n");
  const { policy, experiments } = read.suite;
  const result = judgeProfile({
    head: asStored(head.profile),
    baseline,
    policy,
    experiments,
    file: path.relative(process.cwd(), file),
  });
  const files = await writeReports(head.runDirectory, result, {
    head: head.profile,
    baselines: baseline.profiles,
    policy,
  });
  printResult(result, false, files);
  say("\n----- the pull request comment -----\n");
  say(renderMarkdown(result));
  say(NEXT);
  // The demo is meant to find something: anything else is a failure of the demo, not a pass.
  return result.verdict.word === "regressed" ? 0 : 1;
};
