/**
 * How often localisation names the place that a fault was injected at: every fault of the catalogue that the runtime can do, on the
 * edges and processes of the example service. Takes about ten minutes.
 *
 *   node bench/localise.ts [--runtime process|docker] [--build-arg BASE=...] [--only WORD] [--keep DIR] [--judge DIR]
 *
 * `--keep` leaves the samples, `--judge` takes them instead of measuring. Exits 1 below 90 %.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { asStored } from "../src/config/baseline-file.ts";
import { formatProblems } from "../src/config/problems.ts";
import { parseSuite } from "../src/config/suite.ts";
import { localise } from "../src/core/localise/localise.ts";
import type { LocalisationResult } from "../src/core/localise/result.ts";
import type { Profile } from "../src/core/profile.ts";
import { WITHOUT_EFFECT } from "../src/run/window-records.ts";
import { withBuildArguments } from "../src/surfaces/gate/build-arguments.ts";
import { measure } from "../src/surfaces/gate/measure.ts";
import { type ReadSuite, readSuite } from "../src/surfaces/gate/read-suite.ts";
import { readSamples, writeSamples } from "../src/surfaces/gate/run-directory.ts";
import { type BenchFault, benchFaults } from "./localise/faults.ts";
import { goal } from "./relay/figures.ts";

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "process" },
    "build-arg": { type: "string", multiple: true },
    only: { type: "string" },
    keep: { type: "string" },
    judge: { type: "string" },
  },
});
const { runtime } = values;
if (runtime !== "process" && runtime !== "docker") {
  console.error("usage: node bench/localise.ts [--runtime process|docker] [--only WORD]");
  process.exit(2);
}

const RIGHT_AT_LEAST = 0.9;
const FAULTS_A_SUITE = 12;
const EXAMPLE = fileURLToPath(new URL("../examples/answers/squall.yml", import.meta.url));

const suiteText = (faults: readonly BenchFault[], place: number): string =>
  `version: 1
name: localise-${place}
service:
  command: node server.ts
  build: { context: ../.., dockerfile: examples/answers/Dockerfile }
  ready: /readyz
  env: { LLM_URL: "{{llm}}", VECTOR_URL: "{{vector}}" }
dependencies:
  llm: { stub: openai, firstToken: 30ms, perToken: 2ms, tokens: 15..25 }
  vector: { command: node vector-search.ts, ready: /healthz }
workload:
  requests: requests.jsonl
  rate: 30/s
  slo: 2s
  degraded: { json: { path: source, value: faq } }
experiments:
${faults.map(({ name, text }) => `  - { name: ${name}, faults: [${text}] }`).join("\n")}
gate: { budget: 30s }
`;

const suiteOf = (example: ReadSuite, faults: readonly BenchFault[], place: number): ReadSuite => {
  const text = suiteText(faults, place);
  const parsed = parseSuite(text, { file: EXAMPLE });
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems, text));
  return { ...example, suite: withBuildArguments(parsed.suite, values["build-arg"]) };
};

const scratch = await mkdtemp(path.join(tmpdir(), "squall-localise-"));
const samples = values.judge ?? values.keep ?? path.join(scratch, "samples");
const example = await readSuite(EXAMPLE);

const profileOf = async (faults: readonly BenchFault[], place: number): Promise<Profile> => {
  const kept = path.resolve(samples, `suite-${place}`);
  if (values.judge !== undefined) return readSamples(kept);
  await mkdir(kept, { recursive: true });
  const profile = await measure({
    read: suiteOf(example, faults, place),
    seed: undefined,
    runtime,
    runDirectory: kept,
    provenance: { tool: "bench" },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  await writeSamples(kept, profile);
  return asStored(profile);
};

const show = ({ scenario, truth, suspects, right, propagation }: LocalisationResult): void => {
  const [first, second] = suspects;
  const found = first === undefined ? "nothing" : `${first.place} (${first.score.toFixed(2)})`;
  const next = second === undefined ? "" : `, then ${second.place} (${second.score.toFixed(2)})`;
  console.log(`${right ? "right" : "WRONG"}  ${scenario.padEnd(28)} ${truth.join(", ")} -> ${found}${next}`);
  console.log(`         ${first?.reasons.join("; ") ?? "nothing deviated"}`);
  for (const { kind, text } of propagation) console.log(`         ${kind}: ${text}`);
};

/** A window in which the fault met no call is none that counts, here as in a verdict: there was nothing to be found. */
const metNothing = ({ windows }: Profile): ReadonlySet<string> =>
  new Set(
    windows.flatMap(({ scenario, phase, invalid }) =>
      phase === "load" && invalid?.startsWith(WITHOUT_EFFECT) === true ? [scenario] : [],
    ),
  );

const all = benchFaults(runtime).filter(({ name }) => name.includes(values.only ?? ""));
const results: LocalisationResult[] = [];
/** Faults that met no call in some window of theirs. */
const idle = new Set<string>();
for (let from = 0; from < all.length; from += FAULTS_A_SUITE) {
  const place = from / FAULTS_A_SUITE;
  const profile = await profileOf(all.slice(from, from + FAULTS_A_SUITE), place);
  const localised = localise(profile);
  for (const each of localised) show(each);
  results.push(...localised);
  for (const scenario of metNothing(profile)) idle.add(scenario);
}
await rm(scratch, { recursive: true, force: true });
const counted = results.filter(({ scenario }) => !idle.has(scenario));
const rightOf = (some: readonly LocalisationResult[]): number => some.filter((each) => each.right).length;
const wrong = counted.filter((each) => !each.right).map(({ scenario }) => scenario);
const right = rightOf(counted);
console.log(
  `right place first for ${right} of ${counted.length} faults (${goal(right / counted.length, "at least", RIGHT_AT_LEAST)}); wrong: ${wrong.join(", ") || "none"}`,
);
console.log(
  `with those that met no call in a window of theirs (${[...idle].join(", ") || "none"}): ${rightOf(results)} of ${results.length}`,
);
if (right < RIGHT_AT_LEAST * counted.length) process.exitCode = 1;
