import { randomBytes } from "node:crypto";
import type Dockerode from "dockerode";
import type { Experiment } from "../../../core/suite.ts";
import type { DockerEngine } from "./engine.ts";
import { FILLABLE_BYTES, tmpfsVolume } from "./faults/disk-full.ts";
import type { RunLabels } from "./labels.ts";

export interface VolumesOptions {
  readonly directories: readonly string[];
  readonly experiments: readonly Experiment[];
  /** `service` or a dependency's name: whose disk-full faults need a disk that can be filled. */
  readonly target: string;
  /** Directories that the compose file gives a named volume, by which volume. */
  readonly named: ReadonlyMap<string, string>;
  /** The run's named volumes so far: whoever names one of them again gets the same. */
  readonly known: Map<string, Promise<string>>;
}

/** One that is gone already is as well. */
export const removeVolume = async (docker: Dockerode, name: string): Promise<void> => {
  await docker
    .getVolume(name)
    .remove()
    .catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
    });
};

const createVolume = async (
  { docker }: DockerEngine,
  stack: AsyncDisposableStack,
  options: Dockerode.VolumeCreateOptions & { readonly Name: string },
): Promise<string> => {
  await docker.createVolume(options);
  stack.defer(async () => removeVolume(docker, options.Name));
  return options.Name;
};

/**
 * The volumes of one container, by directory: a plain one for each that is asked for (one for all who name it in a compose
 * file), and a small one in memory, never shared, where a `disk-full` fault will fill it. Each is removed at the run's end; the plain ones keep their content over a kill, those in
 * memory lose it while no container has them mounted.
 */
export const createVolumes = async (
  engine: DockerEngine,
  labels: RunLabels,
  stack: AsyncDisposableStack,
  { directories, experiments, target, named, known }: VolumesOptions,
): Promise<ReadonlyMap<string, string>> => {
  const fillable = new Set(
    experiments.flatMap(({ faults }) =>
      faults.flatMap((fault) => (fault.kind === "disk-full" && fault.on === target ? [fault.path] : [])),
    ),
  );
  const volumes = new Map<string, string>();
  for (const directory of new Set([...directories, ...fillable])) {
    const Name = `squall-${labels.runId}-${target}-${randomBytes(4).toString("hex")}`;
    const Labels = labels.of("volume");
    if (fillable.has(directory)) {
      const { Name: _name, ...inMemory } = tmpfsVolume(Name, Labels, FILLABLE_BYTES);
      volumes.set(directory, await createVolume(engine, stack, { Name, ...inMemory }));
      continue;
    }
    const key = named.get(directory);
    const volume =
      (key === undefined ? undefined : known.get(key)) ?? createVolume(engine, stack, { Name, Labels });
    if (key !== undefined) known.set(key, volume);
    volumes.set(directory, await volume);
  }
  return volumes;
};
