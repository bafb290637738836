/** Steps and events of one run as they are told, in the columns in which they are stored. */
import type { ProgressEvent } from "../../core/job/progress-event.ts";
import type { JobEvent, JobSteps } from "../../core/job/run.ts";

export interface ProgressListener {
  /** Any step, also one that is done again. */
  readonly onStep: () => void;
  /** A step beyond all before it. */
  readonly onNewStep: (step: number) => void;
  /** A save begins that is not that of a step saved (or tried to be) before. */
  readonly onNewSave: () => void;
}

/** What is beyond these is not kept: no output can fill the memory. */
const MOST_STEPS = 1_000_000;
const MOST_EVENTS = 1_000_000;

export class ProgressRecord {
  readonly #listener: ProgressListener;
  readonly #step: number[] = [];
  readonly #atMs: number[] = [];
  readonly #loss: (number | null)[] = [];
  readonly #events: JobEvent[] = [];
  #lastStep: number | null = null;
  #highestStep: number | null = null;
  #furthestSave = -1;

  constructor(listener: ProgressListener) {
    this.#listener = listener;
  }

  /** The last one logged; null: none yet. */
  get lastStep(): number | null {
    return this.#lastStep;
  }

  /** The furthest one logged. */
  get highestStep(): number | null {
    return this.#highestStep;
  }

  get steps(): JobSteps {
    return { step: this.#step, atMs: this.#atMs, loss: this.#loss };
  }

  get events(): readonly JobEvent[] {
    return this.#events;
  }

  /** @param atMs of the run */
  take(events: readonly ProgressEvent[], atMs: number): void {
    for (const event of events) {
      if (event.step !== null && !(Number.isSafeInteger(event.step) && event.step >= 0)) continue;
      if (event.type === "step") this.#takeStep(event.step, event.loss, atMs);
      else this.#takeMark(event.type, event.step, atMs);
    }
  }

  #takeStep(step: number, loss: number | null, atMs: number): void {
    const isFinite = loss !== null && Number.isFinite(loss);
    if (this.#isSameTelling(step, loss)) {
      this.#loss[this.#loss.length - 1] = isFinite ? loss : null;
    } else if (this.#step.length < MOST_STEPS) {
      this.#step.push(step);
      this.#atMs.push(atMs);
      this.#loss.push(isFinite ? loss : null);
    }
    if (loss !== null && !isFinite) this.#event("nan", step, atMs);
    this.#lastStep = step;
    this.#listener.onStep();
    if (this.#highestStep !== null && step <= this.#highestStep) return;
    this.#highestStep = step;
    this.#listener.onNewStep(step);
  }

  /** Progress bars tell a step first and its loss after it: one step, told in two lines. */
  #isSameTelling(step: number, loss: number | null): boolean {
    return loss !== null && this.#step.at(-1) === step && this.#loss.at(-1) === null && !this.#isNan(step);
  }

  #isNan(step: number): boolean {
    const last = this.#events.at(-1);
    return last?.kind === "nan" && last.step === step;
  }

  #takeMark(kind: Exclude<ProgressEvent["type"], "step">, step: number | null, atMs: number): void {
    this.#event(kind, step, atMs);
    if (kind !== "saving") return;
    // A save that is done again after a restart is not a new one, as a step is not.
    const place = step ?? this.#lastStep ?? 0;
    if (place <= this.#furthestSave) return;
    this.#furthestSave = place;
    this.#listener.onNewSave();
  }

  #event(kind: JobEvent["kind"], step: number | null, atMs: number): void {
    if (this.#events.length < MOST_EVENTS) this.#events.push({ kind, step, atMs });
  }
}
