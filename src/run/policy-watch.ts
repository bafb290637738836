/**
 * A policy at work beside one window: each second symptoms, a decision, and what it asks for.
 *
 *   symptoms -> decide -> apply, undo (in turn, behind the seconds) ... disposed: all undone, while the faults still stand
 */
import { SquallError } from "../core/errors.ts";
import { type Decision, TICK_MS } from "../core/recovery-policy/evaluate.ts";
import type { PolicyAction, Symptoms } from "../core/recovery-policy/rule.ts";
import { AppliedRemedies, failureText } from "./applied-remedies.ts";
import type { RunningSystem } from "./ports.ts";
import type { SymptomSources } from "./symptoms.ts";
import { symptomReader } from "./symptoms.ts";

/** Called once a second. */
export type Decide = (atMs: number, symptoms: Symptoms) => Decision;

/** Resolves after the time, or when the signal says so. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export interface PolicyWatchOptions {
  readonly sources: SymptomSources;
  readonly system: Pick<RunningSystem, "sidecar" | "processes">;
  readonly decide: Decide;
  /** Seconds to watch. */
  readonly seconds: number;
  /** After which the sidecar ends its remedies, whatever becomes of us. */
  readonly deadlineMs: number;
  readonly pause: Pause;
  readonly note: (text: string) => void;
}

interface Noted {
  action: PolicyAction;
}

export class PolicyWatch implements AsyncDisposable {
  readonly symptoms: Symptoms[] = [];
  readonly #options: PolicyWatchOptions;
  readonly #applied: AppliedRemedies;
  readonly #actions = new Map<string, Noted>();
  readonly #ended = new AbortController();
  readonly #watching: Promise<void>;
  /** Remedies take their time, and the seconds do not wait for them. */
  #applying: Promise<void> = Promise.resolve();

  constructor(options: PolicyWatchOptions) {
    this.#options = options;
    this.#applied = new AppliedRemedies(options.system, options.deadlineMs);
    this.#watching = this.#watch();
  }

  get actions(): readonly PolicyAction[] {
    return [...this.#actions.values()].map(({ action }) => action);
  }

  async #watch(): Promise<void> {
    const { sources, decide, seconds, pause, note } = this.#options;
    const read = symptomReader(sources);
    const startMs = sources.now();
    for (let second = 1; second <= seconds; second++) {
      await pause(Math.max(0, startMs + second * TICK_MS - sources.now()), this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      try {
        const seen = await read();
        this.symptoms.push(seen);
        this.#follow(decide(second * TICK_MS, seen), second * TICK_MS);
      } catch (error) {
        note(`A second could not be watched: ${error instanceof Error ? error.message : String(error)}`);
        return;
      }
    }
  }

  #follow({ act, undo }: Decision, atMs: number): void {
    for (const key of undo) this.#then(async () => this.#undo(key, atMs));
    for (const { key, remedy, because } of act) {
      const noted: Noted = { action: { atMs, remedy, because } };
      this.#actions.set(key, noted);
      this.#then(async () => {
        const failed = await this.#applied.apply(key, remedy);
        if (failed === null) return;
        noted.action = { ...noted.action, failed };
        this.#options.note(failureText(remedy, failed));
      });
    }
  }

  async #undo(key: string, atMs: number): Promise<void> {
    const noted = this.#actions.get(key);
    if (noted === undefined || noted.action.failed !== undefined) return;
    try {
      await this.#applied.undo(key);
      noted.action = { ...noted.action, undoneMs: atMs };
    } catch (error) {
      const why = error instanceof SquallError ? error.message : String(error);
      this.#options.note(failureText(noted.action.remedy, `not undone: ${why}`));
    }
  }

  #then(step: () => Promise<void>): void {
    this.#applying = this.#applying.then(step);
  }

  /** @throws SquallError `fault-not-cleared` where a remedy could not be undone */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#watching;
    await this.#applying;
    await this.#applied[Symbol.asyncDispose]();
  }
}
