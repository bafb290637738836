/**
 * Trials of remedies, after everything that a verdict rests on: the scenarios that fail, worst first, each in windows of its own fault
 * without a remedy and with one after the other,
 *
 *   none, r1, r2, none, r3, r4, none     or, once one has restored it:     none, r1, r2, none, r2
 *
 * so that a drift of the machine shows in the windows without, and that what restored it is seen to do so twice.
 */

import { describeRemedy } from "../core/diagnosis/describe.ts";
import { hasRestored, isAtRest, NOT_TRIED } from "../core/diagnosis/outcome.ts";
import type { DiagnosisTask } from "../core/diagnosis/task.ts";
import { SquallError } from "../core/errors.ts";
import type { Scenario } from "../core/profile.ts";
import type { Remedy } from "../core/remedy/remedy.ts";
import type { RemedyTrial } from "../core/remedy/trial.ts";
import type { AfterPlan } from "./after-plan.ts";
import type { PlanInput } from "./plan/plan.ts";
import { type SingleOrder, singleOrder } from "./plan/single-window.ts";
import { layTrialWindow, trialWindowMs } from "./plan/trial-window.ts";
import type { OnProgress } from "./ports.ts";
import { trialNotMade } from "./try-remedy.ts";

export interface DiagnosisInput {
  /** Worst first. */
  readonly tasks: readonly DiagnosisTask[];
  readonly scenarios: readonly Scenario[];
  readonly planInput: PlanInput;
  readonly arm: AfterPlan;
  readonly budgetMs: number;
  readonly onProgress: OnProgress;
}

/** Windows with a remedy between two without. */
const BETWEEN_CONTROLS = 2;
/** Warming up, draining and clearing, before any window has shown what these take, ms. */
const OVERHEAD_MS = 2000;

const NO_TIME = "the time for trials (gate.diagnosis) was over";
const CHEAPER = "a cheaper one restored it";
const HARMLESS = "the fault did no harm any more without a remedy";

/** Of all trials of the arm: time, and whether the service still answers. */
class Bench {
  readonly input: DiagnosisInput;
  readonly #order: SingleOrder;
  readonly #startMs = performance.now();
  #step = 0;
  /** Of windows: a clock that stands still, as in a test, is not time without end. */
  #windowsMs = 0;
  /** The service did not come back, or something could not be taken away: nothing after it could be told from that. */
  #lost: string | null = null;

  constructor(input: DiagnosisInput) {
    this.input = input;
    this.#order = singleOrder(input.planInput, "trial");
  }

  get lost(): string | null {
    return this.#lost;
  }

  lose(why: string): void {
    this.#lost = why;
  }

  leftMs(): number {
    return this.input.budgetMs - Math.max(this.#windowsMs, performance.now() - this.#startMs);
  }

  /** One window. Null: it failed, and so did the arm. */
  async window(scenario: Scenario, remedy: Remedy | null): Promise<RemedyTrial | null> {
    const { arm, planInput, onProgress } = this.input;
    const what = remedy === null ? "without a remedy" : describeRemedy(remedy);
    onProgress({ phase: "window", text: `diagnosis of ${scenario.name}: ${what}` });
    const stretch = layTrialWindow(planInput, this.#order, scenario, this.#step++);
    try {
      const { trial, atRest } = await arm.tryRemedy(stretch, remedy);
      this.#windowsMs += trial.durationMs;
      if (!atRest) this.lose("the service did not come to rest afterwards.");
      return trial;
    } catch (error) {
      // What a trial does must not cost what was measured before.
      if (!(error instanceof SquallError) || error.code === "interrupted") throw error;
      this.lose(error.message);
      return null;
    }
  }
}

/** Trials of one scenario. */
class ScenarioTrials {
  readonly #bench: Bench;
  readonly #task: DiagnosisTask;
  readonly #scenario: Scenario;
  readonly #trials: RemedyTrial[] = [];
  #sinceControl = 0;
  /** Of the windows so far, with all around them. */
  #longestMs: number;

  constructor(bench: Bench, task: DiagnosisTask, scenario: Scenario) {
    this.#bench = bench;
    this.#task = task;
    this.#scenario = scenario;
    this.#longestMs = trialWindowMs(scenario, bench.input.planInput.suite.workload) + OVERHEAD_MS;
  }

  async run(): Promise<void> {
    const { candidates } = this.#task;
    let why = await this.#seeHarm();
    for (const { remedy, refused } of candidates) {
      const cannot = refused ?? this.#bench.input.arm.whyNotNow(remedy);
      if (why === null && cannot === null) why = await this.#try(remedy);
      else this.#skip(remedy, cannot ?? why ?? "");
    }
    // What was seen twice needs no third window without it.
    if (this.#sinceControl > 0 && why !== CHEAPER) await this.#window(null);
  }

  /** Without a remedy first. @returns why there is nothing to try then; null: there is */
  async #seeHarm(): Promise<string | null> {
    // A fault that strikes a share of the requests may spare one window by chance, not two.
    for (let window = 0; window < 2; window++) {
      if (!(await this.#window(null))) return this.#whyNoMore();
      if (!isAtRest(this.#task.subject, this.#trials)) return null;
    }
    return HARMLESS;
  }

  /** @returns why nothing is to be tried after it; null: the next one */
  async #try(remedy: Remedy): Promise<string | null> {
    if (this.#sinceControl >= BETWEEN_CONTROLS) await this.#window(null);
    if (!(await this.#window(remedy))) {
      const why = this.#whyNoMore();
      if (this.#trials.every((trial) => trial.remedy !== remedy)) this.#skip(remedy, why);
      return why;
    }
    if (!this.#restoredBy(remedy)) return null;
    // Twice, with a window without it between, where there is the time.
    const again = (await this.#window(null)) && (await this.#window(remedy));
    return again && !this.#restoredBy(remedy) ? null : CHEAPER;
  }

  #restoredBy(remedy: Remedy): boolean {
    return hasRestored(this.#task.subject, this.#trials, remedy);
  }

  #whyNoMore(): string {
    return this.#bench.lost ?? NO_TIME;
  }

  /** @returns whether it was made */
  async #window(remedy: Remedy | null): Promise<boolean> {
    if (this.#bench.lost !== null || this.#bench.leftMs() < this.#longestMs) return false;
    const beforeMs = this.#bench.leftMs();
    const trial = await this.#bench.window(this.#scenario, remedy);
    if (trial === null) return false;
    this.#longestMs = Math.max(this.#longestMs, beforeMs - this.#bench.leftMs());
    this.#sinceControl = remedy === null ? 0 : this.#sinceControl + 1;
    this.#add(trial);
    return true;
  }

  #skip(remedy: Remedy, why: string): void {
    const { arm } = this.#bench.input;
    this.#add(trialNotMade(this.#scenario.name, remedy, arm.nowMs(), `${NOT_TRIED}${why}`));
  }

  #add(trial: RemedyTrial): void {
    this.#trials.push(trial);
    this.#bench.input.arm.addTrial(trial);
  }
}

/**
 * All tasks in order, as far as the time goes. What it brings is in the arm's profile.
 *
 * @throws SquallError `interrupted` alone: a trial that fails ends the trials, with a note
 */
export const runDiagnosis = async (input: DiagnosisInput): Promise<void> => {
  if (input.tasks.length === 0) return;
  const bench = new Bench(input);
  if (!(await input.arm.beginTrials())) bench.lose("the service does not answer calm traffic.");
  for (const task of input.tasks) {
    const scenario = input.scenarios.find(({ name }) => name === task.subject.scenario);
    if (scenario !== undefined) await new ScenarioTrials(bench, task, scenario).run();
  }
  if (bench.lost !== null) input.arm.note(`Trials of remedies ended early: ${bench.lost}`);
};
