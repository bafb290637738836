/**
 * How often the demo's verdict is right: main against main (must not fail, should pass) and the careless pull request
 * against main (must fail, and name a fault on `llm`). Each pair is judged against one baseline run: the hardest case.
 *
 *   node bench/demo-verdicts.ts [pairs, default 20]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { asStored } from "../src/config/baseline-file.ts";
import type { Profile } from "../src/core/profile.ts";
import type { Result } from "../src/core/verdict.ts";
import { asPullRequest, demoSuiteFile } from "../src/surfaces/cli/demo.ts";
import { judgeProfile } from "../src/surfaces/cli/judge-profile.ts";
import { measure } from "../src/surfaces/cli/measure.ts";
import { readSuite } from "../src/surfaces/cli/read-suite.ts";

const pairs = Number(process.argv[2] ?? 20);
const read = await readSuite(demoSuiteFile());
const pullRequest = { ...read, suite: asPullRequest(read.suite) };
const scratch = await mkdtemp(path.join(tmpdir(), "squall-demo-"));
const never = new AbortController().signal;

const run = async (what: typeof read, name: string): Promise<Profile> =>
  asStored(
    await measure({
      read: what,
      seed: undefined,
      runtime: "process",
      runDirectory: path.join(scratch, name),
      signal: never,
      onProgress: () => undefined,
    }),
  );

const judge = (head: Profile, base: Profile): Result =>
  judgeProfile({
    head,
    baseline: { schemaVersion: 1, suite: head.suite, profiles: [base] },
    policy: read.suite.policy,
    experiments: read.suite.experiments,
    file: "squall.yml",
  });

const invalidWindows = ({ windows }: Profile): number =>
  windows.filter((window) => window.invalid !== undefined).length;
const durations: number[] = [];
const overheads: number[] = [];
const note = (profile: Profile): Profile => {
  durations.push(profile.provenance.durationMs / 1000);
  overheads.push(1 - profile.measuringMs / profile.provenance.durationMs);
  return profile;
};

const counts = { mainPass: 0, mainFail: 0, mainOther: 0, named: 0, missed: 0 };
let base = note(await run(read, "main-0"));
for (let pair = 1; pair <= pairs; pair++) {
  const main = note(await run(read, `main-${pair}`));
  const same = judge(main, base);
  const head = note(await run(pullRequest, `pr-${pair}`));
  const other = judge(head, base);
  if (same.verdict.word === "pass") counts.mainPass++;
  else if (same.verdict.word === "regressed") counts.mainFail++;
  else counts.mainOther++;
  const rightFault =
    other.verdict.word === "regressed" && (other.verdict.worstScenario ?? "").startsWith("llm-");
  if (rightFault) counts.named++;
  else counts.missed++;
  process.stdout.write(
    `${pair}: main ${same.verdict.word} (${same.verdict.headline}; ${invalidWindows(main)} invalid windows), pull request ${other.verdict.word} under ${other.verdict.worstScenario ?? "nothing"}\n`,
  );
  base = main;
}
await rm(scratch, { recursive: true, force: true });
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
process.stdout.write(
  `main against main: ${counts.mainPass} passed, ${counts.mainFail} failed, ${counts.mainOther} neither, of ${pairs}\n` +
    `pull request against main: the right fault named in ${counts.named} of ${pairs}\n` +
    `a run takes ${median(durations).toFixed(1)} s (median), of which ${(median(overheads) * 100).toFixed(0)} % is not measuring\n`,
);
