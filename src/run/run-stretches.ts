import type { Suite } from "../core/suite.ts";
import type { EngineOf } from "./match-engines.ts";
import type { Measurements } from "./measurements.ts";
import type { Plan, Stretch } from "./plan/plan.ts";
import { repeatOf } from "./plan/repeat.ts";
import type { LoadGenerator, OnProgress, RunningSystem } from "./ports.ts";
import { runStretch, type StretchContext } from "./run-stretch.ts";
import type { RunOptions } from "./run-suite.ts";
import { settle } from "./settle.ts";
import { WITHOUT_EFFECT } from "./window-records.ts";

export interface StretchesInput {
  readonly options: RunOptions;
  readonly system: RunningSystem;
  readonly load: LoadGenerator;
  readonly engineOf: EngineOf;
  readonly plan: Plan;
  readonly measurements: Measurements;
  readonly runStartMs: number;
}

const PROGRESS_INTERVAL_MS = 500;

const describe = (stretch: Stretch, atMs: number): string => {
  const window = stretch.windows.findLast(({ offsetMs }) => offsetMs <= atMs) ?? stretch.windows[0];
  if (window === undefined) return "";
  return `${window.scenario === "control" ? "calm" : window.scenario}, round ${window.round + 1}`;
};

/** Tells twice a second which window is running. Ends when disposed. */
const tellProgress = (input: StretchesInput, stretch: Stretch, doneMs: number): Disposable => {
  const startMs = performance.now();
  const tell = (): void => {
    const atMs = performance.now() - startMs;
    const window = stretch.windows.findLast(({ offsetMs }) => offsetMs <= atMs);
    const { ended, failed } = input.load.counts();
    input.options.onProgress({
      phase: "window",
      text: describe(stretch, atMs),
      window: (window?.index ?? 0) + 1,
      windows: input.plan.windows.length,
      // Repeated windows come on top of the plan.
      leftMs: Math.max(stretch.durationMs, input.plan.loadMs - doneMs) - Math.min(atMs, stretch.durationMs),
      requests: ended,
      errors: failed,
    });
  };
  tell();
  const timer = setInterval(tell, PROGRESS_INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

/** After outages and kills: calm seconds until one is clean. */
const comeToRest = async (input: StretchesInput, stretch: Stretch): Promise<void> => {
  const window = stretch.windows[0];
  if (window === undefined || stretch.shape === "attributed" || stretch.shape === "control") return;
  if (stretch.shape === "ambient") return;
  const { options, load, measurements } = input;
  options.onProgress({
    phase: "settle",
    text: `waiting for the service to come to rest after ${window.scenario}`,
  });
  const startMs = Date.now() - input.runStartMs;
  const { workload } = options.suite;
  const settled = await settle(
    load,
    options.requestSet.requests,
    workload,
    measurements.calmDegradedShare(),
    options.signal,
  );
  await input.system.sidecar.takeRecords();
  measurements.addSettle(window.scenario, window.round, startMs, settled.seconds);
};

const runOne = async (
  input: StretchesInput,
  context: StretchContext,
  stretch: Stretch,
  doneMs: number,
): Promise<void> => {
  const { measurements } = input;
  {
    using _progress = tellProgress(input, stretch, doneMs);
    const outcome = await runStretch(context, stretch);
    measurements.add(stretch, outcome);
  }
  await comeToRest(input, stretch);
};

const contextOf = (input: StretchesInput, suite: Suite): StretchContext => ({
  system: input.system,
  load: input.load,
  engineOf: input.engineOf,
  policy: suite.policy,
  runStartMs: input.runStartMs,
  totalDeadlineMs: suite.workload.deadlines.totalMs,
  sloMs: suite.workload.sloMs,
  signal: input.options.signal,
  httpEdges: suite.dependencies.filter(({ protocol }) => protocol === "http").map(({ name }) => name),
});

const tellRepeat = (onProgress: OnProgress, count: number, why: string | undefined): void =>
  onProgress({
    phase: "window",
    text: `repeating ${count} window${count === 1 ? "" : "s"} that did not count: ${why ?? ""}`,
  });

/** All stretches in order; windows that did not count are repeated once, right after their stretch. */
export const runStretches = async (input: StretchesInput): Promise<void> => {
  const { options, plan, measurements } = input;
  const context = contextOf(input, options.suite);
  let doneMs = 0;
  for (const stretch of plan.stretches) {
    await runOne(input, context, stretch, doneMs);
    doneMs += stretch.durationMs;
    const own = new Set(stretch.windows.map(({ index }) => index));
    // Where a fault struck nothing, doing it again would strike nothing again.
    const invalid = measurements
      .invalidWindows()
      .filter(
        (index) => own.has(index) && measurements.whyInvalid(index)?.startsWith(WITHOUT_EFFECT) !== true,
      );
    if (invalid.length === 0) continue;
    tellRepeat(options.onProgress, invalid.length, measurements.whyInvalid(invalid[0] ?? -1));
    await runOne(input, context, repeatOf(stretch, new Set(invalid)), doneMs);
  }
};
