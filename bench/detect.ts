/**
 * Detectors in numbers (METHOD.md section 9): simulated runs by the product's own schedule, watched by each detector without and with
 * a baseline to learn from.
 *
 *   node bench/detect.ts [--suites 4] [--runs 5] [--budget 240] [--machine hosted|quiet|both]
 *   node bench/detect.ts --recorded .squall/<run> [--recorded ...]
 *
 * `--recorded`: runs of a real service, oldest first; each is watched after training on those before it.
 *
 * Found: windows under faults that were flagged. Precision: flagged seconds that lie under a fault. A run is one suite's service without
 * a change, on a machine of its own moods: what stalls by itself counts as calm.
 */
import { parseArgs } from "node:util";
import { detect } from "../src/core/detect/detection.ts";
import { confirmed } from "../src/core/detect/detector.ts";
import { featureTable } from "../src/core/detect/features.ts";
import { meanVariance, TEXTBOOK } from "../src/core/detect/mean-variance.ts";
import { DETECTOR_NAMES, type DetectorResult } from "../src/core/detect/result.ts";
import { scoresOf } from "../src/core/detect/scores.ts";
import { faultStartsOf, seriesOf } from "../src/core/detect/series.ts";
import type { Profile } from "../src/core/profile.ts";
import { medianOf } from "../src/core/statistics/quantile.ts";
import { readSamples } from "../src/surfaces/gate/run-directory.ts";
import { HOSTED, type MachineOptions } from "./simulator/machine.ts";
import { RESILIENT } from "./simulator/service.ts";
import { simulate } from "./simulator/simulate.ts";
import { simulatedPlan, simulatedSuite } from "./simulator/suite.ts";

const { values } = parseArgs({
  options: {
    suites: { type: "string", default: "4" },
    runs: { type: "string", default: "5" },
    budget: { type: "string", default: "240" },
    machine: { type: "string", default: "both" },
    recorded: { type: "string", multiple: true },
  },
});
const whole = (text: string): number => Math.max(1, Math.round(Number(text)));

const RATE_RPS = 50;
const BASELINE = 8;
const MACHINES: Readonly<Record<string, MachineOptions>> = {
  quiet: { speedSpread: 0.3, stallEveryS: 1e9, neighbourEveryS: 1e9 },
  hosted: HOSTED,
};

/** The textbook form, for comparison: no suite can ask for it. */
const textbook = (head: Profile): DetectorResult => {
  const series = seriesOf(head);
  const own = featureTable(series);
  if (own === null) throw new Error("a simulated run has too little calm");
  const { form, anomalies } = meanVariance(TEXTBOOK)({ own, earlier: [], seed: head.seed });
  const names = head.scenarios.map(({ name }) => name);
  return {
    detector: "mean-variance",
    form,
    ...scoresOf(series, confirmed(anomalies, own.follows), names, faultStartsOf(head)),
  };
};

interface Tally {
  results: DetectorResult[];
}

const told = ({ results }: Tally): string[] => {
  const scenarios = results.flatMap((result) => result.scenarios);
  const sum = (of: (each: (typeof scenarios)[number]) => number): number =>
    scenarios.reduce((all, each) => all + of(each), 0);
  const found = sum((each) => each.found);
  const delays = scenarios.flatMap(({ medianDelayMs, found: times }) =>
    Array.from({ length: medianDelayMs === null ? 0 : times }, () => medianDelayMs ?? 0),
  );
  const alarms = results.reduce((all, { falseAlarms }) => all + falseAlarms, 0);
  const calmMs = results.reduce((all, each) => all + each.calmMs, 0);
  return [
    `${((100 * found) / sum((each) => each.windows)).toFixed(0)} %`,
    `${((100 * found) / Math.max(1, found + alarms)).toFixed(0)} %`,
    `${((medianOf(delays) ?? Number.NaN) / 1000).toFixed(1)} s`,
    ((600_000 * alarms) / calmMs).toFixed(1),
  ];
};

const byFault = ({ results }: Tally): string => {
  const groups = Map.groupBy(
    results.flatMap((result) => result.scenarios),
    ({ scenario }) => scenario,
  );
  return [...groups]
    .map(
      ([name, own]) =>
        `${name} ${((100 * own.reduce((all, { found }) => all + found, 0)) / own.reduce((all, { windows }) => all + windows, 0)).toFixed(0)}`,
    )
    .join(", ");
};

const row = (cells: readonly string[]): void =>
  console.log(cells.map((cell, index) => cell.padEnd([30, 9, 10, 9, 8, 0][index] ?? 0)).join(" "));

type Add = (key: string, result: DetectorResult) => void;

const tally = (): { readonly tallies: ReadonlyMap<string, Tally>; readonly add: Add } => {
  const tallies = new Map<string, Tally>();
  const add: Add = (key, result) => {
    const known = tallies.get(key) ?? { results: [] };
    known.results.push(result);
    tallies.set(key, known);
  };
  return { tallies, add };
};

/** Every detector over one run, after the runs before it. A form that is another detector's is told once. */
const watch = (head: Profile, baseline: readonly Profile[], add: Add): void => {
  for (const result of detect(head, baseline, DETECTOR_NAMES)) {
    if (result.detector === "random-forest" && result.fellBack !== undefined) continue;
    add(`${result.detector}, ${baseline.length === 0 ? "untaught" : "taught"}`, result);
  }
};

const show = (title: string, tallies: ReadonlyMap<string, Tally>): void => {
  console.log(`\n${title}`);
  row(["detector", "found", "precision", "delay", "alarms", "found by fault, %"]);
  for (const [key, each] of tallies) row([key, ...told(each), byFault(each)]);
  console.log(
    "found: windows under faults that were flagged; precision: these over these and false alarms; alarms: false ones per 10 min of calm",
  );
};

const simulated = (name: string, machine: MachineOptions): void => {
  const suite = simulatedSuite({ budgetS: whole(values.budget), rateRps: RATE_RPS });
  const { tallies, add } = tally();
  const times: number[] = [];
  for (let number = 0; number < whole(values.suites); number++) {
    const plan = simulatedPlan(suite, 2000 + number);
    let runSeed = 300_000 * (number + 1);
    const run = (): Profile =>
      simulate({ suite, plan, runSeed: runSeed++, code: RESILIENT, machine, cpuPart: 0.15, cores: 4 });
    const baseline = Array.from({ length: BASELINE }, run);
    for (let each = 0; each < whole(values.runs); each++) {
      const head = run();
      add("3 sigma, textbook", textbook(head));
      watch(head, [], add);
      watch(head, baseline, add);
      const startUs = process.cpuUsage().user;
      detect(head, baseline, ["mean-variance", "random-forest"]);
      times.push((process.cpuUsage().user - startUs) / 1000);
    }
  }
  show(
    `${name} machine, ${values.suites} suites x ${values.runs} runs of ${values.budget} s at ${RATE_RPS}/s`,
    tallies,
  );
  console.log(
    `processor time of the default detectors with ${BASELINE} runs: median ${(medianOf(times) ?? 0).toFixed(0)} ms`,
  );
};

const recorded = async (directories: readonly string[]): Promise<void> => {
  const { tallies, add } = tally();
  const before: Profile[] = [];
  for (const directory of directories) {
    const head = await readSamples(directory);
    add("3 sigma, textbook", textbook(head));
    watch(head, [], add);
    if (before.length > 0) watch(head, before, add);
    before.push(head);
  }
  show(`recorded, ${directories.length} runs`, tallies);
};

if (values.recorded !== undefined) {
  await recorded(values.recorded);
} else {
  const machines = values.machine === "both" ? Object.keys(MACHINES) : [values.machine];
  for (const name of machines) {
    const machine = MACHINES[name];
    if (machine === undefined) throw new Error(`no such machine: ${name}`);
    simulated(name, machine);
  }
}
