/** Every image of a run at hand before anything is started. */
import path from "node:path";
import { SquallError } from "../../../../core/errors.ts";
import type { ContainerSpec, DependencySpec, Suite } from "../../../../core/suite.ts";
import { ensureSidecarImage, type SidecarImage } from "../sidecar-image.ts";
import { volumeDirectories } from "../suite-plans.ts";
import type { Behind, TopologyDependency } from "../topology.ts";
import { type Companion, resolveCompanions } from "./companions.ts";
import { ensureImage } from "./pull.ts";
import { portOf, type Resolved, type ResolveOptions, resolveSource } from "./resolve.ts";

export interface RunImages {
  readonly sidecar: SidecarImage;
  /** `service`, or a dependency's name; a command dependency has the service's. */
  of(name: string): Resolved;
  readonly servicePort: number;
  /** What the topology is laid out from. */
  readonly dependencies: readonly TopologyDependency[];
  /** In the order in which they must be started. */
  readonly companions: readonly Companion[];
  /** Directories that need volumes, by `service` or dependency. */
  readonly volumeDirectories: ReadonlyMap<string, readonly string[]>;
  /** Cassette files to be laid into the sidecar's container. */
  readonly cassettes: readonly { readonly source: string; readonly target: string }[];
}

export interface RunImagesOptions extends ResolveOptions {
  readonly suite: Suite;
  readonly service: ContainerSpec;
  /** Image of the proxy before the sidecar, where one must be started. */
  readonly frontImage: string | null;
}

/** Where a dependency's cassette lies inside the sidecar's container. */
export const cassetteTarget = (dependency: string): string => `/cassettes/${dependency}`;

/** A command without a port of its own listens on PORT. */
const FIRST_COMMAND_PORT = 9300;
/** A job need not listen at all: where nobody names a port it is told this one, for its metrics. */
const JOB_PORT = 9299;

const servicePortOf = (suite: Suite, service: ContainerSpec, resolved: Resolved): number => {
  const { compose, image } = resolved;
  const composed = compose?.ports ?? [];
  const named = composed.length > 0 ? composed : image.exposedPorts;
  const isUnknown = service.port === 0 && named.length !== 1;
  return suite.job !== undefined && isUnknown ? JOB_PORT : portOf(service, resolved, "service");
};

const behindOf = (
  { name, source }: DependencySpec,
  resolved: ReadonlyMap<string, Resolved>,
  commandPort: number,
  suiteDirectory: string,
): Behind => {
  switch (source.type) {
    case "stub":
      return { type: "stub", stub: source.stub };
    case "url":
      return { type: "url", url: source.url };
    case "cassette":
      return { type: "cassette", file: path.resolve(suiteDirectory, source.path) };
    case "command":
      return { type: "container", port: source.process.port === 0 ? commandPort : source.process.port };
    case "container":
      return { type: "container", port: portOf(source.container, resolved.get(name) as Resolved, name) };
  }
};

const resolveAll = async (options: RunImagesOptions): Promise<Map<string, Resolved>> => {
  const wanted = new Map([["service", options.service.source]]);
  for (const { name, source } of options.suite.dependencies) {
    if (source.type === "container") wanted.set(name, source.container.source);
  }
  const resolved = new Map<string, Resolved>();
  // One after another: builds share layers, and their progress is read by people.
  for (const [name, source] of wanted) resolved.set(name, await resolveSource(source, name, options));
  const service = resolved.get("service") as Resolved;
  for (const { name, source } of options.suite.dependencies) {
    if (source.type === "command") resolved.set(name, service);
  }
  return resolved;
};

/** @throws SquallError `image-unavailable`, `build-failed`, `suite-invalid` (compose file), `interrupted` */
export const resolveRunImages = async (options: RunImagesOptions): Promise<RunImages> => {
  const { engine, suite, service, suiteDirectory, progress } = options;
  const [sidecar, resolved] = await Promise.all([
    ensureSidecarImage(engine, suite.docker.sidecarImage, progress),
    resolveAll(options),
    options.frontImage === null ? null : ensureImage(engine, options.frontImage, "toxiproxy.image", progress),
  ]);
  const dependencies = suite.dependencies.map((dependency, index): TopologyDependency => {
    const { name, protocol, source } = dependency;
    const compose =
      source.type === "container" && source.container.source.type === "compose"
        ? source.container.source
        : null;
    return {
      name,
      protocol,
      behind: behindOf(dependency, resolved, FIRST_COMMAND_PORT + index, suiteDirectory),
      aliases: compose === null ? [] : [compose.service],
    };
  });
  const companions = await resolveCompanions(suite, resolved, options);
  for (const { name, resolved: own } of companions) resolved.set(name, own);
  const containers = [
    ...companions,
    { name: "service", spec: service },
    ...suite.dependencies.flatMap(({ name, source }) =>
      source.type === "container" ? [{ name, spec: source.container }] : [],
    ),
  ];
  return {
    sidecar,
    of: (name) => {
      const found = resolved.get(/^service-\d+$/.test(name) ? "service" : name);
      if (found === undefined) throw new SquallError("internal", `There is no image of ${name}.`);
      return found;
    },
    servicePort: servicePortOf(suite, service, resolved.get("service") as Resolved),
    dependencies,
    companions,
    volumeDirectories: new Map(
      containers.map(({ name, spec }) => [name, volumeDirectories(spec, resolved.get(name) as Resolved)]),
    ),
    cassettes: dependencies.flatMap(({ name, behind }) =>
      behind.type === "cassette" ? [{ source: behind.file, target: cassetteTarget(name) }] : [],
    ),
  };
};
