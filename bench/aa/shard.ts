/** A part of the simulation, in a process of its own: one JSON line on standard output for each pull request. */
import { judge } from "../../src/core/judge/judge.ts";
import type { Profile } from "../../src/core/profile.ts";
import { PEERS } from "../peers/index.ts";
import { HOSTED } from "../simulator/machine.ts";
import { RESILIENT, type ServiceCode } from "../simulator/service.ts";
import { simulate } from "../simulator/simulate.ts";
import { simulatedPlan, simulatedSuite } from "../simulator/suite.ts";
import { REGRESSIONS, UNCHANGED } from "./changes.ts";

export interface ShardOptions {
  readonly suites: readonly number[];
  /** Pull requests of a suite that change nothing, and of each regression. */
  readonly unchanged: number;
  readonly changed: number;
  readonly service: "io" | "cpu";
  readonly budgetS: number;
  readonly baselines: number;
}

export interface Outcome {
  readonly change: string;
  readonly word: string;
  /** Does the finding name a fault under which the change shows? */
  readonly named: boolean;
  /** Peers that would fail it. */
  readonly peers: readonly string[];
  /** What was blamed, and what stood in a pass's way. */
  readonly first: string;
}

/** Runs of main before the pull requests: what the t-test looks back on. */
const HISTORY = 20;
const RATE_RPS = 50;
const SERVICES = { io: { cpuPart: 0.15, cores: 4 }, cpu: { cpuPart: 0.7, cores: 2 } } as const;

const options = JSON.parse(process.argv[2] ?? "{}") as ShardOptions;
const suite = simulatedSuite({ budgetS: options.budgetS, rateRps: RATE_RPS });

for (const number of options.suites) {
  const plan = simulatedPlan(suite, 1000 + number);
  let runSeed = 100_000 * (number + 1);
  const run = (code: ServiceCode): Profile =>
    simulate({ suite, plan, runSeed: runSeed++, code, machine: HOSTED, ...SERVICES[options.service] });
  const history = Array.from({ length: HISTORY }, () => run(RESILIENT));
  const profiles = history.slice(-options.baselines);
  const judged = (
    head: Profile,
  ): Omit<Outcome, "change" | "named"> & { readonly blamed: readonly string[] } => {
    const verdict = judge({
      head,
      baseline: { schemaVersion: 1, suite: suite.name, profiles },
      policy: suite.policy,
      experiments: suite.experiments,
    });
    const blocking = verdict.findings.filter(({ severity }) => severity === "block");
    const { widest } = verdict;
    return {
      word: verdict.word,
      blamed: blocking.map(({ scenario }) => scenario ?? "all"),
      peers: PEERS.filter((peer) => peer.fails(head, history)).map(({ name }) => name),
      first: blocking[0]?.title ?? (widest === null ? "" : `${widest.scenario}/${widest.metric}`),
    };
  };
  const cases = [
    ...Array.from({ length: options.unchanged }, () => UNCHANGED),
    ...REGRESSIONS.flatMap((each) => Array.from({ length: options.changed }, () => each)),
  ];
  for (const { name, code, shows } of cases) {
    const { blamed, ...outcome } = judged(run(code));
    const named = blamed.length > 0 && shows.includes(blamed[0] ?? "");
    process.stdout.write(`${JSON.stringify({ change: name, named, ...outcome } satisfies Outcome)}\n`);
  }
}
