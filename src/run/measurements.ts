import { type CalmAnswers, calmAnswersOf } from "../core/calm-answers.ts";
import type { ExchangeRecord } from "../core/exchange.ts";
import type { Observation } from "../core/observation.ts";
import type {
  AbortRecord,
  EdgeCalls,
  FrontierRecord,
  HealthSample,
  ProcessDeath,
  ProcessSample,
  Profile,
  RecoveryRecord,
  WindowRecord,
} from "../core/profile.ts";
import { type CalmBand, calmBand, clientSeconds } from "../core/recovery-policy/recovered.ts";
import type { PolicyRun } from "../core/recovery-policy/rule.ts";
import type { RemedyTrial } from "../core/remedy/trial.ts";
import type { SignalRecord } from "../core/signals/signal.ts";
import { countCalls, summariseAttribution } from "./calls.ts";
import { edgeSeconds } from "./edge-series.ts";
import { Exhibits } from "./exhibits.ts";
import type { Plan, Stretch } from "./plan/plan.ts";
import type { ProcessExit } from "./ports.ts";
import type { StretchOutcome } from "./run-stretch.ts";
import type { AcceptedConnections, HealthLook } from "./samplers.ts";
import { SETTLE_CAP_S } from "./settle.ts";

/** What a profile says beside what its windows brought. */
export type Given = Pick<
  Profile,
  | "suite"
  | "suiteHash"
  | "frameHash"
  | "scheduleHash"
  | "fingerprint"
  | "provenance"
  | "probeMs"
  | "deadlines"
  | "sloMs"
>;

/** Collects what the stretches bring, and closes into a Profile. A repeated window replaces its first try. */
export class Measurements {
  readonly #plan: Plan;
  readonly #runStartMs: number;
  readonly #edges: readonly string[];
  readonly #windows = new Map<number, WindowRecord>();
  /** In the order in which they began: a repeated window is there twice. */
  readonly #tries: { readonly window: number; readonly startMs: number }[] = [];
  readonly #observations = new Map<number, readonly Observation[]>();
  readonly #calls = new Map<number, readonly EdgeCalls[]>();
  readonly #recoveries = new Map<number, readonly RecoveryRecord[]>();
  readonly #aborts: AbortRecord[] = [];
  readonly #records: ExchangeRecord[] = [];
  readonly #notes: string[] = [];
  readonly #settles: WindowRecord[] = [];
  readonly #frontiers: FrontierRecord[] = [];
  readonly #policyRuns: PolicyRun[] = [];
  readonly #trials: RemedyTrial[] = [];
  /** ms from the run's start; what happens later happens to searches for frontiers, recovery policies and trials of remedies. */
  #planEndsMs = Number.POSITIVE_INFINITY;
  #health: readonly HealthSample[] = [];
  #usage: readonly ProcessSample[] = [];
  #deaths: readonly ProcessDeath[] = [];
  #signals: readonly SignalRecord[] = [];
  #connections: readonly AcceptedConnections[] = [];
  readonly exhibits: Exhibits;

  /** @param secrets as in Exhibits */
  constructor(plan: Plan, runStartMs: number, edges: readonly string[], secrets: readonly string[] = []) {
    this.exhibits = new Exhibits(runStartMs, secrets);
    this.#plan = plan;
    this.#runStartMs = runStartMs;
    this.#edges = edges;
    this.#notes.push(...plan.notes);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  add(stretch: Stretch, outcome: StretchOutcome): void {
    stretch.windows.forEach((window, place) => {
      const record = outcome.windows[place];
      if (record !== undefined) {
        this.#windows.set(window.index, record);
        this.#tries.push({ window: window.index, startMs: record.startMs });
      }
      this.#observations.set(
        window.index,
        outcome.observations.filter((observation) => observation.window === window.index),
      );
    });
    const dependencies = this.#edges.filter((edge) => edge !== "client");
    const calls = Map.groupBy(
      countCalls(outcome.replayed, outcome.index, outcome.records, dependencies),
      ({ window }) => window,
    );
    for (const [window, counted] of calls) this.#calls.set(window, counted);
    const only = stretch.windows[0];
    if (only !== undefined && outcome.recoveries.length > 0)
      this.#recoveries.set(only.index, outcome.recoveries);
    this.#aborts.push(...outcome.aborts);
    this.#records.push(...outcome.records);
    this.exhibits.add(stretch, outcome);
  }

  addSettle(scenario: string, round: number, startMs: number, seconds: number | null): void {
    this.#settles.push({
      scenario,
      round,
      phase: "settle",
      startMs,
      durationMs: Date.now() - this.#runStartMs - startMs,
      guardMs: 0,
      planned: 0,
      lagP99Ms: 0,
      achievedRate: 1,
      eventLoopP99Ms: 0,
      receipts: [],
      ...(seconds === null ? { invalid: `did not come to rest in ${SETTLE_CAP_S} s` } : {}),
    });
  }

  /** Nothing of the plan is measured from now on. */
  planEnds(): void {
    this.#planEndsMs = Math.min(this.#planEndsMs, Date.now() - this.#runStartMs);
  }

  addFrontier(record: FrontierRecord): void {
    this.#frontiers.push(record);
  }

  addTrial(trial: RemedyTrial): void {
    this.#trials.push(trial);
  }

  addPolicyRun(run: PolicyRun): void {
    this.#policyRuns.push(run);
  }

  /** What calm traffic stays within, second by second; null: too little of it. */
  calmBand(): CalmBand | null {
    const calm = this.#plan.windows.filter(({ shape }) => shape === "control");
    return calmBand(
      calm.flatMap(({ index, durationMs }) => clientSeconds(this.#observations.get(index) ?? [], durationMs)),
    );
  }

  /** Call it when every window was added: a look belongs to the window under load at its time, others are left out. */
  addSamples(looks: readonly HealthLook[], usage: readonly ProcessSample[]): void {
    this.#health = looks.flatMap((look) => {
      const window = this.#begunBefore(look.atMs);
      const record = this.#windows.get(window);
      if (record === undefined || look.atMs < record.startMs) return [];
      return look.atMs < record.startMs + record.durationMs ? [{ window, ...look }] : [];
    });
    this.#usage = usage.filter(({ atMs }) => atMs <= this.#planEndsMs);
  }

  addSignals(records: readonly SignalRecord[]): void {
    this.#signals = records;
  }

  addConnections(connections: readonly AcceptedConnections[]): void {
    this.#connections = connections;
  }

  /**
   * Call it when every window was added: a death belongs to the window that began last before it. One that a search for a frontier
   * brought about is what was searched for, and none of these; nor is one in a trial.
   */
  addExits(exits: readonly ProcessExit[]): void {
    this.#deaths = exits.flatMap(({ name, atMs, exitCode, signal, injected }) => {
      const runMs = atMs - this.#runStartMs;
      if (runMs > this.#planEndsMs) return [];
      return [{ name, atMs: runMs, window: this.#begunBefore(runMs), exitCode, signal, injected }];
    });
  }

  /** Index of the window that began last before this time of the run, first tries included; -1 before all. */
  #begunBefore(runMs: number): number {
    return this.#tries.findLast(({ startMs }) => startMs <= runMs)?.window ?? -1;
  }

  /** Indices of windows that did not count. */
  invalidWindows(): readonly number[] {
    return [...this.#windows].filter(([, record]) => record.invalid !== undefined).map(([index]) => index);
  }

  whyInvalid(index: number): string | undefined {
    return this.#windows.get(index)?.invalid;
  }

  /** What each request was answered in calm windows so far. */
  calmAnswers(): CalmAnswers {
    return calmAnswersOf(this.#calmObservations());
  }

  #calmObservations(): readonly Observation[] {
    return this.#plan.windows
      .filter(({ shape }) => shape === "control")
      .flatMap(({ index }) => this.#observations.get(index) ?? []);
  }

  /** Share of calm requests answered by a fallback so far. */
  calmDegradedShare(): number {
    const calm = this.#calmObservations();
    return calm.filter(({ outcome }) => outcome === "degraded").length / Math.max(1, calm.length);
  }

  /** Of the windows measured so far, numbered in their order: what was left out leaves no gap. */
  profile(given: Given): Profile {
    const planned = [...this.#plan.windows, ...this.#plan.spare.flatMap((stretch) => stretch.windows)];
    const order = planned.map(({ index }) => index).filter((index) => this.#windows.has(index));
    const places = new Map(order.map((index, place) => [index, place]));
    const placed = <T extends { readonly window: number }>(items: readonly T[]): T[] =>
      items.map((item) => ({ ...item, window: places.get(item.window) ?? -1 }));
    const windows = order.flatMap((index) => this.#windows.get(index) ?? []);
    return {
      schemaVersion: 1,
      ...given,
      seed: this.#plan.seed,
      scenarios: this.#plan.scenarios,
      windows: [...windows, ...this.#settles],
      observations: placed(order.flatMap((index) => this.#observations.get(index) ?? [])),
      recoveries: order.flatMap((index) => this.#recoveries.get(index) ?? []),
      edgeCalls: placed(order.flatMap((index) => this.#calls.get(index) ?? [])),
      edgeSeconds: edgeSeconds(this.#records, this.#runStartMs, this.#connections),
      health: placed(this.#health),
      processes: this.#usage,
      deaths: placed(this.#deaths),
      aborts: placed(this.#aborts),
      attribution: summariseAttribution(
        this.#records,
        this.#edges.filter((edge) => edge !== "client"),
      ),
      ...(this.#frontiers.length === 0 ? {} : { frontiers: this.#frontiers }),
      ...(this.#signals.length === 0 ? {} : { signals: this.#signals }),
      ...(this.#trials.length === 0 ? {} : { trials: this.#trials }),
      ...(this.#policyRuns.length === 0 ? {} : { policyRuns: this.#policyRuns }),
      exhibits: placed(this.exhibits.exhibits()),
      measuringMs: windows.reduce((sum, { durationMs }) => sum + durationMs, 0),
      notes: this.#notes,
    };
  }
}
