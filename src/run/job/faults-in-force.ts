/**
 * Which of a scenario's faults are in force now, for which strikes. A fault that several strikes hold is there once, until the last of them
 * lets it go.
 *
 * Engines that stand on edges take their whole state at once, so a change of one fault sets all of that engine's anew: what was counted
 * until then is read before and added up, and a pattern goes on where it stood. Faults on processes are each put in force by themselves.
 */
import { SquallError } from "../../core/errors.ts";
import type { Receipt } from "../../core/exchange.ts";
import type { Fault } from "../../core/fault.ts";
import { blockLength, exactMarks } from "../../core/placement.ts";
import { subSeed } from "../../core/random.ts";
import type { EngineOf } from "../match-engines.ts";
import { placedFaultId } from "../plan/marks.ts";
import type { Engine, Injection, PlacedEngineFault, RunningSystem } from "../ports.ts";
import { Receipts } from "./receipts.ts";

/** A strike's share in a fault: both by place, of the run's strikes and of the scenario's faults. */
export interface Hold {
  readonly strike: number;
  readonly fault: number;
}

export interface FaultsInForceOptions {
  readonly system: RunningSystem;
  readonly engineOf: EngineOf;
  readonly scenario: string;
  readonly repeat: number;
  readonly faults: readonly Fault[];
  readonly seed: number;
  /** ms until the run will be over at the latest: then the engines end what is in force by themselves. */
  readonly leftMs: () => number;
}

/** Blocks of a pattern before it repeats, as in a service's plan. */
const PATTERN_BLOCKS = 40;

const isOnProcess = ({ name }: Engine): boolean => name === "runtime";

interface OneInForce {
  readonly injection: Injection;
  /** Places of the faults that it puts in force. */
  readonly faults: readonly number[];
}

export class FaultsInForce {
  readonly #options: FaultsInForceOptions;
  readonly #receipts = new Receipts();
  /** By fault, in the order in which strikes took hold of it. */
  readonly #holders = new Map<number, number[]>();
  /** By engine of edges. */
  readonly #onEdges = new Map<Engine, OneInForce>();
  /** By fault on a process. */
  readonly #onProcesses = new Map<number, OneInForce>();
  /** Last holder of each fault, kept when it has let go: the last reading comes after. */
  readonly #newest = new Map<number, number>();
  /** Changes follow one another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: FaultsInForceOptions) {
    this.#options = options;
  }

  /**
   * Takes hold and lets go, at one time. Resolves when it is so.
   *
   * @throws SquallError `fault-not-cleared`, and what engines say to a fault that they cannot put in force
   */
  change(take: readonly Hold[], release: readonly Hold[]): Promise<void> {
    return this.#inTurn(() => this.#change(take, release));
  }

  /** Takes everything away and proves it. @throws SquallError `fault-not-cleared` */
  clear(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#readAll();
      } finally {
        // Taken away also where its counts could not be read any more.
        this.#holders.clear();
        await this.#apply();
      }
    });
  }

  /** A fault that is over once it has struck (a dependency killed). Resolves when its process runs again. */
  async once({ strike, fault }: Hold): Promise<void> {
    const injection = await this.#inject(this.#engine(fault), [fault]);
    for (const receipt of await injection.receipts()) this.#receipts.add(strike, receipt);
    await injection.clear();
  }

  /** What a strike's faults did. */
  receiptsOf(strike: number): readonly Receipt[] {
    return this.#receipts.of(strike);
  }

  /** Of faults that no engine does. */
  addReceipt({ strike, fault }: Hold, affected: boolean): void {
    this.#receipts.add(strike, {
      faultId: placedFaultId(this.#options.scenario, fault),
      edge: this.#fault(fault).on,
      seen: 1,
      affected: affected ? 1 : 0,
    });
  }

  async #change(take: readonly Hold[], release: readonly Hold[]): Promise<void> {
    await this.#readAll();
    for (const { strike, fault } of release) {
      const left = (this.#holders.get(fault) ?? []).filter((holder) => holder !== strike);
      if (left.length === 0) this.#holders.delete(fault);
      else this.#holders.set(fault, left);
    }
    for (const { strike, fault } of take) {
      this.#holders.set(fault, [...(this.#holders.get(fault) ?? []), strike]);
      // Its line stands there even where nothing comes of it.
      this.#receipts.add(strike, {
        faultId: placedFaultId(this.#options.scenario, fault),
        edge: this.#fault(fault).on,
        seen: 0,
        affected: 0,
      });
    }
    await this.#apply();
  }

  /** Makes the engines do what the holders say. */
  async #apply(): Promise<void> {
    const errors: unknown[] = [];
    const tried = async (work: () => Promise<void>): Promise<void> => {
      await work().catch((error: unknown) => errors.push(error));
    };
    for (const fault of [...this.#onProcesses.keys()].toReversed())
      if (!this.#holders.has(fault)) await tried(() => this.#takeFromProcess(fault));
    const wanted = Map.groupBy(this.#holders.keys(), (fault) => this.#engine(fault));
    for (const engine of this.#onEdges.keys())
      if (!wanted.has(engine)) await tried(() => this.#setEdges(engine, []));
    for (const [engine, faults] of wanted) {
      if (!isOnProcess(engine))
        await tried(() =>
          this.#setEdges(
            engine,
            faults.toSorted((a, b) => a - b),
          ),
        );
      else
        for (const fault of faults)
          if (!this.#onProcesses.has(fault)) await tried(() => this.#putOnProcess(engine, fault));
    }
    if (errors.length > 0) throw errors[0];
  }

  async #setEdges(engine: Engine, faults: readonly number[]): Promise<void> {
    const before = this.#onEdges.get(engine);
    if (before !== undefined && before.faults.join() === faults.join()) return;
    if (before !== undefined) {
      await this.#read(before).catch(() => undefined);
      // The sidecar replaces its state; another engine's faults go before others come.
      if (faults.length === 0 || engine.name !== "sidecar") await before.injection.clear();
      this.#onEdges.delete(engine);
      this.#receipts.forget(before.faults.map((fault) => this.#id(fault)));
    }
    if (faults.length === 0) return;
    const injection = await this.#inject(engine, faults);
    this.#onEdges.set(engine, { injection, faults });
  }

  async #putOnProcess(engine: Engine, fault: number): Promise<void> {
    const injection = await this.#inject(engine, [fault]);
    this.#onProcesses.set(fault, { injection, faults: [fault] });
  }

  async #takeFromProcess(fault: number): Promise<void> {
    const one = this.#onProcesses.get(fault);
    if (one === undefined) return;
    await this.#read(one).catch(() => undefined);
    await one.injection.clear();
    await this.#read(one).catch(() => undefined);
    this.#onProcesses.delete(fault);
    this.#receipts.forget([this.#id(fault)]);
  }

  #inject(engine: Engine, faults: readonly number[]): Promise<Injection> {
    const { system, leftMs } = this.#options;
    return engine.inject(
      system,
      faults.map((fault) => this.#placed(fault)),
      leftMs(),
    );
  }

  #placed(place: number): PlacedEngineFault {
    const { seed, repeat } = this.#options;
    // Its time is kept here, for another strike may prolong it.
    const { forMs: _, ...fault } = this.#fault(place);
    const id = this.#id(place);
    const seen = this.#receipts.seen(id);
    return {
      id,
      fault,
      seed: subSeed(seed, "fault", id, repeat),
      marks:
        fault.fraction >= 1
          ? { type: "all" }
          : { type: "pattern", pattern: rotated(this.#pattern(id, fault.fraction), seen) },
    };
  }

  #pattern(id: string, fraction: number): readonly boolean[] {
    const { seed, repeat } = this.#options;
    const length = blockLength(fraction) * PATTERN_BLOCKS;
    return exactMarks(seed, `${id}/pattern/${repeat}`, length, fraction);
  }

  async #readAll(): Promise<void> {
    for (const one of [...this.#onEdges.values(), ...this.#onProcesses.values()]) await this.#read(one);
  }

  /** What came since the last reading is the newest holder's. */
  async #read({ injection, faults }: OneInForce): Promise<void> {
    const receipts = await injection.receipts();
    for (const fault of faults) {
      const receipt = receipts.find(({ faultId }) => faultId === this.#id(fault));
      if (receipt !== undefined) this.#receipts.read(receipt, this.#lastHolder(fault));
    }
  }

  #lastHolder(fault: number): number {
    const holder = this.#holders.get(fault)?.at(-1) ?? this.#newest.get(fault) ?? 0;
    this.#newest.set(fault, holder);
    return holder;
  }

  #engine(place: number): Engine {
    const fault = this.#fault(place);
    const engine = this.#options.engineOf(fault);
    if (engine !== null) return engine;
    throw new SquallError("fault-unsupported", `No engine does ${fault.kind} to a training job.`, {
      remedy: "Remove the experiment.",
    });
  }

  #fault(place: number): Fault {
    return this.#options.faults[place] as Fault;
  }

  #id(place: number): string {
    return placedFaultId(this.#options.scenario, place);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

const rotated = (pattern: readonly boolean[], by: number): readonly boolean[] => {
  const at = by % pattern.length;
  return [...pattern.slice(at), ...pattern.slice(0, at)];
};
