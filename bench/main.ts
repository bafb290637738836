/** Runs benchmarks one after the other: `npm run bench [-- name...]`; all but the long ones where none is named. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** In order; the quick ones first. */
const BENCHMARKS = {
  "start-up": "start-up time of dist",
  "judge-time": "judging time for 6 experiments x 10,000 requests",
  "sidecar-relay": "sidecar beside a direct connection and Toxiproxy",
  "replay-lateness": "replay lateness at the server, beside vegeta and k6",
  "twin-simulation": "how often twins fail, pass or stay inconclusive",
  aa: "A/A and regressions in numbers: 1,000 unchanged pull requests, peers' rules beside the judge",
  detect: "detectors: what they find, how soon, and their false alarms, without and with a baseline",
  frontiers: "frontiers: intervals, halved ones found, unchanged ones blamed, in simulation",
  docker: "runtime docker: start, clean-up, the sidecar's container beside Toxiproxy's",
  localise: "which edge or process a fault is suspected at, over the catalogue",
  "run-overhead": "share of a 120 s run that is not measuring",
  changes: "careless and harmless changes to two services, caught or not",
  "job-kills": "the training examples, killed at random moments, beside runs that nobody killed",
  jobs: "careless and harmless changes to two training jobs, caught or not",
  diagnose: "diagnosis: the right remedy named for careless changes to a service",
  "demo-verdicts": "how often the demo's verdict is right, in 20 pairs of runs",
} as const;

type Name = keyof typeof BENCHMARKS;

/** Only where they are named: they take a quarter of an hour and more. */
const LONG: ReadonlySet<Name> = new Set<Name>([
  "aa",
  "changes",
  "diagnose",
  "demo-verdicts",
  "job-kills",
  "jobs",
  "localise",
]);

const names = Object.keys(BENCHMARKS) as Name[];
/** `npm run bench -- aa --budget 240`: what begins with a dash, and all behind it, is the benchmark's own. */
const words = process.argv.slice(2);
const dash = words.findIndex((word) => word.startsWith("-"));
const asked = dash < 0 ? words : words.slice(0, dash);
const options = dash < 0 ? [] : words.slice(dash);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(", ")} (there are: ${names.join(", ")})`);
  process.exit(2);
}
const chosen = asked.length === 0 ? names.filter((name) => !LONG.has(name)) : asked;

for (const name of names.filter((one) => chosen.includes(one))) {
  console.log(`\n== ${name}: ${BENCHMARKS[name]}`);
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, [file, ...options], { stdio: "inherit" });
  if (status === 0) continue;
  console.error(`${name} failed`);
  process.exitCode = 1;
}
if (asked.length === 0) {
  console.log(
    `\nleft out, because they take a quarter of an hour and more: ${[...LONG].join(", ")} (npm run bench -- <name>)`,
  );
}
