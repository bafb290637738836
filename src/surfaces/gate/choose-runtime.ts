import { processRuntime } from "../../adapters/runtimes/process/process-runtime.ts";
import { SquallError } from "../../core/errors.ts";
import type { Suite } from "../../core/suite.ts";
import type { Runtime } from "../../run/ports.ts";

const docker = async (): Promise<Runtime> => {
  // Loaded only here: the engine's client is most of what squall would load.
  const { dockerRuntime } = await import("../../adapters/runtimes/docker/docker-runtime.ts");
  return dockerRuntime();
};

/**
 * `auto`: docker where the suite has an image and an engine answers, else process where it has a command.
 *
 * @throws SquallError `argument-invalid`, `engine-unavailable`
 */
export const chooseRuntime = async (suite: Suite, wanted: string | undefined): Promise<Runtime> => {
  const name = wanted ?? suite.runtime;
  const { process: command, container } = suite.service;
  switch (name) {
    case "process":
      return processRuntime();
    case "docker":
      return docker();
    case "auto": {
      if (container === undefined) return processRuntime();
      if (command === undefined) return docker();
      try {
        return await docker();
      } catch (error) {
        if (error instanceof SquallError && error.code === "engine-unavailable") return processRuntime();
        throw error;
      }
    }
    default:
      throw new SquallError("argument-invalid", `Runtime ${name} is not part of this version.`, {
        remedy: "Use auto, process or docker.",
      });
  }
};
