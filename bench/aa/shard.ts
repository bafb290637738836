/** A part of the simulation, in a process of its own: one JSON line on standard output for each pull request. */
import { type JudgeInput, judge } from "../../src/core/judge/judge.ts";
import { withFinalAlpha } from "../../src/core/judge/looks.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { Verdict } from "../../src/core/verdict.ts";
import { PEERS } from "../peers/index.ts";
import { HOSTED } from "../simulator/machine.ts";
import { RESILIENT, type ServiceCode } from "../simulator/service.ts";
import { simulate } from "../simulator/simulate.ts";
import { simulatedPlan, simulatedSuite } from "../simulator/suite.ts";
import { REGRESSIONS, UNCHANGED } from "./changes.ts";
import { endedEarly } from "./looks.ts";

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
  /** Against stored runs, the whole budget. */
  readonly word: string;
  /** The same with looks, and the share of the time under load that it took. */
  readonly early: string;
  readonly share: number;
  /** Side by side with main on one machine. */
  readonly paired: string;
  /** Does the finding name a fault under which the change shows? */
  readonly named: boolean;
  /** Peers that would fail it. */
  readonly peers: readonly string[];
  /** What was blamed, and what stood in a pass's way. */
  readonly first: string;
  /** By metric and way to judge: 95 % intervals that hold no change at all, and how many there were. */
  readonly held: Readonly<Record<string, readonly [held: number, of: number]>>;
}

/** Runs of main before the pull requests: what the t-test looks back on. */
const HISTORY = 20;
const RATE_RPS = 50;
const SERVICES = { io: { cpuPart: 0.15, cores: 4 }, cpu: { cpuPart: 0.7, cores: 2 } } as const;

/** Nothing changed: an interval is right where it holds zero. Shares of which none was ever seen are right for ever, and left out. */
const heldOf = (way: string, { comparisons }: Verdict): [string, [number, number]][] =>
  [...Map.groupBy(comparisons, ({ metric }) => metric)].flatMap(([metric, all]) => {
    const told = all.filter(({ interval, base, head }) => interval !== null && (base !== 0 || head !== 0));
    const held = told.filter(({ interval }) => interval !== null && interval[0] <= 0 && interval[1] >= 0);
    return told.length === 0 ? [] : [[`${way} ${metric}`, [held.length, told.length]]];
  });

const options = JSON.parse(process.argv[2] ?? "{}") as ShardOptions;
const suite = simulatedSuite({ budgetS: options.budgetS, rateRps: RATE_RPS });

for (const number of options.suites) {
  const plan = simulatedPlan(suite, 1000 + number);
  let runSeed = 100_000 * (number + 1);
  const run = (code: ServiceCode, machineSeed?: number): Profile =>
    simulate({
      suite,
      plan,
      runSeed: runSeed++,
      code,
      machine: HOSTED,
      ...SERVICES[options.service],
      ...(machineSeed === undefined ? {} : { machineSeed }),
    });
  const history = Array.from({ length: HISTORY }, () => run(RESILIENT));
  const profiles = history.slice(-options.baselines);
  const inputOf = (head: Profile, bases: readonly Profile[]): JudgeInput => ({
    head,
    baseline: { schemaVersion: 1, suite: suite.name, profiles: bases },
    policy: suite.policy,
    experiments: suite.experiments,
  });
  const judged = (
    code: ServiceCode,
  ): Omit<Outcome, "change" | "named"> & { readonly blamed: readonly string[] } => {
    const machineSeed = runSeed;
    const head = run(code);
    const input = inputOf(head, profiles);
    const verdict = judge(input);
    const ended = endedEarly(input, plan);
    const beside = run(RESILIENT, machineSeed);
    const paired = judge({ ...inputOf(head, [beside]), paired: true });
    const blocking = verdict.findings.filter(({ severity }) => severity === "block");
    const { widest } = verdict;
    return {
      word: verdict.word,
      early: judge({ ...input, head: ended, policy: withFinalAlpha(suite.policy) }).word,
      share: ended.measuringMs / head.measuringMs,
      paired: paired.word,
      held: Object.fromEntries([...heldOf("stored", verdict), ...heldOf("pairs", paired)]),
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
    const { blamed, ...outcome } = judged(code);
    const named = blamed.length > 0 && shows.includes(blamed[0] ?? "");
    process.stdout.write(`${JSON.stringify({ change: name, named, ...outcome } satisfies Outcome)}\n`);
  }
}
