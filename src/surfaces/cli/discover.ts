/** Watches the service calm, asks gently how well its edges are protected, and proposes experiments. */
import path from "node:path";
import { runtimeEngine } from "../../adapters/engines/runtime.ts";
import { sidecarEngine } from "../../adapters/engines/sidecar.ts";
import { startLoad } from "../../adapters/load/start-load.ts";
import { scanLog } from "../../adapters/runtimes/scan-log.ts";
import { experimentsYaml, withExperiments } from "../../config/discover/experiments-text.ts";
import type { LogFinding, Observed } from "../../config/discover/observed.ts";
import {
  type Chosen,
  chooseProposals,
  faultsOf,
  type Proposal,
  rankProposals,
} from "../../config/discover/propose.ts";
import { exposureOf, protectionOf } from "../../config/discover/protection.ts";
import { readDuration } from "../../config/quantities.ts";
import { parseSuite } from "../../config/suite.ts";
import { SquallError } from "../../core/errors.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { Suite } from "../../core/suite.ts";
import { observe } from "../../run/discover/discover.ts";
import { matchEngines } from "../../run/match-engines.ts";
import type { Engine, RunningSystem, Runtime } from "../../run/ports.ts";
import { suiteSeed } from "../../run/run-suite.ts";
import { withBuildArguments } from "../gate/build-arguments.ts";
import { chooseRuntime } from "../gate/choose-runtime.ts";
import { interruptible } from "../gate/interrupt.ts";
import { startProgress } from "../gate/progress.ts";
import { parseSeed, type ReadSuite, readSuite, readText } from "../gate/read-suite.ts";
import { newRunDirectory } from "../gate/run-directory.ts";
import { byExposure, chosenText, observedText } from "./discover-text.ts";
import { checkTarget, writeProposals } from "./discover-write.ts";

export interface DiscoverArguments {
  readonly file: string;
  readonly out: string;
  readonly quiet: boolean;
  readonly write?: string;
  readonly budget: string;
  readonly most: string;
  /** Further logs to read. */
  readonly log?: readonly string[];
  readonly seed?: string;
  readonly runtime?: string;
  readonly buildArg?: readonly string[];
  readonly json: boolean;
}

/** The calm window and one question. */
const SHORTEST_BUDGET_MS = 10_000;
const LONGEST_BUDGET_MS = 3_600_000;
/** As many as a suite may hold. */
const MOST_EXPERIMENTS = 200;

const budgetOf = (text: string): number => {
  const reading = readDuration(text);
  if (reading.ok && reading.value >= SHORTEST_BUDGET_MS && reading.value <= LONGEST_BUDGET_MS)
    return reading.value;
  throw new SquallError("argument-invalid", `--budget ${plainText(text, 40)} is no time from 10s to 1h.`, {
    remedy: "Write it with its unit, such as --budget 60s.",
  });
};

const mostOf = (text: string): number => {
  const most = Number(text);
  if (Number.isInteger(most) && most >= 1 && most <= MOST_EXPERIMENTS) return most;
  throw new SquallError(
    "argument-invalid",
    `--most ${plainText(text, 40)} is not a whole number from 1 to ${MOST_EXPERIMENTS}.`,
  );
};

/** Why an experiment cannot be run here; null: it can. By the suite's own door, then by the engines. */
const whyNotHere =
  (suiteText: string, file: string, runtime: Runtime, engines: readonly Engine[]) =>
  (suite: Suite) =>
  (proposal: Proposal): string | null => {
    const text = withExperiments(suiteText, [proposal]);
    const parsed = text === null ? null : parseSuite(text, { file });
    if (parsed === null) return "it could not be put into the suite file";
    if (!parsed.ok) return parsed.problems[0]?.message ?? "the suite would not be valid";
    const experiment = { name: proposal.name, faults: faultsOf(proposal, suite.dependencies), expect: [] };
    try {
      matchEngines({ ...suite, experiments: [experiment], frontiers: [] }, runtime, engines);
      return null;
    } catch (error) {
      if (error instanceof SquallError) return `runtime ${runtime.name} cannot do it`;
      throw error;
    }
  };

/** Logs that the runtime writes, and those that were named; only the latter must be there. */
const scanLogs =
  (suite: Suite, named: readonly string[], tell: (note: string) => void) =>
  async (own: RunningSystem["logFiles"]): Promise<readonly LogFinding[]> => {
    const names = suite.dependencies.map(({ name }) => name);
    const findings: LogFinding[] = [];
    const scan = async (name: string, file: string): Promise<void> => {
      const found = await scanLog(file, name, names);
      findings.push(...found.findings);
      if (!found.whole) tell(`${name}'s log is long: only its beginning was read.`);
    };
    for (const { name, path: file } of own)
      await scan(name, file).catch(() => tell(`${name}'s log could not be read.`));
    for (const file of named) await scan(path.basename(file), file);
    return findings;
  };

const jsonOf = (observed: Observed, chosen: Chosen): string =>
  JSON.stringify(
    {
      ...observed,
      edges: byExposure(observed).map((edge) => ({
        ...edge,
        protection: protectionOf(edge),
        exposure: exposureOf(edge),
      })),
      ...chosen,
    },
    null,
    2,
  );

const tellWritten = async (target: string, suiteFile: string, { proposals }: Chosen): Promise<void> => {
  const { added, isNew } = await writeProposals(target, suiteFile, proposals);
  process.stderr.write(
    added.length === 0
      ? `nothing to add: ${target} was left as it is\n`
      : `${isNew ? `wrote ${target}, the suite with` : `added to ${target}:`} ${added.length} experiment${added.length === 1 ? "" : "s"}: ${added.join(", ")}\nnext: squall validate ${target}, then squall run --file ${target}\n`,
  );
};

interface Watched {
  readonly observed: Observed;
  readonly runtime: Runtime;
  readonly engines: readonly Engine[];
}

const watch = async (read: ReadSuite, options: DiscoverArguments, budgetMs: number): Promise<Watched> => {
  const { suite, requestSet, directory } = read;
  const engines = [sidecarEngine(), runtimeEngine()];
  const runtime = await chooseRuntime(suite, options.runtime);
  const runDirectory = await newRunDirectory(options.out, `${suite.name}-discover`);
  const notes: string[] = [];
  using interruption = interruptible();
  using progress = startProgress(options.quiet);
  const observed = await observe({
    suite,
    requestSet,
    suiteDirectory: directory,
    runDirectory: path.resolve(runDirectory),
    seed: parseSeed(options.seed) ?? suiteSeed(suite, requestSet),
    runtime,
    engines,
    startLoad,
    budgetMs,
    scanLogs: scanLogs(suite, options.log ?? [], (note) => notes.push(note)),
    signal: interruption.signal,
    onProgress: progress.on,
  });
  return { observed: { ...observed, notes: [...observed.notes, ...notes] }, runtime, engines };
};

/** @returns the exit code */
export const discover = async (options: DiscoverArguments): Promise<number> => {
  const { file } = options;
  const [budgetMs, most] = [budgetOf(options.budget), mostOf(options.most)];
  parseSeed(options.seed);
  const found = await readSuite(file, { mayLackExperiments: true });
  if (found.suite.job !== undefined)
    throw new SquallError(
      "argument-invalid",
      "squall discover watches requests, and a training job has none.",
      {
        place: file,
        remedy: "Write its experiments by hand: docs/jobs.md shows how.",
      },
    );
  const read = { ...found, suite: withBuildArguments(found.suite, options.buildArg) };
  const { suite } = read;
  if (options.write !== undefined) await checkTarget(options.write, file);
  // Told now, not after a minute.
  for (const log of options.log ?? []) await scanLog(log, log, [], 1);
  const { observed, runtime, engines } = await watch(read, options, budgetMs);
  const text = await readText(file, "The suite file", "It was there when discover began.");
  const chosen = chooseProposals(rankProposals(observed, suite), {
    suite,
    most,
    whyNot: whyNotHere(text, file, runtime, engines)(suite),
  });
  process.stdout.write(
    options.json
      ? `${jsonOf(observed, chosen)}\n`
      : `${observedText(observed)}\n\n${chosenText(chosen)}\n${experimentsYaml(chosen.proposals)}`,
  );
  if (options.write !== undefined) await tellWritten(options.write, file, chosen);
  return 0;
};
