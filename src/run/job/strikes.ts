/**
 * When the faults of a run strike, and until when. A strike is called for by the job's own progress; each of its faults then has a time of
 * its own:
 *
 *   trigger --afterMs--> in force --forMs | forSteps | the experiment's strikeMs | the next strike | the run's end--> gone
 */
import type { Fault, FaultOf } from "../../core/fault.ts";
import { beginsAfterMs } from "../../core/job/begins-after.ts";
import type { JobStrike } from "../../core/job/run.ts";
import { replicaOf } from "../../core/process-name.ts";
import { randomFor } from "../../core/random.ts";
import type { Clock } from "./clock.ts";
import type { FaultsInForce, Hold } from "./faults-in-force.ts";
import { faultsOfSave, type PlannedJobRun } from "./plan.ts";
import type { ProgressRecord } from "./progress-record.ts";
import type { Supervisor } from "./supervisor.ts";

export interface StrikesOptions {
  readonly planned: PlannedJobRun;
  readonly seed: number;
  readonly workers: number;
  readonly inForce: FaultsInForce;
  readonly supervisor: Pick<Supervisor, "kill" | "paused">;
  readonly progress: Pick<ProgressRecord, "lastStep" | "highestStep">;
  readonly clock: Clock;
  /** ms of the run. */
  readonly runMs: () => number;
}

type Struck = { -readonly [Key in keyof Omit<JobStrike, "receipts">]: JobStrike[Key] };

/** One fault of one strike, from the trigger until it is gone. */
interface Holding extends Hold {
  /** Furthest step at which it lets go. */
  untilStep: number | null;
  /** Nothing but the next strike or the run's end does. */
  readonly openEnded: boolean;
  /** In force, or being put so. */
  begun: boolean;
  readonly timers: Set<() => void>;
}

/** More are not struck: `save: each` over a job that saves at every step has no end. */
const MOST_STRIKES = 10_000;

type Instant = FaultOf<"kill"> | FaultOf<"node-replace">;
const isInstant = (fault: Fault): fault is Instant => fault.kind === "kill" || fault.kind === "node-replace";

/** Of a target that is workers, the first of those it names; null: it is a dependency. */
const workerOf = (on: string): number | null => (on === "service" ? 0 : replicaOf(on));

export class Strikes {
  readonly #options: StrikesOptions;
  readonly #struck: Struck[] = [];
  readonly #holdings = new Set<Holding>();
  readonly #pending = new Set<Promise<void>>();
  readonly #problems: string[] = [];
  #nextPlanned = 0;
  #saves = 0;
  #over = false;

  constructor(options: StrikesOptions) {
    this.#options = options;
  }

  /** A step beyond all before it was logged. */
  onNewStep(step: number): void {
    for (const holding of this.#holdings)
      if (holding.untilStep !== null && step >= holding.untilStep) this.#release([holding]);
    const { scenario, strikes } = this.#options.planned;
    if (scenario.trigger?.type === "save") return;
    // A step that the log jumped over is struck at the first after it.
    for (let next = strikes[this.#nextPlanned]; next !== undefined && next.at <= step; ) {
      this.#nextPlanned++;
      this.#strike(next.at, next.faults);
      next = strikes[this.#nextPlanned];
    }
  }

  /** A save began that is none of one before. */
  onNewSave(): void {
    const { planned, seed } = this.#options;
    const trigger = planned.scenario.trigger;
    if (trigger?.type !== "save") return;
    const nth = ++this.#saves;
    if (trigger.nth === "each") this.#strike(nth, faultsOfSave(seed, planned, nth));
    else for (const { at, faults } of planned.strikes) if (at === nth) this.#strike(at, faults);
  }

  /** The run is over: nothing strikes any more, all that is in force is taken away. Resolves when that is proven, or has failed. */
  async close(): Promise<void> {
    this.#over = true;
    for (const { timers } of this.#holdings) for (const cancel of timers) cancel();
    this.#holdings.clear();
    await Promise.all(this.#pending);
    await this.#options.inForce.clear().catch((error: unknown) => this.#problem(error));
  }

  /** In the order in which they struck; call it when closed. */
  get records(): readonly JobStrike[] {
    return this.#struck.map((struck, place) => ({
      ...struck,
      receipts: this.#options.inForce.receiptsOf(place),
    }));
  }

  /** What of the faults went wrong; the run does not count then. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  #strike(at: number, faults: readonly number[]): void {
    const { scenario } = this.#options.planned;
    if (this.#over || this.#struck.length >= MOST_STRIKES) return;
    const place = this.#struck.length;
    const atMs = this.#options.runMs();
    this.#struck.push({
      at,
      atMs,
      lastStep: this.#options.progress.lastStep,
      faults,
      clearedAtMs: faults.length === 0 ? atMs : null,
    });
    const released = [...this.#holdings].filter(({ openEnded }) => openEnded);
    const all = faults.map((fault) => this.#holding(place, fault));
    for (const holding of all) this.#holdings.add(holding);
    const laterMs = ({ fault }: Holding): number => beginsAfterMs(scenario.faults[fault] as Fault);
    const isLater = (holding: Holding): boolean => laterMs(holding) > 0;
    this.#begin(
      all.filter((holding) => !isLater(holding)),
      released,
    );
    for (const holding of all.filter(isLater))
      this.#after(holding, laterMs(holding), () => this.#begin([holding], []));
    const { strikeMs } = scenario;
    if (strikeMs === undefined) return;
    for (const holding of all) this.#after(holding, strikeMs, () => this.#release([holding]));
  }

  #holding(strike: number, place: number): Holding {
    const { faults, strikeMs } = this.#options.planned.scenario;
    const fault = faults[place] as Fault;
    const hasEnd =
      isInstant(fault) || [fault.forMs, fault.forSteps, strikeMs].some((end) => end !== undefined);
    return {
      strike,
      fault: place,
      untilStep: null,
      openEnded: !hasEnd,
      begun: false,
      timers: new Set(),
    };
  }

  /** Puts faults in force, and then, of the same strike, does what is over at once. */
  #begin(holdings: readonly Holding[], released: readonly Holding[]): void {
    const { faults } = this.#options.planned.scenario;
    const faultOf = ({ fault }: Holding): Fault => faults[fault] as Fault;
    const lasting = holdings.filter((holding) => !isInstant(faultOf(holding)));
    for (const holding of lasting) this.#open(holding, faultOf(holding));
    for (const holding of released) this.#forget(holding);
    const begun = this.#putInForce(lasting, released);
    this.#track(begun);
    for (const holding of holdings) {
      const fault = faultOf(holding);
      if (isInstant(fault)) this.#track(this.#killAfter(begun, holding, fault));
    }
  }

  async #putInForce(lasting: readonly Holding[], released: readonly Holding[]): Promise<void> {
    const letGo = released.filter(({ begun }) => begun);
    if (lasting.length + letGo.length > 0) await this.#options.inForce.change(lasting, letGo);
    for (const holding of released) this.#gone(holding);
    for (const holding of lasting) {
      const forMs = this.#options.planned.scenario.faults[holding.fault]?.forMs;
      // Counted from when it is in force: putting it there may take a while.
      if (forMs !== undefined && this.#holdings.has(holding))
        this.#after(holding, forMs, () => this.#release([holding]));
    }
  }

  #open(holding: Holding, fault: Fault): void {
    holding.begun = true;
    if (fault.forSteps !== undefined)
      holding.untilStep = (this.#options.progress.highestStep ?? 0) + fault.forSteps;
    if (fault.kind === "pause" && workerOf(fault.on) !== null) this.#options.supervisor.paused(1);
  }

  async #killAfter(begun: Promise<void>, holding: Holding, fault: Instant): Promise<void> {
    // That the others could not be put in force is told elsewhere.
    await begun.catch(() => undefined);
    if (this.#over || !this.#holdings.has(holding)) return;
    const { supervisor, inForce, workers, seed, planned } = this.#options;
    const first = workerOf(fault.on);
    if (first === null) {
      await inForce.once(holding);
    } else {
      const { scenario, repeat } = planned;
      const draw = randomFor(seed, "worker", scenario.name, repeat, holding.strike);
      const chosen = fault.replica === "random" ? draw.below(workers) : (fault.replica ?? 0);
      const affected = await supervisor.kill(fault.on === "service" ? chosen : first, {
        signal: fault.kind === "kill" ? fault.signal : "SIGKILL",
        restartAfterMs: fault.restartAfterMs,
        replaceNode: fault.kind === "node-replace",
      });
      inForce.addReceipt(holding, affected);
    }
    this.#forget(holding);
    this.#gone(holding);
  }

  #release(holdings: readonly Holding[]): void {
    for (const holding of holdings) this.#forget(holding);
    this.#track(this.#putInForce([], holdings));
  }

  /** It will be let go of: no timer and no step does so again. */
  #forget(holding: Holding): void {
    for (const cancel of holding.timers) cancel();
    holding.timers.clear();
    this.#holdings.delete(holding);
  }

  /** A strike is over when the last of its faults is gone. */
  #gone(holding: Holding): void {
    const fault = this.#options.planned.scenario.faults[holding.fault];
    if (holding.begun && fault?.kind === "pause" && workerOf(fault.on) !== null)
      this.#options.supervisor.paused(-1);
    const struck = this.#struck[holding.strike];
    if (struck === undefined || this.#over) return;
    if (![...this.#holdings].some(({ strike }) => strike === holding.strike))
      struck.clearedAtMs = this.#options.runMs();
  }

  #after(holding: Holding, ms: number, then: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      holding.timers.delete(cancel);
      if (!this.#over) then();
    });
    holding.timers.add(cancel);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#problem(error))
      .finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  #problem(error: unknown): void {
    this.#problems.push(error instanceof Error ? error.message : String(error));
  }
}
