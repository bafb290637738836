/**
 * What a fault on a run's containers is made of.
 *
 *   runtime engine -> ProcessControl.strike -> registry.ts (kind -> DockerFault) -> RuntimeStrike { effect, clear }
 *
 * How to add one: a file here, named after the kind, exporting one DockerFault; its row in registry.ts; its test with real
 * containers in test/adapters/runtimes/docker/faults/.
 *
 * Rules:
 * - Leave nothing in force when the strike throws: what was struck before the error is undone first.
 * - `effect` tells what is seen in the engine or the kernel now, never what was asked for.
 * - `clear` puts back what stood before, proves it, and may be called again. A container that is gone took its fault along.
 * - Faults of a window may lie over each other: the last put in force is the first cleared.
 */
import type Dockerode from "dockerode";
import type { FaultKind, FaultOf } from "../../../../core/fault.ts";
import type { RuntimeStrike } from "../../../../run/ports.ts";
import type { VolumeHolder } from "../volume-holder.ts";

/** The run as its faults see it. */
export interface DockerFaultContext {
  readonly docker: Dockerode;
  /** On everything a fault creates. */
  readonly labels: Readonly<Record<string, string>>;
  /** Name of the run's own network. */
  readonly network: string;
  readonly sidecar: {
    readonly containerId: string;
    /** Where the edge listens in the sidecar's container, and the names it bears on which network. */
    edge(name: string): {
      readonly port: number;
      readonly network: string;
      readonly aliases: readonly string[];
    };
  };
  /** Container ids behind `service` (every replica), `service-2`, or a dependency's name. They outlive kill and restart. */
  targets(on: string): readonly string[];
  /** An image that can run node, and the argv prefix that does. */
  nodeImage(): Promise<{ readonly name: string; readonly node: readonly string[] }>;
  /** Name of the run's own volume mounted there in the target. */
  volumeAt(on: string, directory: string): string | undefined;
  /** Who has the volume mounted all the time and does `DISK_FULL_SCRIPT` there, where somebody does. */
  holderOf?(volume: string): VolumeHolder | undefined;
}

/** @throws SquallError; nothing of it is in force then */
export type DockerFault<K extends FaultKind> = (
  context: DockerFaultContext,
  fault: FaultOf<K>,
  seed: number,
) => Promise<RuntimeStrike>;

/** As `Runtime.supports` answers. */
export type Support = { readonly ok: true } | { readonly ok: false; readonly reason: string };
