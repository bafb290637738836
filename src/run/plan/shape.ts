import type { Fault } from "../../core/fault.ts";
import { FAULT_CATALOGUE, type Scale } from "../../core/fault-catalogue.ts";
import type { ScenarioShape } from "../../core/profile.ts";

const AMBIENT: ReadonlySet<Fault["kind"]> = new Set<Fault["kind"]>([
  "cpu-limit",
  "cpu-stress",
  "memory-limit",
  "memory-stress",
  "disk-slow",
  "clock-skew",
]);

const shapeOfFault = (fault: Fault): ScenarioShape => {
  if (fault.kind === "kill") return "kill";
  if (AMBIENT.has(fault.kind)) return "ambient";
  const row = FAULT_CATALOGUE[fault.kind];
  if (row.family === "process" || row.family === "load") return "clock";
  return row.perRequest && fault.fraction < 1 ? "attributed" : "clock";
};

const STRENGTH: readonly ScenarioShape[] = ["control", "attributed", "ambient", "clock", "kill"];

/** How an experiment is scheduled: its strongest fault decides, because that one reaches beyond its own requests. */
export const experimentShape = (faults: readonly Fault[]): ScenarioShape =>
  faults
    .map(shapeOfFault)
    .reduce((a, b) => (STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b), "attributed");

/** Fixed by the kind, never from data (METHOD 1.3). */
export const experimentScale = (faults: readonly Fault[]): Scale =>
  faults.some((fault) => FAULT_CATALOGUE[fault.kind].scale === "multiplicative")
    ? "multiplicative"
    : "additive";
