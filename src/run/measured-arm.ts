/** An arm with what its windows bring: samples beside the load, repeats of windows that did not count, rest after outages. */
import type { Profile } from "../core/profile.ts";
import type { Suite } from "../core/suite.ts";
import { AfterPlan } from "./after-plan.ts";
import type { Arm } from "./arm.ts";
import type { EngineOf } from "./match-engines.ts";
import type { Given, Measurements } from "./measurements.ts";
import type { Stretch } from "./plan/plan.ts";
import { repeatOf } from "./plan/repeat.ts";
import type { OnProgress } from "./ports.ts";
import { runStretch, type StretchContext } from "./run-stretch.ts";
import { ConnectionSampler, HealthSampler, UsageSampler } from "./samplers.ts";
import { SignalWatch } from "./signals/signal-watch.ts";
import { WITHOUT_EFFECT } from "./window-records.ts";

export interface MeasuredArmOptions {
  readonly arm: Arm;
  readonly suite: Suite;
  readonly engineOf: EngineOf;
  readonly measurements: Measurements;
  /** Epoch ms. */
  readonly runStartMs: number;
  readonly given: Omit<Given, "provenance"> & {
    readonly provenance: Omit<Given["provenance"], "durationMs">;
  };
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

const contextOf = ({ arm, suite, engineOf, runStartMs, signal }: MeasuredArmOptions): StretchContext => ({
  system: arm.system,
  load: arm.load,
  engineOf,
  policy: suite.policy,
  runStartMs,
  totalDeadlineMs: suite.workload.deadlines.totalMs,
  sloMs: suite.workload.sloMs,
  signal,
  httpEdges: suite.dependencies.filter(({ protocol }) => protocol === "http").map(({ name }) => name),
});

/** Its samplers run from its making until it is disposed. */
export class MeasuredArm implements AsyncDisposable {
  readonly #options: MeasuredArmOptions;
  readonly #context: StretchContext;
  readonly #health: HealthSampler;
  readonly #usage: UsageSampler;
  readonly #signals: SignalWatch;
  readonly #connections: ConnectionSampler;
  /** What is tried on it once its plan is measured. */
  readonly afterPlan: AfterPlan;

  constructor(options: MeasuredArmOptions) {
    this.#options = options;
    this.#context = contextOf(options);
    const { arm, suite, runStartMs } = options;
    const { healthPath, readyPath } = suite.service;
    this.#health = new HealthSampler(arm.system, { health: healthPath, ready: readyPath }, runStartMs);
    this.#usage = new UsageSampler(arm.system, runStartMs);
    this.#signals = new SignalWatch(arm.system, suite.service, runStartMs);
    this.#connections = new ConnectionSampler(arm.system, runStartMs);
    this.afterPlan = new AfterPlan({
      arm,
      suite,
      measurements: options.measurements,
      context: this.#context,
      usage: () => this.#usage.samples,
    });
  }

  get name(): string {
    return this.#options.arm.name;
  }

  counts(): { readonly ended: number; readonly failed: number } {
    return this.#options.arm.load.counts();
  }

  /** The stretch, then once more those of its windows that did not count. */
  async run(stretch: Stretch): Promise<void> {
    const { measurements, onProgress } = this.#options;
    await this.#once(stretch);
    const own = new Set(stretch.windows.map(({ index }) => index));
    // Where a fault struck nothing, doing it again would strike nothing again.
    const invalid = measurements
      .invalidWindows()
      .filter(
        (index) => own.has(index) && measurements.whyInvalid(index)?.startsWith(WITHOUT_EFFECT) !== true,
      );
    if (invalid.length === 0) return;
    onProgress({
      phase: "window",
      text: `repeating ${invalid.length} window${invalid.length === 1 ? "" : "s"} that did not count: ${measurements.whyInvalid(invalid[0] ?? -1) ?? ""}`,
    });
    await this.#once(repeatOf(stretch, new Set(invalid)));
  }

  /** Once, when nothing more is measured: the service's log is a signal as well, and tells of the worst requests. */
  async readLogs(): Promise<void> {
    await this.#options.measurements.exhibits.readLogs(this.#options.arm.system.logFiles);
    for (const text of await this.#signals.readLogs()) this.#options.measurements.note(text);
  }

  /** What was measured so far. */
  profile(): Profile {
    const { arm, measurements, given, runStartMs } = this.#options;
    measurements.addSamples(this.#health.looks, this.#usage.samples);
    measurements.addSignals(this.#signals.records(this.#health.looks));
    measurements.addConnections(this.#connections.samples);
    measurements.addExits(arm.system.processes.exits());
    return measurements.profile({
      ...given,
      provenance: { ...given.provenance, durationMs: Date.now() - runStartMs },
    });
  }

  async #once(stretch: Stretch): Promise<void> {
    this.#options.measurements.add(stretch, await runStretch(this.#context, stretch));
    await this.#comeToRest(stretch);
  }

  /** After outages and kills: calm seconds until one is clean. */
  async #comeToRest(stretch: Stretch): Promise<void> {
    const window = stretch.windows[0];
    if (window === undefined || (stretch.shape !== "clock" && stretch.shape !== "kill")) return;
    const { measurements, runStartMs, onProgress } = this.#options;
    onProgress({
      phase: "settle",
      text: `waiting for the service to come to rest after ${window.scenario}`,
    });
    const startMs = Date.now() - runStartMs;
    measurements.addSettle(window.scenario, window.round, startMs, await this.afterPlan.settled());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#health[Symbol.asyncDispose]();
    await this.#usage[Symbol.asyncDispose]();
    await this.#signals[Symbol.asyncDispose]();
    await this.#connections[Symbol.asyncDispose]();
  }
}
