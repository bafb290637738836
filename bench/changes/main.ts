/**
 * Careless and harmless changes to two resilient services: is each careless one caught, under the right fault, and does no
 * harmless one fail? Each change is measured once and judged as a gate would. A run takes about two minutes.
 *
 *   node bench/changes/main.ts [--service node|python|both] [--change name]... [--baselines 2] [--budget 120]
 *     [--runtime process|docker] [--build-arg BASE=...] [--keep DIR [--resume]] [--judge DIR] [--json FILE]
 *
 * `--keep` leaves the samples under DIR, `--resume` measures only what is not there yet, `--judge` judges what is there and
 * measures nothing. Exits 1 where a goal is missed.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Profile } from "../../src/core/profile.ts";
import { writeReports } from "../../src/surfaces/gate/run-directory.ts";
import { judgeChange, notMeasured, type Outcome } from "./outcome.ts";
import type { PullRequest } from "./pull-request.ts";
import { type ResilientService, readService, SERVICE_NAMES } from "./resilient-services.ts";
import { profileOf, readBenchSuite, type Sampling } from "./samples.ts";
import { HEADER, lineOf, totalsOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    service: { type: "string", default: "both" },
    change: { type: "string", multiple: true },
    baselines: { type: "string", default: "2" },
    budget: { type: "string" },
    runtime: { type: "string", default: "process" },
    "build-arg": { type: "string", multiple: true },
    keep: { type: "string" },
    resume: { type: "boolean", default: false },
    judge: { type: "string" },
    json: { type: "string" },
  },
});

const stop = (problem: string): never => {
  console.error(problem);
  process.exit(2);
};

const wholeNumber = (name: string, text: string): number => {
  const number = Number(text);
  return Number.isInteger(number) && number > 0
    ? number
    : stop(`--${name}: a whole number above 0, not ${text}`);
};

const { runtime } = values;
if (runtime !== "process" && runtime !== "docker") stop(`--runtime: process or docker, not ${runtime}`);
const baselineRuns = wholeNumber("baselines", values.baselines);
const services = await Promise.all(
  SERVICE_NAMES.filter((name) => values.service === "both" || values.service === name).map(readService),
);
if (services.length === 0) stop(`--service: node, python or both, not ${values.service}`);
const known = new Set(services.flatMap(({ changes }) => changes.map(({ name }) => name)));
const unknown = (values.change ?? []).filter((name) => !known.has(name));
if (unknown.length > 0) stop(`no such change: ${unknown.join(", ")} (there are: ${[...known].join(", ")})`);

const scratch = await mkdtemp(path.join(tmpdir(), "squall-changes-"));
const sampling: Sampling = {
  scratch,
  samples: path.resolve(values.judge ?? values.keep ?? path.join(scratch, "samples")),
  kept: values.judge !== undefined ? "only" : values.resume ? "first" : "never",
  runtime: runtime === "docker" ? "docker" : "process",
  budgetMs: values.budget === undefined ? undefined : wholeNumber("budget", values.budget) * 1000,
  buildArguments: values["build-arg"],
};

const outcomeOf = async (
  service: ResilientService,
  change: PullRequest,
  baselines: readonly Profile[],
): Promise<Outcome> => {
  try {
    const head = await profileOf(service, change, change.name, sampling);
    const { suite } = await readBenchSuite(service.base, sampling);
    const { outcome, result } = judgeChange(change, head, baselines, suite);
    if (values.keep !== undefined)
      await writeReports(path.join(sampling.samples, service.name, change.name), result);
    return outcome;
  } catch (error) {
    // One change that cannot be measured must not take an hour's other ones with it.
    return notMeasured(change, error);
  }
};

const benchService = async (service: ResilientService): Promise<readonly Outcome[]> => {
  console.log(`\n== ${service.name}`);
  const baselines: Profile[] = [];
  for (let run = 1; run <= baselineRuns; run++)
    baselines.push(await profileOf(service, null, `base-${run}`, sampling));
  console.log(HEADER);
  const outcomes: Outcome[] = [];
  for (const change of service.changes) {
    if (values.change !== undefined && !values.change.includes(change.name)) continue;
    const outcome = await outcomeOf(service, change, baselines);
    console.log(lineOf(outcome));
    outcomes.push(outcome);
  }
  return outcomes;
};

try {
  const told: Record<string, readonly Outcome[]> = {};
  for (const service of services) {
    const outcomes = await benchService(service);
    const { lines, met } = totalsOf(service.name, outcomes);
    console.log(`\n${lines.join("\n")}`);
    if (!met) process.exitCode = 1;
    told[service.name] = outcomes;
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(told, null, 2)}\n`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
