import { randomBytes } from "node:crypto";
import type { Experiment } from "../../../core/suite.ts";
import type { DockerEngine } from "./engine.ts";
import { FILLABLE_BYTES, tmpfsVolume } from "./faults/disk-full.ts";
import type { RunLabels } from "./labels.ts";

export interface VolumesOptions {
  readonly directories: readonly string[];
  readonly experiments: readonly Experiment[];
  /** `service` or a dependency's name: whose disk-full faults need a disk that can be filled. */
  readonly target: string;
}

/**
 * The volumes of one container, by directory: a plain one for each that is asked for, and a small one in memory where a
 * `disk-full` fault will fill it. Each is removed at the run's end; the plain ones keep their content over a kill, those in
 * memory lose it while no container has them mounted.
 */
export const createVolumes = async (
  { docker }: DockerEngine,
  labels: RunLabels,
  stack: AsyncDisposableStack,
  { directories, experiments, target }: VolumesOptions,
): Promise<ReadonlyMap<string, string>> => {
  const fillable = new Set(
    experiments.flatMap(({ faults }) =>
      faults.flatMap((fault) => (fault.kind === "disk-full" && fault.on === target ? [fault.path] : [])),
    ),
  );
  const volumes = new Map<string, string>();
  for (const directory of new Set([...directories, ...fillable])) {
    const name = `squall-${labels.runId}-${target}-${randomBytes(4).toString("hex")}`;
    const own = labels.of("volume");
    await docker.createVolume(
      fillable.has(directory) ? tmpfsVolume(name, own, FILLABLE_BYTES) : { Name: name, Labels: own },
    );
    stack.defer(async () => {
      await docker
        .getVolume(name)
        .remove()
        .catch((error: { statusCode?: number }) => {
          if (error.statusCode !== 404) throw error;
        });
    });
    volumes.set(directory, name);
  }
  return volumes;
};
