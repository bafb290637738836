/** Do the suite's programs exist here, and are the ports free that it fixes? */
import path from "node:path";
import { baseEnvironment } from "../../adapters/runtimes/base-environment.ts";
import { isPortFree } from "../../adapters/runtimes/process/free-ports.ts";
import type { ContainerSpec, ProcessSpec, Suite } from "../../core/suite.ts";
import type { Question } from "../../run/doctor/check.ts";
import type { RuntimeName } from "../../run/doctor/readiness.ts";
import { isOnPath } from "./executable.ts";
import type { FoundSuite } from "./suite.ts";

interface Named<T> {
  readonly name: string;
  readonly spec: T;
}

const commandsOf = ({ service, dependencies }: Suite): Named<ProcessSpec>[] => [
  ...(service.process === undefined ? [] : [{ name: "service", spec: service.process }]),
  ...dependencies.flatMap(({ name, source }) =>
    source.type === "command" ? [{ name, spec: source.process }] : [],
  ),
];

export const containersOf = ({ service, dependencies }: Suite): Named<ContainerSpec>[] => [
  ...(service.container === undefined ? [] : [{ name: "service", spec: service.container }]),
  ...dependencies.flatMap(({ name, source }) =>
    source.type === "container" ? [{ name, spec: source.container }] : [],
  ),
];

/** Commands are started on this machine by runtime process alone; docker runs them in the service's image. */
const ofProcess = async (
  { suite, directory }: FoundSuite,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly found: string[]; readonly lacks: string[] }> => {
  const base = baseEnvironment(env);
  const found: string[] = [];
  const lacks = suite.dependencies.flatMap(({ name, source }) =>
    source.type === "container" ? [`${name} runs in a container, which runtime process cannot start`] : [],
  );
  if (suite.service.process === undefined) lacks.push("the service has no command");
  for (const { name, spec } of commandsOf(suite)) {
    const [program = ""] = spec.command;
    const searchPath = spec.env["PATH"] ?? base["PATH"];
    // A name that a run fills in cannot be looked up before.
    if (program.includes("{{")) continue;
    if (await isOnPath(program, path.resolve(directory, spec.cwd), searchPath)) found.push(program);
    else lacks.push(`${name}: "${program}" was not found`);
    if (spec.port !== 0 && !(await isPortFree(spec.port))) lacks.push(`${name}: port ${spec.port} is taken`);
  }
  return { found, lacks };
};

const ofDocker = async (
  { suite, directory }: FoundSuite,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly found: string[]; readonly lacks: string[] }> => {
  const containers = containersOf(suite);
  const lacks = suite.service.container === undefined ? ["the service has no image, build or compose"] : [];
  // What compose builds is not known before its file is read; `image` needs no command line.
  if (!containers.some(({ spec }) => spec.source.type === "build")) return { found: [], lacks };
  const here = await isOnPath("docker", directory, env["PATH"]);
  return here
    ? { found: ["docker"], lacks }
    : { found: [], lacks: [...lacks, 'build: the command line "docker" was not found'] };
};

export const suiteProcesses = (
  found: FoundSuite,
  runtime: RuntimeName,
  env: NodeJS.ProcessEnv,
): Question => ({
  name: "suite programs",
  neededFor: `starting the suite with runtime ${runtime}`,
  otherwise: { state: "missing", remedy: "Check the suite's commands." },
  look: async () => {
    const { found: there, lacks } = await (runtime === "process"
      ? ofProcess(found, env)
      : ofDocker(found, env));
    if (lacks.length === 0) {
      return { state: "ok", found: there.length === 0 ? "none needed here" : [...new Set(there)].join(", ") };
    }
    return {
      state: "missing",
      found: lacks.join("; "),
      remedy:
        runtime === "process"
          ? "Install what is missing and put it on PATH, free the ports, or use runtime docker."
          : "Install the docker command line, or give images.",
    };
  },
});
