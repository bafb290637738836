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
 * Runtimes that may measure the suite, the preferred one first.
 * `auto`: docker where the suite has an image, process where it has a command.
 *
 * @throws SquallError `argument-invalid`
 */
export const runtimesOf = (suite: Suite, wanted?: string): readonly ("process" | "docker")[] => {
  const name = wanted ?? suite.runtime;
  const { process: command, container } = suite.service;
  switch (name) {
    case "process":
    case "docker":
      return [name];
    case "auto":
      if (container === undefined) return ["process"];
      return command === undefined ? ["docker"] : ["docker", "process"];
    default:
      throw new SquallError("argument-invalid", `Runtime ${name} is not part of this version.`, {
        remedy: "Use auto, process or docker.",
      });
  }
};

/**
 * The first of the suite's runtimes; where it may be either, docker where an engine answers, else process.
 *
 * @throws SquallError `argument-invalid`, `engine-unavailable`
 */
export const chooseRuntime = async (suite: Suite, wanted: string | undefined): Promise<Runtime> => {
  const [first, second] = runtimesOf(suite, wanted);
  if (first === "process") return processRuntime();
  if (second === undefined) return docker();
  try {
    return await docker();
  } catch (error) {
    if (error instanceof SquallError && error.code === "engine-unavailable") return processRuntime();
    throw error;
  }
};
