/** Services of a compose file that the service needs and the suite does not name: started as they are, without an edge. */
import type { ContainerSpec, Suite } from "../../../../core/suite.ts";
import { type Resolved, type ResolveOptions, resolveSource } from "./resolve.ts";

export interface Companion {
  /** Its name in the compose file, under which others know it. */
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly resolved: Resolved;
  /** Null where the compose file names none: then nobody can ask whether it is ready. */
  readonly port: number | null;
}

const READY_TIMEOUT_MS = 60_000;

/** Compose services that are an edge of the suite already, by file and service. */
const namedBySuite = ({ dependencies }: Suite): Set<string> =>
  new Set(
    dependencies.flatMap(({ source }) =>
      source.type === "container" && source.container.source.type === "compose"
        ? [`${source.container.source.file}/${source.container.source.service}`]
        : [],
    ),
  );

/**
 * What the service and the suite's dependencies depend on in their compose files, directly or not, in the order in which
 * it must be started.
 */
export const resolveCompanions = async (
  suite: Suite,
  resolved: ReadonlyMap<string, Resolved>,
  options: ResolveOptions,
): Promise<readonly Companion[]> => {
  const seen = namedBySuite(suite);
  const found: Companion[] = [];
  const follow = async (file: string, names: readonly string[]): Promise<void> => {
    for (const name of names) {
      const key = `${file}/${name}`;
      // A dependency of the suite with this name, such as a stub, stands in for it.
      if (seen.has(key) || suite.dependencies.some((dependency) => dependency.name === name)) continue;
      seen.add(key);
      const source = { type: "compose", file, service: name } as const;
      const own = await resolveSource(source, name, options);
      await follow(file, own.compose?.dependsOn ?? []);
      const [port] = own.compose?.ports ?? [];
      const spec: ContainerSpec = {
        source,
        env: {},
        port: port ?? 0,
        readyTimeoutMs: READY_TIMEOUT_MS,
        files: [],
        volumes: [],
      };
      found.push({ name, spec, resolved: own, port: port ?? null });
    }
  };
  const service = suite.service.container?.source;
  const sources = [
    ...(service === undefined ? [] : [{ name: "service", source: service }]),
    ...suite.dependencies.flatMap(({ name, source }) =>
      source.type === "container" ? [{ name, source: source.container.source }] : [],
    ),
  ];
  for (const { name, source } of sources) {
    if (source.type === "compose") await follow(source.file, resolved.get(name)?.compose?.dependsOn ?? []);
  }
  return found;
};
