import { SquallError } from "../../../../core/errors.ts";
import type { Fault, FaultKind } from "../../../../core/fault.ts";
import type { RuntimeStrike } from "../../../../run/ports.ts";
import { disconnect } from "./disconnect.ts";
import { diskFull } from "./disk-full.ts";
import { diskSlow } from "./disk-slow.ts";
import { dnsFail } from "./dns-fail.ts";
import type { DockerFault, DockerFaultContext } from "./fault.ts";
import { memoryLimit } from "./memory-limit.ts";
import { packetLoss } from "./packet-loss.ts";

/** Every fault beyond kill, pause, CPU and stress, which `ProcessControl` has methods for. */
export const DOCKER_FAULTS: { readonly [K in FaultKind]?: DockerFault<K> } = {
  "memory-limit": memoryLimit,
  "disk-full": diskFull,
  "disk-slow": diskSlow,
  "dns-fail": dnsFail,
  disconnect,
  "packet-loss": packetLoss,
};

/** `ProcessControl.strike` of runtime docker. @throws SquallError; nothing is in force then */
export const strikeContainers = async (
  context: DockerFaultContext,
  fault: Fault,
  seed: number,
): Promise<RuntimeStrike> => {
  // The table pairs each kind with its own fault; TypeScript can not follow one key through both sides.
  const strike = DOCKER_FAULTS[fault.kind] as
    | ((context: DockerFaultContext, fault: Fault, seed: number) => Promise<RuntimeStrike>)
    | undefined;
  if (strike === undefined) {
    throw new SquallError("fault-unsupported", `Runtime docker cannot do ${fault.kind}.`, {
      place: `${fault.kind} on ${fault.on}`,
      remedy: "Remove the experiment, or choose a runtime that can do it.",
    });
  }
  return strike(context, fault, seed);
};
