import { SquallError } from "../core/errors.ts";
import type { Fault } from "../core/fault.ts";
import { FAULT_CATALOGUE } from "../core/fault-catalogue.ts";
import type { Suite } from "../core/suite.ts";
import type { Engine, Runtime } from "./ports.ts";

/** Engine that will do each fault. Load faults have none: the schedule itself is the fault. */
export type EngineOf = (fault: Fault) => Engine | null;

/** What comes back on another machine is what a scheduler starts there. */
const ONLY_JOBS = { ok: false, reason: "only a training job is started again elsewhere" } as const;

/**
 * Finds an engine for every fault before anything is started.
 *
 * @throws SquallError `fault-unsupported` naming every fault without one, and which engines could
 */
export const matchEngines = (
  suite: Suite,
  runtime: Pick<Runtime, "name" | "supports">,
  engines: readonly Engine[],
): EngineOf => {
  const chosen = new Map<Fault, Engine>();
  const problems: string[] = [];
  for (const experiment of [...suite.experiments, ...suite.frontiers]) {
    for (const fault of experiment.faults) {
      const row = FAULT_CATALOGUE[fault.kind];
      if (row.family === "load") continue;
      const reasons: string[] = [];
      // What the suite asks for is what it gets: another engine in its place would measure something else.
      for (const name of fault.engine === undefined ? row.engines : [fault.engine]) {
        const engine = engines.find((candidate) => candidate.name === name);
        if (engine === undefined) {
          reasons.push(`${name}: not configured`);
          continue;
        }
        const answer =
          fault.kind === "node-replace" && suite.job === undefined
            ? ONLY_JOBS
            : name === "runtime"
              ? runtime.supports(fault)
              : engine.supports(fault);
        if (answer.ok) {
          chosen.set(fault, engine);
          break;
        }
        reasons.push(`${name}: ${answer.reason}`);
      }
      if (!chosen.has(fault)) {
        const asked = fault.engine === undefined ? "" : `, asked of ${fault.engine} alone`;
        problems.push(
          `experiment ${experiment.name}: ${fault.kind} on ${fault.on}${asked} (${reasons.join("; ")})`,
        );
      }
    }
  }
  if (problems.length > 0) {
    throw new SquallError(
      "fault-unsupported",
      `Runtime ${runtime.name} cannot do ${problems.length} of the faults.`,
      {
        detail: problems,
        remedy: suite.experiments.some(({ faults }) =>
          faults.some((fault) => fault.engine !== undefined && !chosen.has(fault)),
        )
          ? "Leave engine out where another engine can do it, remove these experiments, or choose a runtime that can do them."
          : "Remove these experiments, or choose a runtime that can do them.",
      },
    );
  }
  return (fault) => chosen.get(fault) ?? null;
};
