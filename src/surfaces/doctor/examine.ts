/** All questions in their order: the quiet ones first, for the probe must not measure the doctor itself. */
import { ask, type Check, DEADLINE_MS, type Question } from "../../run/doctor/check.ts";
import { ci } from "../../run/doctor/ci.ts";
import { disk } from "../../run/doctor/disk.ts";
import { loopback } from "../../run/doctor/loopback.ts";
import { memory } from "../../run/doctor/memory.ts";
import { nodeVersion } from "../../run/doctor/node-version.ts";
import { processor } from "../../run/doctor/processor.ts";
import { type Readiness, RUNTIME_CHECKS, type RuntimeName, readinessOf } from "../../run/doctor/readiness.ts";
import { type DockerCheck, dockerEngine, type LookedEngine } from "./docker-engine.ts";
import { gitCheck } from "./git.ts";
import { processRuntimeCheck } from "./process-runtime.ts";
import { type FoundSuite, suiteCheck } from "./suite.ts";
import { suiteFaults } from "./suite-faults.ts";
import { suiteFiles } from "./suite-files.ts";
import { suiteProcesses } from "./suite-processes.ts";
import { presentToxiproxy, suiteToxiproxy, wantsToxiproxy } from "./toxiproxy.ts";

export interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The suite file; undefined: squall.yml where there is one. */
  readonly file: string | undefined;
  /** Where runs are written. */
  readonly out: string;
  readonly deadlineMs?: number;
  /** How the engine is found; absent: as a run finds it. */
  readonly docker?: DockerCheck;
}

export interface Examination extends Readiness {
  readonly checks: readonly Check[];
}

/** Any suite will do, and any runtime. */
const ANY: readonly RuntimeName[] = ["process", "docker"];

const suiteQuestions = (
  found: FoundSuite,
  runtime: RuntimeName,
  engine: LookedEngine | null,
  env: NodeJS.ProcessEnv,
): Question[] => [
  suiteProcesses(found, runtime, env),
  suiteFiles(found, runtime),
  suiteFaults(found.suite, runtime, engine),
  ...(wantsToxiproxy(found.suite) ? [suiteToxiproxy(found.suite, runtime, engine)] : []),
];

/** Never throws for what the machine lacks. */
export const examine = async ({
  cwd,
  env,
  file,
  out,
  deadlineMs = DEADLINE_MS,
  docker = dockerEngine(),
}: Place): Promise<Examination> => {
  const each = (questions: readonly Question[]): Promise<Check[]> =>
    Promise.all(questions.map((question) => ask(question, deadlineMs)));
  const suite = suiteCheck(file, cwd);
  const quiet = [await ask(nodeVersion(), deadlineMs), await ask(processor(), deadlineMs)];
  await docker.prepare();
  const machine = await each([
    memory(),
    disk(out),
    loopback(),
    gitCheck(cwd, env),
    processRuntimeCheck(),
    docker.question,
    ci(env),
    suite.question,
  ]);
  const checks = [...quiet, ...machine];
  const found = suite.found();
  const runtimes = found?.runtimes ?? ANY;
  const isThere = (runtime: RuntimeName): boolean =>
    checks.some(({ name, state }) => name === RUNTIME_CHECKS[runtime] && state !== "missing");
  if (found === null) {
    const present = await presentToxiproxy(cwd, env["PATH"]);
    const more = present === null ? [] : await each([present]);
    const all = [...checks, ...more];
    return { ...readinessOf(all, { runtimes }), checks: all };
  }
  const runtime = runtimes.find(isThere) ?? runtimes[0] ?? "process";
  const engine = isThere("docker") ? docker.engine() : null;
  const all = [...checks, ...(await each(suiteQuestions(found, runtime, engine, env)))];
  return { ...readinessOf(all, { runtimes, suite: found.suite.name }), checks: all };
};
