/**
 * Is the right remedy named? Careless changes to examples/answers that have one, each measured, judged and diagnosed as a pull request.
 *
 *   node bench/diagnose.ts [--change name...] [--baselines 2] [--keep DIR] [--judge DIR]
 *
 * `--keep` leaves the samples, `--judge` takes them instead of measuring. Exits 1 where fewer than 80 % are named rightly.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { JudgeInput } from "../src/core/judge/judge.ts";
import type { Profile } from "../src/core/profile.ts";
import { formatShare, formatValue } from "../src/core/report/format.ts";
import type { Result } from "../src/core/verdict.ts";
import { diagnoseBy } from "../src/surfaces/gate/diagnose.ts";
import { judgeProfile } from "../src/surfaces/gate/judge-profile.ts";
import type { Measure } from "../src/surfaces/gate/measure.ts";
import { readSuite } from "../src/surfaces/gate/read-suite.ts";
import type { Change } from "./changes/change.ts";
import { measuredOrKept } from "./changes/measured.ts";
import { RIGHT_REMEDIES } from "./changes/remedies.ts";
import { type BenchService, copyOf, SERVICES } from "./changes/services.ts";

const { values } = parseArgs({
  options: {
    change: { type: "string", multiple: true },
    baselines: { type: "string", default: "2" },
    keep: { type: "string" },
    judge: { type: "string" },
  },
});

const NAMED_AT_LEAST = 0.8;
const node = SERVICES.find(({ name }) => name === "node") as BenchService;
const scratch = await mkdtemp(path.join(tmpdir(), "squall-diagnose-"));
const samples = values.judge ?? values.keep ?? path.join(scratch, "samples");
const { suite } = await readSuite(
  path.join(await copyOf(node, null, path.join(scratch, "suite")), "squall.yml"),
);

const profileOf = (change: Change | null, name: string, diagnose: Measure["diagnose"]): Promise<Profile> =>
  measuredOrKept({
    kept: path.join(samples, name),
    again: values.judge !== undefined,
    read: async () =>
      readSuite(path.join(await copyOf(node, change, path.join(scratch, name)), "squall.yml")),
    runtime: "process",
    name,
    diagnose,
  });

type Naming = "right" | "wrong" | "none" | "not caught";

const namingOf = ({ verdict, diagnoses = [] }: Result, change: Change): Naming => {
  if (verdict.word !== "regressed") return "not caught";
  const [worst] = diagnoses;
  if (worst?.best == null) return "none";
  return RIGHT_REMEDIES[change.name]?.remedies.includes(worst.best.remedy.kind) === true ? "right" : "wrong";
};

const tell = (result: Result, change: Change, naming: Naming): void => {
  console.log(`${change.name.padEnd(22)} ${naming.toUpperCase()}`);
  const finding = result.verdict.findings.find(({ severity }) => severity === "block")?.title;
  console.log(`  ${finding ?? result.verdict.headline}`);
  for (const { scenario, metric, unit, without, steady, tried } of result.diagnoses ?? []) {
    console.log(
      `  ${scenario}, ${metric}: ${formatValue(without, unit)} without, steady ${formatValue(steady, unit)}`,
    );
    for (const { description, outcome, value, restoredShare, reason } of tried) {
      const share = restoredShare === null ? "" : ` (${formatShare(Math.max(0, restoredShare))})`;
      console.log(`    ${outcome.padEnd(10)} ${description}: ${formatValue(value, unit)}${share}, ${reason}`);
    }
  }
  for (const note of result.notes.filter((each) => each.startsWith("Trials"))) console.log(`  ${note}`);
};

try {
  const baselines: Profile[] = [];
  for (let run = 1; run <= Number(values.baselines); run++)
    baselines.push(await profileOf(null, `base-${run}`, undefined));
  const judging: Omit<JudgeInput, "head"> = {
    baseline: { schemaVersion: 1, suite: suite.name, profiles: baselines },
    policy: suite.policy,
    experiments: suite.experiments,
  };
  const diagnose = diagnoseBy(suite, ([head]) => ({ ...judging, head: head as Profile }));
  const namings: Naming[] = [];
  for (const change of node.changes) {
    if (RIGHT_REMEDIES[change.name] === undefined) continue;
    if (values.change !== undefined && !values.change.includes(change.name)) continue;
    const head = await profileOf(change, change.name, diagnose);
    const result = judgeProfile({ ...judging, head, file: "squall.yml" });
    const naming = namingOf(result, change);
    tell(result, change, naming);
    namings.push(naming);
  }
  const count = (of: Naming): number => namings.filter((each) => each === of).length;
  console.log(
    `\nthe right remedy named for ${count("right")} of ${namings.length} changes (${count("wrong")} wrong, ${count("none")} none, ${count("not caught")} not caught)`,
  );
  if (count("right") < NAMED_AT_LEAST * namings.length) process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
