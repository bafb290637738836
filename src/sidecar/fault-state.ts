import type { Receipt } from "../core/exchange.ts";
import { type Random, randomFor } from "../core/random.ts";
import type { FaultState, PlacedFault, ReceiptsAnswer } from "../core/sidecar-protocol.ts";
import type { AcceptVerdict, ActiveFault, Arrival, EdgeGate, ExchangeInfo } from "./faults/fault.ts";
import { createFault } from "./faults/registry.ts";
import { LiveStrike, type StrikeHost } from "./strike.ts";
import { StrikeSelection } from "./strike-selection.ts";

/** An edge as the fault state sees it. */
export interface FaultedEdge {
  readonly name: string;
  readonly gate: EdgeGate;
  /** The faults that stand on it now, in order. Connections that are open may be struck or released. */
  setFaults(faults: readonly FaultInForce[]): void;
}

/** One placed fault, its counts and its live strikes. */
export class FaultInForce {
  readonly placed: PlacedFault;
  readonly active: ActiveFault;
  ended = false;
  private readonly selection: StrikeSelection;
  private readonly strikes = new Set<LiveStrike>();
  private seen = 0;
  private affected = 0;

  constructor(placed: PlacedFault) {
    this.placed = placed;
    this.selection = new StrikeSelection(placed);
    this.active = createFault(placed.fault, {
      now: () => performance.now(),
      random: (...key) => randomFor(placed.seed, placed.id, ...key),
      marksArrival: (index) => this.selection.marks(index, null, 1),
      marksType: placed.marks.type,
      count: (what) => {
        this.seen += what.seen ?? 0;
        this.affected += what.affected ?? 0;
      },
    });
  }

  get needsKey(): boolean {
    return this.selection.needsKey;
  }

  mayStrike(exchange: ExchangeInfo): boolean {
    return !this.ended && this.active.strike !== undefined && this.selection.mayStrike(exchange);
  }

  /** Counts the exchange; a live strike with its hooks where it is struck. */
  strike(exchange: ExchangeInfo, host: StrikeHost): LiveStrike | null {
    if (this.ended || this.active.strike === undefined) return null;
    const selection = this.selection.select(exchange);
    if (selection === "not-seen") return null;
    const number = this.seen++;
    if (selection === "spared") return null;
    const strike = new LiveStrike({
      faultId: this.placed.id,
      exchange,
      random: this.randomOf(exchange, number),
      host,
      onHit: () => {
        this.affected++;
      },
      onOver: (over) => this.strikes.delete(over),
    });
    strike.hooks = this.active.strike(strike);
    this.strikes.add(strike);
    return strike;
  }

  async accept(gate: EdgeGate, arrival: Arrival): Promise<AcceptVerdict> {
    if (this.ended || this.active.onAccept === undefined) return "accept";
    return this.active.onAccept(gate, arrival);
  }

  receipt(): Receipt {
    return {
      faultId: this.placed.id,
      edge: this.placed.fault.on,
      seen: this.seen,
      affected: this.affected,
    };
  }

  async end(gate: EdgeGate): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    for (const strike of this.strikes) strike.clear();
    await this.active.onClear?.(gate);
  }

  /** Keyed by the request where it is known, so that base and head draw the same for the same call. */
  private randomOf(exchange: ExchangeInfo, number: number): Random {
    const { seed, id } = this.placed;
    return exchange.requestKey === null
      ? randomFor(seed, id, "call", number)
      : randomFor(seed, id, exchange.requestKey, exchange.method, exchange.path, exchange.attempt);
  }
}

/** Counts the exchange with every fault in turn; the strikes of those that struck it. */
export const strikesOf = (
  faults: readonly FaultInForce[],
  exchange: ExchangeInfo,
  host: StrikeHost,
): readonly LiveStrike[] =>
  faults.flatMap((fault) => {
    const strike = fault.strike(exchange, host);
    return strike === null ? [] : [strike];
  });

/** The one fault state of the process: set whole, cleared by its own deadline whatever happens to the run. */
export class FaultStateHolder {
  private readonly edges: ReadonlyMap<string, FaultedEdge>;
  private revision = 0;
  private expired = false;
  private faults: readonly FaultInForce[] = [];
  private timers: NodeJS.Timeout[] = [];
  /** Changes follow one another, also where one has to wait for a socket. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(edges: readonly FaultedEdge[]) {
    this.edges = new Map(edges.map((edge) => [edge.name, edge]));
  }

  get currentRevision(): number {
    return this.revision;
  }

  /** Resolves when the new state is in force and nothing of the old one is left. Faults must stand on known edges. */
  set(state: FaultState): Promise<void> {
    return this.inTurn(() => this.replace(state));
  }

  receipts(): ReceiptsAnswer {
    return {
      revision: this.revision,
      expired: this.expired,
      receipts: this.faults.map((fault) => fault.receipt()),
    };
  }

  /** Clears everything and stops the clocks. */
  close(): Promise<void> {
    return this.inTurn(() => this.end(this.faults));
  }

  private inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.last.then(change);
    this.last = turn.catch(() => {});
    return turn;
  }

  private async replace(state: FaultState): Promise<void> {
    const faults = state.faults.map((placed) => new FaultInForce(placed));
    await this.end(this.faults);
    this.revision = state.revision;
    this.expired = false;
    this.faults = faults;
    for (const fault of faults) {
      const edge = this.edges.get(fault.placed.fault.on);
      if (edge !== undefined) await fault.active.onSet?.(edge.gate);
    }
    for (const edge of this.edges.values()) {
      edge.setFaults(faults.filter((fault) => fault.placed.fault.on === edge.name));
    }
    if (faults.length > 0) this.startClocks(state);
  }

  private startClocks(state: FaultState): void {
    const { faults } = this;
    this.timers.push(
      setTimeout(() => {
        void this.inTurn(async () => {
          if (this.faults !== faults) return;
          await this.end(faults);
          this.expired = true;
        });
      }, state.deadlineMs),
    );
    for (const fault of faults) {
      const { forMs } = fault.placed.fault;
      if (forMs === undefined) continue;
      this.timers.push(
        setTimeout(() => {
          void this.inTurn(() => this.endOne(fault));
        }, forMs),
      );
    }
  }

  private async endOne(fault: FaultInForce): Promise<void> {
    const edge = this.edges.get(fault.placed.fault.on);
    if (fault.ended || edge === undefined) return;
    edge.setFaults(
      this.faults.filter((other) => other.placed.fault.on === edge.name && other !== fault && !other.ended),
    );
    await fault.end(edge.gate);
  }

  /** Receipts of ended faults stay readable until the next state. */
  private async end(faults: readonly FaultInForce[]): Promise<void> {
    for (const timer of this.timers.splice(0)) clearTimeout(timer);
    for (const edge of this.edges.values()) edge.setFaults([]);
    for (const fault of faults) {
      const edge = this.edges.get(fault.placed.fault.on);
      if (edge !== undefined) await fault.end(edge.gate);
    }
  }
}
