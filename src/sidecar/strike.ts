import type { Random } from "../core/random.ts";
import type { ByteStage, CutHow, EventStage, ExchangeInfo, Strike, StrikeHooks } from "./faults/fault.ts";

/** What a strike needs of the connection it acts on. */
export interface StrikeHost {
  cut(how: CutHow): void;
  held(direction: "upstream" | "downstream", bytes: number): void;
}

interface Waiter {
  readonly timer: NodeJS.Timeout;
  readonly resolve: (how: "elapsed" | "cleared" | "ended") => void;
}

/** One struck exchange of one fault: its timers, its held stages, and whether it has hit. */
export class LiveStrike implements Strike {
  readonly faultId: string;
  readonly exchange: ExchangeInfo;
  readonly random: Random;
  hooks: StrikeHooks = {};
  hasHit = false;
  over = false;
  private readonly host: StrikeHost;
  private readonly onHit: () => void;
  private readonly onOver: (strike: LiveStrike) => void;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly waiters = new Set<Waiter>();
  private readonly clearActions: (() => void)[] = [];
  private readonly stages: (ByteStage | EventStage)[] = [];

  constructor(
    parts: Pick<LiveStrike, "faultId" | "exchange" | "random"> & {
      readonly host: StrikeHost;
      readonly onHit: () => void;
      readonly onOver: (strike: LiveStrike) => void;
    },
  ) {
    this.faultId = parts.faultId;
    this.exchange = parts.exchange;
    this.random = parts.random;
    this.host = parts.host;
    this.onHit = parts.onHit;
    this.onOver = parts.onOver;
  }

  hit(): void {
    if (this.hasHit) return;
    this.hasHit = true;
    this.onHit();
  }

  after(ms: number, action: () => void): () => void {
    if (this.over) return () => {};
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, ms);
    this.timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.timers.delete(timer);
    };
  }

  wait(ms: number): Promise<"elapsed" | "cleared" | "ended"> {
    if (this.over) return Promise.resolve("cleared");
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiters.delete(waiter);
        resolve("elapsed");
      }, ms);
      const waiter: Waiter = { timer, resolve };
      this.waiters.add(waiter);
    });
  }

  onClear(action: () => void): void {
    this.clearActions.push(action);
  }

  cut(how: CutHow): void {
    this.host.cut(how);
  }

  held(direction: "upstream" | "downstream", bytes: number): void {
    this.host.held(direction, bytes);
  }

  /** The relay has built this stage for us: it is released when the fault is cleared. */
  owns<T extends ByteStage | EventStage>(stage: T): T {
    this.stages.push(stage);
    return stage;
  }

  /** The fault is no longer in force: let go of everything. */
  clear(): void {
    if (this.over) return;
    this.stop("cleared");
    for (const action of this.clearActions) action();
    for (const stage of this.stages) stage.release?.();
  }

  /** The exchange is over. */
  end(): void {
    if (!this.over) this.stop("ended");
  }

  private stop(how: "cleared" | "ended"): void {
    this.over = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    for (const { timer, resolve } of this.waiters) {
      clearTimeout(timer);
      resolve(how);
    }
    this.waiters.clear();
    this.onOver(this);
  }
}
