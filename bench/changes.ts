/**
 * Careless and harmless changes to two services, each measured and judged as a pull request would be.
 *
 *   node bench/changes.ts [--service node|python|both] [--change name...] [--baselines 3] [--keep DIR] [--judge DIR]
 *
 * `--keep` leaves the samples, `--judge` takes them instead of measuring. Exits 1 where a careless change is not caught, a harmless one
 * fails, or the right fault is named in fewer than 95 %.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Profile } from "../src/core/profile.ts";
import type { Result } from "../src/core/verdict.ts";
import { judgeProfile } from "../src/surfaces/gate/judge-profile.ts";
import { readSuite } from "../src/surfaces/gate/read-suite.ts";
import { type Change, isCareless } from "./changes/change.ts";
import { measuredOrKept, wordFor } from "./changes/measured.ts";
import { type BenchService, copyOf, SERVICES } from "./changes/services.ts";
import { PEERS } from "./peers/index.ts";

const { values } = parseArgs({
  options: {
    service: { type: "string", default: "both" },
    change: { type: "string", multiple: true },
    baselines: { type: "string", default: "3" },
    keep: { type: "string" },
    judge: { type: "string" },
  },
});

const NAMED_AT_LEAST = 0.95;
const scratch = await mkdtemp(path.join(tmpdir(), "squall-changes-"));
const samples = values.judge ?? values.keep ?? path.join(scratch, "samples");

const profileOf = (service: BenchService, change: Change | null, name: string): Promise<Profile> =>
  measuredOrKept({
    kept: path.join(samples, service.name, name),
    again: values.judge !== undefined,
    read: async () =>
      readSuite(path.join(await copyOf(service, change, path.join(scratch, name)), "squall.yml")),
    runtime: "process",
    name,
  });

interface Judged {
  readonly change: Change;
  readonly result: Result;
  /** The fault that the first blocking finding names, and its edge. */
  readonly fault: string | null;
  readonly edge: string | null;
  readonly peers: readonly string[];
}

const namedRightly = ({ change, fault }: Judged): boolean => change.shows.includes(fault ?? "all");

const tell = (judged: Judged): void => {
  const { change, result, fault, edge, peers } = judged;
  const finding = result.verdict.findings.find(({ severity }) => severity === "block")?.title;
  const right = isCareless(change)
    ? ` [fault ${namedRightly(judged) ? "right" : `WRONG: ${fault}`}, edge ${edge === change.edge ? "right" : edge}]`
    : "";
  console.log(`${change.name.padEnd(22)} ${wordFor(change, result).padEnd(13)}${right}`);
  console.log(`  ${finding ?? result.verdict.headline}`);
  console.log(`  peers that fail it: ${peers.length === 0 ? "none" : peers.join(", ")}`);
};

const judgeAll = async (service: BenchService): Promise<readonly Judged[]> => {
  const { suite } = await readSuite(
    path.join(await copyOf(service, null, path.join(scratch, "suite")), "squall.yml"),
  );
  const baselines: Profile[] = [];
  for (let run = 1; run <= Number(values.baselines); run++)
    baselines.push(await profileOf(service, null, `base-${run}`));
  const all: Judged[] = [];
  for (const change of service.changes) {
    if (values.change !== undefined && !values.change.includes(change.name)) continue;
    const head = await profileOf(service, change, change.name);
    const result = judgeProfile({
      head,
      baseline: { schemaVersion: 1, suite: suite.name, profiles: baselines },
      policy: suite.policy,
      experiments: suite.experiments,
      file: "squall.yml",
    });
    const worst = result.verdict.findings.find(({ severity }) => severity === "block");
    const judged: Judged = {
      change,
      result,
      fault: worst?.scenario ?? null,
      edge: worst?.edge ?? null,
      peers: PEERS.filter((peer) => peer.fails(head, baselines)).map(({ name }) => name),
    };
    tell(judged);
    all.push(judged);
  }
  return all;
};

const sum = (service: string, all: readonly Judged[]): void => {
  const careless = all.filter(({ change }) => isCareless(change));
  const caught = careless.filter(({ result }) => result.verdict.word === "regressed");
  const alarms = all.filter(
    ({ change, result }) => !isCareless(change) && result.verdict.word === "regressed",
  );
  const right = caught.filter(namedRightly).length;
  console.log(
    `\n${service}: ${caught.length} of ${careless.length} careless changes caught, ${alarms.length} of ${all.length - careless.length} harmless ones failed, the right fault named in ${right} of ${caught.length}`,
  );
  for (const { name } of PEERS) {
    const of = (careful: boolean): number =>
      all.filter(({ change, peers }) => isCareless(change) !== careful && peers.includes(name)).length;
    console.log(`  ${name.padEnd(22)} ${of(false)} caught, ${of(true)} false alarms`);
  }
  if (caught.length < careless.length || alarms.length > 0 || right < NAMED_AT_LEAST * caught.length)
    process.exitCode = 1;
};

try {
  for (const service of SERVICES.filter(({ name }) => values.service === "both" || values.service === name)) {
    console.log(`\n== ${service.name}`);
    sum(service.name, await judgeAll(service));
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
