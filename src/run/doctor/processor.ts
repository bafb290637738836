/** Cores, and whether they are quiet enough to send requests on time. */
import { availableParallelism, cpus, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { SUITE_DEFAULTS } from "../../config/suite-defaults.ts";
import { spinProbeMs } from "../probe.ts";
import type { Question } from "./check.ts";
import { type ControlGroup, controlGroup } from "./control-group.ts";

export interface ProcessorFacts {
  readonly cores: number;
  /** What the control group allows; null: all. */
  readonly allowedCores: number | null;
  /** Of the last minute; 0 where the system does not tell. */
  readonly load: number;
  readonly spinMs: number;
  /** How much too late short timers come, 19 of 20. */
  readonly lateMs: number;
}

const WAKES = 60;
const WAKE_MS = 5;
/** Load per core beyond which another program is at work. */
const BUSY = 0.7;
const LATE_MS = Number.parseFloat(SUITE_DEFAULTS.gate.maxLagP99);

/** Requests leave by timers: how late these come is how late a request would leave. */
const lateness = async (signal: AbortSignal): Promise<number> => {
  const late: number[] = [];
  for (let wake = 0; wake < WAKES; wake++) {
    const beganMs = performance.now();
    await sleep(WAKE_MS, undefined, { signal });
    late.push(Math.max(0, performance.now() - beganMs - WAKE_MS));
  }
  return late.sort((a, b) => a - b)[Math.floor(WAKES * 0.95)] ?? 0;
};

export const lookAtProcessor = async (
  signal: AbortSignal,
  group: () => Promise<ControlGroup> = controlGroup,
): Promise<ProcessorFacts> => ({
  cores: Math.max(availableParallelism(), cpus().length),
  allowedCores: (await group()).cores,
  load: loadavg()[0] ?? 0,
  spinMs: spinProbeMs(),
  lateMs: await lateness(signal),
});

const figure = (value: number): string => String(Math.round(value * 100) / 100);

export const processor = (
  facts: (signal: AbortSignal) => Promise<ProcessorFacts> = lookAtProcessor,
): Question => ({
  name: "processor",
  neededFor: "sending requests on time: windows on a busy machine are invalid",
  otherwise: { state: "warn", remedy: "End what keeps the machine busy, then look again." },
  look: async (signal) => {
    const { cores, allowedCores, load, spinMs, lateMs } = await facts(signal);
    const usable = Math.min(cores, allowedCores ?? cores);
    const problems = [
      ...(usable < 1 ? [`less than one core: give this container one or two (--cpus)`] : []),
      ...(lateMs > LATE_MS || load > BUSY * usable
        ? ["something else is at work here: end it, or use another runner"]
        : []),
    ];
    const limit =
      allowedCores === null || allowedCores >= cores
        ? ""
        : ` (the container may use ${figure(allowedCores)})`;
    const found = `${cores} ${cores === 1 ? "core" : "cores"}${limit}, load ${figure(load)}, timers ${figure(lateMs)} ms late (p95), fixed spin ${figure(spinMs)} ms`;
    return problems.length === 0
      ? { state: "ok", found }
      : {
          state: "warn",
          found,
          remedy: `${problems.join("; ")}.`.replace(/^./, (first) => first.toUpperCase()),
        };
  },
});
