/**
 * A job's two directories, as volumes: `checkpoints` is one for all workers, `disk` one a worker.
 *
 *   {{checkpoints}} -> /squall/checkpoints <- volume, kept over kill, restart and node replacement
 *   {{disk}}        -> /squall/disk        <- volume, kept over kill and restart; another one after a node replacement
 *
 * Where a `disk-full` fault will fill one it is a volume in memory, with a size (faults/tmpfs-volume.ts). Such a volume is empty as
 * soon as no container has it mounted, so that a checkpoint would be gone with the only worker: a container of ours holds it.
 */
import type Dockerode from "dockerode";
import type { Fault } from "../../../core/fault.ts";
import type { JobDirectories } from "../../../core/job/workload.ts";
import { isOfService } from "../../../core/process-name.ts";
import type { Experiment, Suite } from "../../../core/suite.ts";
import { DISK_FULL_SCRIPT } from "./faults/disk-full.ts";
import { tmpfsVolume } from "./faults/tmpfs-volume.ts";
import type { RunLabels } from "./labels.ts";
import type { SidecarImage } from "./sidecar-image.ts";
import { holdVolume, type VolumeHolder } from "./volume-holder.ts";
import { removeVolume } from "./volumes.ts";

type JobDirectory = keyof JobDirectories;

export const JOB_DIRECTORIES: JobDirectories = {
  checkpoints: "/squall/checkpoints",
  disk: "/squall/disk",
};

/** Room where a `disk-full` fault acts, bytes: a few checkpoints of a job that is small enough for a gate. Filled, it is in memory. */
const FILLABLE_BYTES = 256 * 1024 * 1024;

/** The directory that a path of the suite is in: `{{checkpoints}}`, `{{checkpoints}}/shards`, `/squall/disk`; null: neither. */
export const jobDirectoryOf = (path: string): JobDirectory | null => {
  const inside = path.replace(
    /^\{\{\s*(checkpoints|disk)\s*\}\}/,
    (_, name: JobDirectory) => JOB_DIRECTORIES[name],
  );
  const found = (["checkpoints", "disk"] as const).find(
    (name) => inside === JOB_DIRECTORIES[name] || inside.startsWith(`${JOB_DIRECTORIES[name]}/`),
  );
  return found ?? null;
};

const filledBy = (fault: Fault): JobDirectory | null =>
  fault.kind === "disk-full" && isOfService(fault.on) ? jobDirectoryOf(fault.path) : null;

/** The fault as its own file knows it: a disk is full as a whole, wherever in it the path leads. */
export const onVolume = (fault: Fault): Fault => {
  const directory = filledBy(fault);
  return directory === null || fault.kind !== "disk-full"
    ? fault
    : { ...fault, path: JOB_DIRECTORIES[directory] };
};

/** Experiments without the faults that fill a job's directory: what they need is made here. */
export const withoutJobDirectories = (experiments: readonly Experiment[]): readonly Experiment[] =>
  experiments.map((experiment) => ({
    ...experiment,
    faults: experiment.faults.filter((fault) => filledBy(fault) === null),
  }));

export interface JobVolumesOptions {
  readonly docker: Dockerode;
  readonly suite: Suite;
  readonly labels: RunLabels;
  readonly stack: AsyncDisposableStack;
  /** Of the containers that hold volumes in memory. */
  readonly image: SidecarImage;
}

export class JobVolumes {
  readonly #options: JobVolumesOptions;
  readonly #filled: ReadonlySet<JobDirectory | null>;
  /** By volume. */
  readonly #holders = new Map<string, VolumeHolder>();
  #checkpoints: Promise<string> | null = null;

  constructor(options: JobVolumesOptions) {
    this.#options = options;
    this.#filled = new Set(options.suite.experiments.flatMap(({ faults }) => faults.map(filledBy)));
  }

  /** Volumes of one worker by directory; they are removed at the run's end. */
  async of(worker: number): Promise<ReadonlyMap<string, string>> {
    this.#checkpoints ??= this.#create("checkpoints", "checkpoints");
    return new Map([
      [JOB_DIRECTORIES.checkpoints, await this.#checkpoints],
      [JOB_DIRECTORIES.disk, await this.#create("disk", `disk-${worker + 1}`)],
    ]);
  }

  async #create(directory: JobDirectory, suffix: string): Promise<string> {
    const { docker, labels, stack } = this.#options;
    const name = `squall-${labels.runId}-${suffix}`;
    const ours = labels.of("volume");
    await docker.createVolume(
      this.#filled.has(directory) ? tmpfsVolume(name, ours, FILLABLE_BYTES) : { Name: name, Labels: ours },
    );
    stack.defer(async () => {
      await this.#release(name);
      await removeVolume(docker, name);
    });
    if (this.#filled.has(directory)) await this.#hold(name);
    return name;
  }

  async #hold(volume: string): Promise<void> {
    const { docker, image, labels } = this.#options;
    const ours = labels.of("worker");
    this.#holders.set(volume, await holdVolume({ docker, image, labels: ours, volume, ...DISK_FULL_SCRIPT }));
  }

  async #release(volume: string): Promise<boolean> {
    const holder = this.#holders.get(volume);
    this.#holders.delete(volume);
    await holder?.remove();
    return holder !== undefined;
  }

  /** Who holds a volume in memory, and can fill it at once. */
  holderOf(volume: string): VolumeHolder | undefined {
    return this.#holders.get(volume);
  }

  /** Another volume in the place of one that no container of the job has, as it was made; empty. */
  async replace(volume: string): Promise<void> {
    const { docker } = this.#options;
    const { Driver, Labels, Options } = (await docker.getVolume(volume).inspect()) as {
      readonly Driver: string;
      readonly Labels: Record<string, string>;
      readonly Options: Record<string, string> | null;
    };
    const held = await this.#release(volume);
    await removeVolume(docker, volume);
    await docker.createVolume({ Name: volume, Driver, Labels, DriverOpts: Options ?? {} });
    if (held) await this.#hold(volume);
  }
}
