import type { Socket } from "node:net";
import { epochMs } from "../clock.ts";
import { type FaultInForce, strikesOf } from "../fault-state.ts";
import type { ByteSink, CutHow } from "../faults/fault.ts";
import type { LiveStrike, StrikeHost } from "../strike.ts";
import type { EdgeContext } from "./edge-context.ts";
import { Exchange } from "./exchange.ts";
import { endByPair } from "./exchange-end.ts";
import { HeldBytes } from "./held-bytes.ts";
import { endLate } from "./late-end.ts";
import { Silence } from "./silence.ts";
import { type PairEnd, SocketPair } from "./socket-pair.ts";
import { throughStages } from "./stages.ts";

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
  private readonly heldBytes: HeldBytes;
  private readonly silence = new Silence();

  constructor(socket: Socket, edge: EdgeContext, index: number, onGone: () => void) {
    this.edge = edge;
    this.onGone = onGone;
    this.exchange = new Exchange(edge.name, "tcp", index, 0);
    edge.log.opened(edge.name);
    this.pair = new SocketPair(socket, edge.dialer, {
      onDownData: (chunk) => {
        this.silence.broken();
        this.exchange.bytesUp += chunk.length;
        this.up.write(chunk);
      },
      onUpData: (chunk) => {
        this.silence.broken();
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
    this.heldBytes = new HeldBytes(this.pair);
    this.baseUp = {
      write: (bytes) => this.pair.writeUp(bytes),
      end: () => endLate(this.strikes, () => this.pair.endUp()),
    };
    this.baseDown = {
      write: (bytes) => this.pair.writeDown(bytes),
      end: () => endLate(this.strikes, () => this.pair.endDown()),
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
    const strikes = strikesOf(faults, this.exchange, this);
    this.exchange.strikes = [...this.exchange.strikes.filter((strike) => strike.hasHit), ...strikes];
    this.strikes = strikes;
    this.up = throughStages(strikes, "requestBytes", this.baseUp);
    this.down = throughStages(strikes, "responseBytes", this.baseDown);
    for (const strike of strikes) this.silence.watch(strike);
  }

  held(direction: "upstream" | "downstream", bytes: number): void {
    this.heldBytes.count(direction, bytes);
  }

  private closed(why: PairEnd): void {
    if (this.exchange.ended) return;
    this.exchange.ended = true;
    this.edge.log.ended(this.exchange.record(endByPair(why, "complete")));
    for (const strike of this.strikes) strike.end();
    this.onGone();
  }
}
