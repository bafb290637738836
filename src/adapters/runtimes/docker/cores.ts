import type { DockerEngine } from "./engine.ts";

/** Fewer cores than this are shared by all: parting them would starve somebody. */
const LEAST_CORES = 4;

/**
 * Which cores service and sidecar run on. The load generator is a thread of ours: with the service kept off the last two
 * cores, it and the sidecar have those to themselves.
 *
 * @returns undefined parts where the engine's machine is not ours, or has too few cores
 */
export const dividedCores = ({
  cpus,
  sameMachine,
}: Pick<DockerEngine, "cpus" | "sameMachine">): {
  readonly service: string | undefined;
  readonly sidecar: string | undefined;
} =>
  sameMachine && cpus >= LEAST_CORES
    ? { service: `0-${cpus - 3}`, sidecar: `${cpus - 2}-${cpus - 1}` }
    : { service: undefined, sidecar: undefined };
