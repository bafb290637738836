/** What runtime process can do on this machine, without root. */
import { execFile } from "node:child_process";
import { processRuntime } from "../../adapters/runtimes/process/process-runtime.ts";
import type { Fault } from "../../core/fault.ts";
import { FAULT_CATALOGUE, FAULT_KINDS } from "../../core/fault-catalogue.ts";
import type { Question } from "../../run/doctor/check.ts";
import { RUNTIME_CHECKS } from "../../run/doctor/readiness.ts";

/** A process of our own, which ends at once. Null: it did; else why not. */
const startOne = (signal: AbortSignal, program: string): Promise<string | null> =>
  new Promise((resolve) => {
    execFile(program, ["-e", ""], { env: {}, signal, killSignal: "SIGKILL" }, (error) =>
      resolve(error === null ? null : String(error.code ?? error.signal)),
    );
  });

export const processRuntimeCheck = (
  platform: NodeJS.Platform = process.platform,
  program = process.execPath,
): Question => ({
  name: RUNTIME_CHECKS.process,
  neededFor: "services and dependencies that are commands of this machine",
  // Slow is not unable: only a process that does not start is.
  otherwise: { state: "warn", remedy: "Look whether the machine is overloaded." },
  look: async (signal) => {
    if (platform === "win32") {
      return {
        state: "missing",
        found: "no process groups and signals on Windows",
        remedy: "Use WSL, or runtime docker.",
      };
    }
    const problem = await startOne(signal, program);
    if (problem !== null) {
      return {
        state: "missing",
        found: `a process could not be started (${problem})`,
        remedy: "Let this user start processes (ulimit -u, sandbox), or use runtime docker.",
      };
    }
    const runtime = processRuntime();
    const kinds = FAULT_KINDS.filter((kind) => FAULT_CATALOGUE[kind].engines.includes("runtime"));
    // Answered by the kind alone.
    const can = (kind: string): boolean => runtime.supports({ kind, on: "service" } as Fault).ok;
    const able = kinds.filter(can);
    const unable = kinds.filter((kind) => !can(kind));
    return {
      state: "ok",
      found: `can ${able.join(", ")}, and faults on edges; not ${unable.join(", ")}`,
    };
  },
});
