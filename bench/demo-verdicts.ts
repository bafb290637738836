/**
 * How often the demo's verdict is right: main against main (must not fail, should pass) and the careless pull request
 * against main (must fail, and name a fault that the change is careless about). Each pair is judged against one baseline
 * run: the hardest case. Takes about a minute and a half a pair.
 *
 *   node bench/demo-verdicts.ts [pairs, default 20] [--runtime process|docker, default process] [--build-arg BASE=...]
 *
 * Exits 1 where a pull request is not found or found under another fault, where main fails against main, or where main
 * passes in fewer than 18 of 20.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { asStored } from "../src/config/baseline-file.ts";
import type { Profile } from "../src/core/profile.ts";
import type { Result } from "../src/core/verdict.ts";
import { asPullRequest, demoSuiteFile } from "../src/surfaces/cli/demo.ts";
import { withBuildArguments } from "../src/surfaces/gate/build-arguments.ts";
import { judgeProfile } from "../src/surfaces/gate/judge-profile.ts";
import { measure } from "../src/surfaces/gate/measure.ts";
import { readSuite } from "../src/surfaces/gate/read-suite.ts";
import { goal, median } from "./relay/figures.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string", default: "process" },
    "build-arg": { type: "string", multiple: true },
  },
});
const { runtime } = values;
const pairs = Number(positionals[0] ?? 20);
if (!Number.isInteger(pairs) || pairs < 1 || (runtime !== "process" && runtime !== "docker")) {
  console.error("usage: node bench/demo-verdicts.ts [pairs] [--runtime process|docker]");
  process.exit(2);
}
/** Its retry honours any Retry-After, and its fallback is gone: either fault shows it. */
const EXPECTED: ReadonlySet<string> = new Set(["llm-rate-limited", "llm-down"]);
const FEWEST_PASSES = Math.floor((18 / 20) * pairs);
const found = await readSuite(demoSuiteFile());
const read = { ...found, suite: withBuildArguments(found.suite, values["build-arg"]) };
const pullRequest = { ...read, suite: asPullRequest(read.suite) };
const scratch = await mkdtemp(path.join(tmpdir(), "squall-demo-"));
const never = new AbortController().signal;

const run = async (what: typeof read, name: string): Promise<Profile> =>
  asStored(
    await measure({
      read: what,
      seed: undefined,
      runtime,
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
  const rightFault = other.verdict.word === "regressed" && EXPECTED.has(other.verdict.worstScenario ?? "");
  if (rightFault) counts.named++;
  else counts.missed++;
  process.stdout.write(
    `${pair}: main ${same.verdict.word} (${same.verdict.headline}; ${invalidWindows(main)} invalid windows), pull request ${other.verdict.word} under ${other.verdict.worstScenario ?? "nothing"}\n`,
  );
  base = main;
}
await rm(scratch, { recursive: true, force: true });
process.stdout.write(
  `main against main: ${counts.mainPass} passed, ${counts.mainFail} failed, ${counts.mainOther} neither, of ${pairs} (${goal(counts.mainPass, "at least", FEWEST_PASSES)}; failed: ${goal(counts.mainFail, "at most", 0)})\n` +
    `pull request against main: ${[...EXPECTED].join(" or ")} named in ${counts.named} of ${pairs} (${goal(counts.named, "at least", pairs)})\n` +
    `a run takes ${median(durations).toFixed(1)} s (median), of which ${(median(overheads) * 100).toFixed(0)} % is not measuring\n`,
);
if (counts.named < pairs || counts.mainFail > 0 || counts.mainPass < FEWEST_PASSES) process.exitCode = 1;
