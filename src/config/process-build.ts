/** What is started, from the parsed file: processes, containers, stubs. */
import type {
  ContainerSpec,
  DependencySource,
  ImageSource,
  ProcessSpec,
  ServiceSpec,
  StubModel,
} from "../core/suite.ts";
import type { ParsedDependency, ParsedService } from "./process-schema.ts";
import { readDuration } from "./quantities.ts";
import { signalsOf } from "./signal-schema.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** A default of ours, in its unit's number. */
const preset = (reading: ReturnType<typeof readDuration>): number =>
  reading.ok ? reading.value : Number.NaN;

type StartKeys = Pick<ParsedDependency, "cwd" | "env" | "port" | "ready" | "readyTimeout">;
type ContainerKeys = StartKeys &
  Pick<ParsedDependency, "image" | "build" | "compose" | "cpus" | "memory" | "cpuset" | "files" | "volumes">;

const readyTimeoutOf = ({ readyTimeout }: StartKeys): number =>
  readyTimeout ?? preset(readDuration(SUITE_DEFAULTS.service.readyTimeout));

const processOf = (command: readonly string[], keys: StartKeys): ProcessSpec =>
  withoutUndefined({
    command,
    cwd: keys.cwd ?? SUITE_DEFAULTS.service.cwd,
    env: keys.env ?? {},
    port: keys.port ?? SUITE_DEFAULTS.service.port,
    ready: keys.ready,
    readyTimeoutMs: readyTimeoutOf(keys),
  });

const buildSourceOf = (build: NonNullable<ContainerKeys["build"]>): ImageSource => {
  if (typeof build === "string") return { type: "build", ...SUITE_DEFAULTS.build, context: build, args: {} };
  const { context, dockerfile, target, args, cache } = build;
  return withoutUndefined({ type: "build" as const, context, dockerfile, target, args, cache });
};

/** @param name its name in a compose file, where nothing else is said */
const imageSourceOf = ({ image, build, compose }: ContainerKeys, name: string): ImageSource | undefined => {
  if (image !== undefined) return { type: "image", image };
  if (build !== undefined) return buildSourceOf(build);
  if (compose === undefined) return undefined;
  return { type: "compose", file: compose.file, service: compose.service ?? name };
};

const containerOf = (keys: ContainerKeys, name: string): ContainerSpec | undefined => {
  const source = imageSourceOf(keys, name);
  if (source === undefined) return undefined;
  return withoutUndefined({
    source,
    env: keys.env ?? {},
    port: keys.port ?? 0,
    ready: keys.ready,
    readyTimeoutMs: readyTimeoutOf(keys),
    cpus: keys.cpus,
    memoryBytes: keys.memory,
    cpuset: keys.cpuset,
    files: keys.files ?? [],
    volumes: keys.volumes ?? [],
  });
};

export const serviceOf = (parsed: ParsedService): ServiceSpec =>
  withoutUndefined({
    process: parsed.command === undefined ? undefined : processOf(parsed.command, parsed),
    container: containerOf(parsed, "service"),
    replicas: parsed.replicas,
    healthPath: parsed.health,
    readyPath: parsed.ready,
    signals: signalsOf(parsed.signals, { health: parsed.health, ready: parsed.ready }),
  });

const stubOf = (shape: StubModel["shape"], parsed: ParsedDependency): StubModel => {
  const defaults = SUITE_DEFAULTS.stub;
  const [least = 1, most = least] = defaults.tokens.split("..").map(Number);
  const ms = (value: number | undefined, otherwise: string): number =>
    value ?? preset(readDuration(otherwise));
  return {
    shape,
    firstTokenMs: ms(parsed.firstToken, defaults.firstToken),
    firstTokenJitterMs: ms(parsed.firstTokenJitter, defaults.firstTokenJitter),
    perTokenMs: ms(parsed.perToken, defaults.perToken),
    perTokenJitterMs: ms(parsed.perTokenJitter, defaults.perTokenJitter),
    minTokens: parsed.tokens?.min ?? least,
    maxTokens: parsed.tokens?.max ?? most,
    slots: parsed.slots ?? defaults.slots,
    queue: parsed.queue ?? defaults.queue,
    embeddingDimensions: parsed.embeddingDimensions ?? defaults.embeddingDimensions,
  };
};

/** The one source of a dependency that passed its checks. */
export const sourceOf = (name: string, parsed: ParsedDependency): DependencySource => {
  if (parsed.command !== undefined) return { type: "command", process: processOf(parsed.command, parsed) };
  if (parsed.url !== undefined) return { type: "url", url: parsed.url };
  if (parsed.cassette !== undefined) return { type: "cassette", path: parsed.cassette };
  const container = containerOf(parsed, name);
  if (container !== undefined) return { type: "container", container };
  return { type: "stub", stub: stubOf(parsed.stub ?? "openai", parsed) };
};

export const dependencyProtocol = (parsed: ParsedDependency): "http" | "tcp" =>
  parsed.protocol ?? (parsed.url?.startsWith("tcp:") === true ? "tcp" : SUITE_DEFAULTS.dependency.protocol);
