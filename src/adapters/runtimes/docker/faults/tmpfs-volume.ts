import type Dockerode from "dockerode";

/** Room in the volume of a `disk-full` path, bytes: enough for a service's own small files, soon full. */
export const FILLABLE_BYTES = 64 * 1024 * 1024;

/**
 * A volume with a size, for `docker.createVolume`: in memory, the one kind that every engine can limit. It is empty again
 * when no running container has it mounted.
 */
export const tmpfsVolume = (
  name: string,
  labels: Readonly<Record<string, string>>,
  sizeBytes: number = FILLABLE_BYTES,
): Dockerode.VolumeCreateOptions => ({
  Name: name,
  Driver: "local",
  DriverOpts: { type: "tmpfs", device: "tmpfs", o: `size=${sizeBytes},mode=1777` },
  Labels: { ...labels },
});
