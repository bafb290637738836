/** From a suite's words to the plan of one container. */
import { realpathSync } from "node:fs";
import path from "node:path";
import { SquallError } from "../../../core/errors.ts";
import type { ContainerSpec, ProcessSpec } from "../../../core/suite.ts";
import { redactor } from "../redactor.ts";
import { substitute } from "../substitution.ts";
import type { ContainerPlan } from "./container-plan.ts";
import type { Resolved } from "./images/resolve.ts";

export interface PlanOptions {
  readonly name: string;
  /** Place in the suite file, for messages: `service`, `dependencies.vector`. */
  readonly place: string;
  readonly port: number;
  /** What `{{name}}` stands for. */
  readonly names: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: ContainerPlan["networks"];
  readonly logDirectory: string;
  readonly suiteDirectory: string;
  readonly redact: readonly string[];
  /** Where the suite names no cores. */
  readonly cpuset: string | undefined;
  /** Volumes of the run's own, by the directory they are mounted on. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Those of a job that any user may write to. */
  readonly openDirectories?: readonly string[];
}

const environmentOf = (
  env: Readonly<Record<string, string>>,
  { names, port, place }: PlanOptions,
): Record<string, string> => {
  const values = { ...names, port: String(port) };
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, substitute(value, values, `${place}.env.${key}`)]),
  );
};

const common = (options: PlanOptions, env: Readonly<Record<string, string>>) => ({
  name: options.name,
  labels: options.labels,
  networks: options.networks,
  redact: redactor(env, options.redact),
  logFile: path.join(options.logDirectory, `${encodeURIComponent(options.name)}.log`),
  startErrorCode:
    options.place === "service" ? ("service-start-failed" as const) : ("dependency-start-failed" as const),
});

const volumeBinds = (volumes: ReadonlyMap<string, string>): string[] =>
  [...volumes].map(([directory, volume]) => `${volume}:${directory}`);

/** A bind path of a compose file. Config has held its text inside the file's directory; a link could still lead out. */
const composeBinds = (
  { compose, directory }: Resolved,
  taken: ReadonlyMap<string, string>,
  name: string,
): string[] =>
  (compose?.volumes ?? []).flatMap((volume) => {
    if (volume.type !== "bind" || taken.has(volume.target)) return [];
    const source = realpathOr(path.resolve(directory, volume.source));
    const root = realpathOr(directory);
    if (source !== root && !source.startsWith(root + path.sep)) {
      throw new SquallError("suite-invalid", `Volume ${volume.source} of ${name} leads out of ${root}.`, {
        place: name,
        remedy: "Bind only what is inside the compose file's directory.",
      });
    }
    return [`${source}:${volume.target}${volume.readOnly ? ":ro" : ""}`];
  });

/** The engine makes what is not there, as compose does. */
const realpathOr = (file: string): string => {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
};

/** Directories that need a volume of the run's own: the suite's, and the compose file's named and anonymous ones. */
export const volumeDirectories = (spec: ContainerSpec, { compose }: Resolved): string[] => [
  ...spec.volumes,
  ...(compose?.volumes ?? []).flatMap(({ type, target }) => (type === "volume" ? [target] : [])),
];

/** Directories that the compose file gives a named volume, by which volume of which file's directory. */
export const namedVolumes = ({ compose, directory }: Resolved): ReadonlyMap<string, string> =>
  new Map(
    (compose?.volumes ?? []).flatMap((volume) =>
      volume.type === "volume" && volume.source !== undefined
        ? [[volume.target, `${directory}/${volume.source}`] as const]
        : [],
    ),
  );

/** What a suite (and its compose file) says of a container. The suite stands over the compose file. */
export const containerPlan = (
  spec: ContainerSpec,
  resolved: Resolved,
  options: PlanOptions,
): ContainerPlan => {
  const { compose, image } = resolved;
  const own = environmentOf(spec.env, options);
  // 0: nobody knows its port, so it is not told one.
  const port = options.port === 0 ? {} : { PORT: String(options.port) };
  const env = { ...compose?.environment, ...port, ...own };
  const cpus = spec.cpus ?? compose?.cpus;
  const memoryBytes = spec.memoryBytes ?? compose?.memoryBytes;
  const cpuset = spec.cpuset ?? options.cpuset;
  return {
    ...common(options, env),
    image: image.name,
    env,
    binds: [...volumeBinds(options.volumes), ...composeBinds(resolved, options.volumes, options.name)],
    tmpfs: compose?.tmpfs ?? [],
    openDirectories: options.openDirectories ?? [],
    files: spec.files.map(({ source, target }) => ({
      source: path.resolve(options.suiteDirectory, source),
      target,
    })),
    ...(compose?.command === undefined ? {} : { command: compose.command }),
    ...(compose?.entrypoint === undefined ? {} : { entrypoint: compose.entrypoint }),
    ...(compose?.workingDir === undefined ? {} : { workingDirectory: compose.workingDir }),
    ...(compose?.user === undefined ? {} : { user: compose.user }),
    ...(compose?.shmBytes === undefined ? {} : { shmBytes: compose.shmBytes }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(cpuset === undefined ? {} : { cpuset }),
  };
};

/** A command dependency: in the service's image, whose entry point would else stand before its words. */
export const commandPlan = (spec: ProcessSpec, service: Resolved, options: PlanOptions): ContainerPlan => {
  const own = environmentOf(spec.env, options);
  const env = { PORT: String(options.port), ...own };
  const values = { ...options.names, port: String(options.port) };
  const [program, ...rest] = spec.command.map((word) => substitute(word, values, `${options.place}.command`));
  return {
    ...common(options, env),
    image: service.image.name,
    env,
    entrypoint: [program ?? ""],
    command: rest,
    binds: volumeBinds(options.volumes),
    tmpfs: [],
    files: [],
    ...(options.cpuset === undefined ? {} : { cpuset: options.cpuset }),
  };
};
