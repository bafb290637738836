/** Which of the suite's faults can not be injected here: asked as a run asks, before anything is started. */
import { processRuntime } from "../../adapters/runtimes/process/process-runtime.ts";
import { SquallError } from "../../core/errors.ts";
import type { Suite } from "../../core/suite.ts";
import { bytesText } from "../../run/doctor/bytes.ts";
import type { Answer, Question } from "../../run/doctor/check.ts";
import type { RuntimeName } from "../../run/doctor/readiness.ts";
import { matchEngines } from "../../run/match-engines.ts";
import type { Runtime } from "../../run/ports.ts";
import { enginesFor } from "../gate/measure.ts";
import type { LookedEngine } from "./docker-engine.ts";

const runtimeOf = async (
  name: RuntimeName,
  engine: LookedEngine | null,
): Promise<Pick<Runtime, "name" | "supports"> | null> => {
  if (name === "process") return processRuntime();
  if (engine === null) return null;
  const { supportsFault } = await import("../../adapters/runtimes/docker/docker-runtime.ts");
  return { name, supports: (fault) => supportsFault(engine, fault) };
};

/** A neighbour that would take more than there is ends whoever the kernel likes. */
const tooLarge = ({ experiments, frontiers }: Suite, freeBytes: number): string[] =>
  [...experiments, ...frontiers].flatMap(({ name, faults }) =>
    faults.flatMap((fault) =>
      fault.kind === "memory-stress" && fault.bytes > freeBytes
        ? [`experiment ${name}: memory-stress of ${bytesText(fault.bytes)}, ${bytesText(freeBytes)} are free`]
        : [],
    ),
  );

const MOST = 5;

const answerOf = (suite: Suite, problems: readonly string[]): Answer => {
  if (problems.length === 0) {
    const faults = [...suite.experiments, ...suite.frontiers].flatMap(({ faults }) => faults);
    return {
      state: "ok",
      found: faults.length === 0 ? "none" : `all ${faults.length} can be injected here`,
    };
  }
  const more = problems.length > MOST ? `; and ${problems.length - MOST} more` : "";
  return {
    state: "missing",
    found: `${problems.slice(0, MOST).join("; ")}${more}`,
    remedy:
      "Remove these experiments, name others with --experiment, or use a machine or runtime that can do them.",
  };
};

export const suiteFaults = (suite: Suite, name: RuntimeName, engine: LookedEngine | null): Question => ({
  name: "suite faults",
  neededFor: "every experiment of the suite",
  otherwise: { state: "missing", remedy: "`squall run` says more." },
  look: async () => {
    const runtime = await runtimeOf(name, engine);
    if (runtime === null)
      return {
        state: "warn",
        found: "not looked at: no Docker engine",
        remedy: "Start it, then look again.",
      };
    const large = name === "process" ? tooLarge(suite, process.availableMemory()) : [];
    try {
      matchEngines(suite, runtime, enginesFor(suite, undefined).engines);
    } catch (error) {
      if (!(error instanceof SquallError)) throw error;
      return answerOf(suite, [...error.detail, ...large]);
    }
    return answerOf(suite, large);
  },
});
