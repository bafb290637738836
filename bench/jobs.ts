/**
 * Careless and harmless changes to two training jobs, each measured and judged as a pull request would be.
 *
 *   node bench/jobs.ts [--example js|python|both] [--runtime process|docker] [--suite squall.yml] [--change name...]
 *                      [--baselines 2] [--keep DIR] [--judge DIR]
 *
 * Needs examples/train-python/setup.sh for the Python one; with runtime docker the test images, which are its bases (and
 * `setup.sh --wheels 3.11`). `--suite docker.squall.yml` measures what only that runtime can do; changes that cannot show under any of a
 * suite's experiments are left out. `--keep` leaves the samples, `--judge` takes them instead of measuring.
 *
 * A careless change is caught where the verdict is `regressed`, and rightly named where a blocking finding has one of the change's metrics
 * under one of its experiments; whether that stands first is told. Exits 1 where a careless change is not caught, a harmless one fails, or
 * fewer than 95 % are rightly named.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Profile } from "../src/core/profile.ts";
import type { Finding, Result } from "../src/core/verdict.ts";
import { withBuildArguments } from "../src/surfaces/gate/build-arguments.ts";
import { judgeProfile } from "../src/surfaces/gate/judge-profile.ts";
import { type ReadSuite, readSuite } from "../src/surfaces/gate/read-suite.ts";
import { isCareless } from "./changes/change.ts";
import type { JobChange } from "./changes/job-change.ts";
import { type BenchJob, copyOfJob, JOBS } from "./changes/jobs.ts";
import { measuredOrKept, wordFor } from "./changes/measured.ts";

const { values } = parseArgs({
  options: {
    example: { type: "string", default: "both" },
    runtime: { type: "string", default: "process" },
    suite: { type: "string", default: "squall.yml" },
    change: { type: "string", multiple: true },
    baselines: { type: "string", default: "2" },
    keep: { type: "string" },
    judge: { type: "string" },
  },
});

const NAMED_AT_LEAST = 0.95;
const scratch = await mkdtemp(path.join(tmpdir(), "squall-jobs-"));
const samples = values.judge ?? values.keep ?? path.join(scratch, "samples");

const suiteIn = async (job: BenchJob, directory: string): Promise<ReadSuite> => {
  const read = await readSuite(path.join(directory, values.suite));
  if (values.runtime !== "docker") return read;
  return { ...read, suite: withBuildArguments(read.suite, [`BASE=${job.base}`]) };
};

const profileOf = (job: BenchJob, change: JobChange | null, name: string): Promise<Profile> =>
  measuredOrKept({
    kept: path.join(samples, job.name, name),
    again: values.judge !== undefined,
    read: async () => suiteIn(job, await copyOfJob(job, change, path.join(scratch, name))),
    runtime: values.runtime,
    name,
  });

interface Judged {
  readonly change: JobChange;
  readonly result: Result;
}

const blocking = ({ verdict }: Result): readonly Finding[] =>
  verdict.findings.filter(({ severity }) => severity === "block");

const names = ({ metrics, shows }: JobChange, { metric, scenario }: Finding): boolean =>
  metric !== null && metrics.includes(metric) && shows.includes(scenario ?? "");

type Naming = "first" | "later" | "none";

/** How far down the right finding stands. */
const namingOf = ({ change, result }: Judged): Naming => {
  const place = blocking(result).findIndex((finding) => names(change, finding));
  return place < 0 ? "none" : place === 0 ? "first" : "later";
};

const tell = (judged: Judged): void => {
  const { change, result } = judged;
  const naming = isCareless(change) ? ` [right finding: ${namingOf(judged)}]` : "";
  console.log(`${change.name.padEnd(22)} ${wordFor(change, result).padEnd(13)}${naming}`);
  const found = blocking(result);
  if (found.length === 0) console.log(`  ${result.verdict.headline}`);
  for (const { scenario, metric, title } of found.slice(0, 3))
    console.log(`  ${scenario ?? "all"}, ${metric ?? "-"}: ${title}`);
};

const judgeAll = async (job: BenchJob): Promise<readonly Judged[]> => {
  const { suite } = await suiteIn(job, await copyOfJob(job, null, path.join(scratch, "suite")));
  const experiments = new Set(suite.experiments.map(({ name }) => name));
  const baselines: Profile[] = [];
  for (let run = 1; run <= Number(values.baselines); run++)
    baselines.push(await profileOf(job, null, `base-${run}`));
  const all: Judged[] = [];
  for (const change of job.changes) {
    if (values.change !== undefined && !values.change.includes(change.name)) continue;
    if (isCareless(change) && !change.shows.some((name) => experiments.has(name))) continue;
    const head = await profileOf(job, change, change.name);
    const result = judgeProfile({
      head,
      baseline: { schemaVersion: 1, suite: suite.name, profiles: baselines },
      policy: suite.policy,
      experiments: suite.experiments,
      file: values.suite,
    });
    tell({ change, result });
    all.push({ change, result });
  }
  return all;
};

const sum = (job: string, all: readonly Judged[]): void => {
  const careless = all.filter(({ change }) => isCareless(change));
  const harmless = all.filter(({ change }) => !isCareless(change));
  const regressed = ({ result }: Judged): boolean => result.verdict.word === "regressed";
  const caught = careless.filter(regressed);
  const alarms = harmless.filter(regressed).length;
  const count = (of: Naming): number => caught.filter((judged) => namingOf(judged) === of).length;
  console.log(
    `\n${job}: ${caught.length} of ${careless.length} careless changes caught, ${alarms} of ${harmless.length} harmless ones failed, the right finding stands first in ${count("first")} of ${caught.length}, later in ${count("later")}`,
  );
  const named = count("first") + count("later");
  if (caught.length < careless.length || alarms > 0 || named < NAMED_AT_LEAST * caught.length)
    process.exitCode = 1;
};

try {
  for (const job of JOBS.filter(({ name }) => values.example === "both" || values.example === name)) {
    console.log(`\n== train-${job.name}`);
    sum(`train-${job.name}`, await judgeAll(job));
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
