import type { Socket } from "node:net";
import type { ExchangeEnd } from "../../core/exchange.ts";
import { epochMs } from "../clock.ts";
import type { FaultInForce } from "../fault-state.ts";
import type { ByteSink, CutHow } from "../faults/fault.ts";
import type { LiveStrike, StrikeHost } from "../strike.ts";
import type { EdgeContext } from "./edge-context.ts";
import { Exchange } from "./exchange.ts";
import { HELD, type PairEnd, SocketPair } from "./socket-pair.ts";

const MAX_HELD_BYTES = 4 * 1024 * 1024;

const END_OF: Readonly<Record<PairEnd, ExchangeEnd>> = {
  finished: "complete",
  "client-abort": "client-abort",
  "upstream-refused": "upstream-refused",
  "upstream-reset": "upstream-reset",
  cut: "cut-by-fault",
};

/**
 * One connection of a TCP edge. Unlike on HTTP edges, a new fault state also strikes the connections that are already
 * open: pooled database connections live longer than any window.
 */
export class TcpConnection implements StrikeHost {
  private readonly edge: EdgeContext;
  private readonly pair: SocketPair;
  private readonly exchange: Exchange;
  private readonly onGone: () => void;
  private strikes: readonly LiveStrike[] = [];
  private up: ByteSink;
  private down: ByteSink;
  private readonly baseUp: ByteSink;
  private readonly baseDown: ByteSink;
  private heldUp = 0;
  private heldDown = 0;
  private lastActivityMs = performance.now();

  constructor(socket: Socket, edge: EdgeContext, index: number, onGone: () => void) {
    this.edge = edge;
    this.onGone = onGone;
    this.exchange = new Exchange(edge.name, "tcp", index, 0);
    edge.log.opened(edge.name);
    this.pair = new SocketPair(socket, edge.dialer, {
      onDownData: (chunk) => {
        this.lastActivityMs = performance.now();
        this.exchange.bytesUp += chunk.length;
        this.up.write(chunk);
      },
      onUpData: (chunk) => {
        this.lastActivityMs = performance.now();
        this.exchange.firstByteMs ??= epochMs();
        this.exchange.bytesDown += chunk.length;
        this.down.write(chunk);
      },
      onDownEnd: () => {
        for (const strike of this.strikes) if (!strike.over) strike.hooks.onClientEnd?.();
        this.up.end();
      },
      onUpEnd: () => this.down.end(),
      onRefused: () => null,
      onClosed: (why) => this.closed(why),
    });
    this.baseUp = {
      write: (bytes) => this.pair.writeUp(bytes),
      end: () => this.late(() => this.pair.endUp()),
    };
    this.baseDown = {
      write: (bytes) => this.pair.writeDown(bytes),
      end: () => this.late(() => this.pair.endDown()),
    };
    this.up = this.baseUp;
    this.down = this.baseDown;
    this.setFaults(edge.faults);
  }

  start(): void {
    this.pair.start();
  }

  destroy(): void {
    this.pair.destroy();
  }

  endGracefully(): void {
    this.pair.cut("reset");
  }

  cut(how: CutHow): void {
    this.pair.cut(how);
  }

  /** The old faults have let go of everything before: the new stages start empty. */
  setFaults(faults: readonly FaultInForce[]): void {
    const kept = new Set(faults.map((fault) => fault.placed.id));
    if (faults.length === 0 || this.strikes.some((strike) => kept.has(strike.faultId))) {
      // Only less than before: what is left keeps its stages, what has ended is transparent once it is cleared.
      return;
    }
    const strikes: LiveStrike[] = [];
    for (const fault of faults) {
      const strike = fault.strike(this.exchange, this);
      if (strike !== null) strikes.push(strike);
    }
    this.exchange.strikes = [...this.exchange.strikes.filter((strike) => strike.hasHit), ...strikes];
    this.strikes = strikes;
    this.up = strikes.reduceRight(
      (next, strike) => (strike.hooks.requestBytes ? strike.owns(strike.hooks.requestBytes(next)) : next),
      this.baseUp,
    );
    this.down = strikes.reduceRight(
      (next, strike) => (strike.hooks.responseBytes ? strike.owns(strike.hooks.responseBytes(next)) : next),
      this.baseDown,
    );
    for (const strike of strikes) this.watchIdle(strike);
  }

  held(direction: "upstream" | "downstream", bytes: number): void {
    if (direction === "upstream") {
      this.heldUp += bytes;
      if (this.heldUp > MAX_HELD_BYTES) this.pair.shutDown(HELD);
      else this.pair.openDown(HELD);
      return;
    }
    this.heldDown += bytes;
    if (this.heldDown > MAX_HELD_BYTES) this.pair.shutUp(HELD);
    else this.pair.openUp(HELD);
  }

  private watchIdle(strike: LiveStrike): void {
    const { idle } = strike.hooks;
    if (idle === undefined) return;
    const look = (): void => {
      const left = this.lastActivityMs + idle.ms - performance.now();
      if (left > 0) strike.after(Math.max(1, left), look);
      else idle.onIdle();
    };
    strike.after(idle.ms, look);
  }

  private late(end: () => void): void {
    for (const strike of this.strikes) {
      const delayMs = strike.over ? 0 : (strike.hooks.delayClose?.() ?? 0);
      if (delayMs <= 0) continue;
      let done = false;
      const once = (): void => {
        if (!done) end();
        done = true;
      };
      strike.after(delayMs, once);
      strike.onClear(once);
      return;
    }
    end();
  }

  private closed(why: PairEnd): void {
    if (this.exchange.ended) return;
    this.exchange.ended = true;
    this.edge.log.ended(this.exchange.record(END_OF[why]));
    for (const strike of this.strikes) strike.end();
    this.onGone();
  }
}
