import type { Socket } from "node:net";
import type { ExchangeEnd } from "../../core/exchange.ts";
import { epochMs } from "../clock.ts";
import type { CutHow, RequestVerdict } from "../faults/fault.ts";
import type { LiveStrike, StrikeHost } from "../strike.ts";
import { badGateway, TlsFailure } from "../tls-failure.ts";
import { answerBytes } from "./answer.ts";
import type { EdgeContext } from "./edge-context.ts";
import { Exchange } from "./exchange.ts";
import { RequestSide } from "./request-side.ts";
import { ResponseSide } from "./response-side.ts";
import { BACKLOG, HELD, type PairEnd, SocketPair } from "./socket-pair.ts";

/** Beyond this much kept back in one direction its sender is not read from. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

const END_OF: Readonly<Record<PairEnd, ExchangeEnd>> = {
  finished: "upstream-closed",
  "client-abort": "client-abort",
  "upstream-refused": "upstream-refused",
  "upstream-reset": "upstream-reset",
  cut: "cut-by-fault",
};

/** One client connection of an HTTP edge, with the upstream connection that belongs to it. */
export class HttpConnection implements StrikeHost {
  readonly edge: EdgeContext;
  readonly queue: Exchange[] = [];
  private readonly pair: SocketPair;
  private readonly requests: RequestSide;
  private readonly responses: ResponseSide;
  private readonly onGone: () => void;
  private exchanges = 0;
  private lastActivityMs = performance.now();
  private backlog: Buffer | null = null;
  private feeding = false;
  private heldUp = 0;
  private heldDown = 0;
  private downEnded = false;
  private upEnded = false;
  private endWhenIdle = false;
  /** Strikes that act on the connection behind their exchange: late FIN, idle. */
  private lingering: readonly LiveStrike[] = [];

  constructor(down: Socket, edge: EdgeContext, onGone: () => void) {
    this.edge = edge;
    this.onGone = onGone;
    this.requests = new RequestSide({
      edge,
      queue: this.queue,
      writeUp: (bytes) => this.pair.writeUp(bytes),
      open: () => this.open(),
      strikesFor: (exchange) => this.strikesFor(exchange),
      intervene: (exchange, verdict) => this.intervene(exchange, verdict),
      held: (bytes) => this.held("upstream", bytes),
      passed: () => this.passEnds(),
      malformed: () => this.opaque(),
    });
    this.responses = new ResponseSide({
      queue: this.queue,
      writeDown: (bytes) => this.pair.writeDown(bytes),
      answered: (exchange, early) => this.answered(exchange, early),
      tunnelled: () => this.requests.becomeOpaque(),
      held: (bytes) => this.held("downstream", bytes),
      malformed: () => this.opaque(),
    });
    this.pair = new SocketPair(down, edge.dialer, {
      onDownData: (chunk) => this.fromClient(chunk),
      onUpData: (chunk) => {
        this.lastActivityMs = performance.now();
        this.responses.feed(chunk);
      },
      onDownEnd: () => this.clientEnded(),
      onUpEnd: () => this.upstreamEnded(),
      onRefused: (failure) => this.refused(failure),
      onClosed: (why) => this.closed(why),
    });
  }

  start(): void {
    this.pair.start();
  }

  destroy(): void {
    this.pair.destroy();
  }

  /** FIN to the client now, or after its exchange. */
  endGracefully(): void {
    this.endWhenIdle = true;
    if (this.queue.length === 0) this.pair.cut("fin");
  }

  cut(how: CutHow): void {
    this.pair.cut(how);
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

  private fromClient(chunk: Buffer): void {
    this.feed(chunk);
    this.lastActivityMs = performance.now();
  }

  private feed(chunk: Buffer): void {
    if (this.backlog !== null) {
      this.backlog = Buffer.concat([this.backlog, chunk]);
      return;
    }
    this.feeding = true;
    this.backlog = this.requests.feed(chunk);
    this.feeding = false;
    if (this.backlog === null) return;
    this.pair.shutDown(BACKLOG);
    // The exchange before it may have ended while it was fed.
    if (this.queue.length === 0) this.resume();
  }

  /** A pipelined request waited for the answers before it. */
  private resume(): void {
    while (this.backlog !== null && this.queue.length === 0 && !this.feeding && !this.pair.isClosed) {
      const chunk = this.backlog;
      this.backlog = null;
      this.feeding = true;
      this.backlog = this.requests.feed(chunk);
      this.feeding = false;
    }
    if (this.backlog !== null) return;
    this.pair.openDown(BACKLOG);
    this.passEnds();
  }

  private open(): Exchange {
    for (const strike of this.lingering) strike.end();
    this.lingering = [];
    const index = this.exchanges++;
    const idleMs = index === 0 ? 0 : performance.now() - this.lastActivityMs;
    const exchange = new Exchange(this.edge.name, "http", index, idleMs);
    this.queue.push(exchange);
    this.edge.log.opened(this.edge.name);
    return exchange;
  }

  private strikesFor(exchange: Exchange): readonly LiveStrike[] {
    const strikes: LiveStrike[] = [];
    for (const fault of this.edge.faults) {
      const strike = fault.strike(exchange, this);
      if (strike !== null) strikes.push(strike);
    }
    for (const strike of strikes) this.watchIdle(strike);
    return strikes;
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

  private intervene(exchange: Exchange, verdict: Exclude<RequestVerdict, { type: "forward" }>): void {
    if (verdict.type === "cut") {
      this.cut(verdict.how);
      return;
    }
    // A client that waits for "100 Continue" will not send its body: the connection can not be used any further.
    const close = !exchange.requestReceived && exchange.header("expect") !== undefined;
    exchange.status = verdict.answer.status;
    exchange.answeredByFault = true;
    exchange.firstByteMs = epochMs();
    const sink = this.responses.sinkFor(exchange);
    sink.write(answerBytes(verdict.answer, exchange.method, close));
    sink.end();
    if (close) this.pair.cut("fin");
  }

  private answered(exchange: Exchange, early: boolean): void {
    if (this.pair.isClosed) return;
    const end = exchange.truncated ? "upstream-closed" : "complete";
    this.finish(exchange, exchange.answeredByFault ? "answered-by-fault" : end);
    if (exchange.malformed) {
      this.pair.cut("fin");
      return;
    }
    if (early) {
      this.responses.restart();
      this.pair.dropUpstream();
    }
    if (this.endWhenIdle && this.queue.length === 0) {
      this.pair.cut("fin");
      return;
    }
    this.passEnds();
    if (this.backlog !== null && !this.feeding) this.resume();
  }

  private finish(exchange: Exchange, end: ExchangeEnd): void {
    if (exchange.ended) return;
    exchange.ended = true;
    const index = this.queue.indexOf(exchange);
    if (index >= 0) this.queue.splice(index, 1);
    if (!exchange.requestReceived) exchange.bytesUp = this.requests.bytesOf(exchange);
    this.edge.log.ended(exchange.record(end));
    if (this.edge.isClient && exchange.requestKey !== null)
      this.edge.attributor.closeRequest(exchange.requestKey);
    const lasting = exchange.strikes.filter(
      ({ hooks }) => hooks.delayClose !== undefined || hooks.idle !== undefined,
    );
    this.lingering = [...this.lingering, ...lasting];
    for (const strike of exchange.strikes) if (!lasting.includes(strike)) strike.end();
  }

  private clientEnded(): void {
    this.downEnded = true;
    for (const strike of this.queue[0]?.strikes ?? []) if (!strike.over) strike.hooks.onClientEnd?.();
    if (this.backlog === null) this.requests.finish();
    this.passEnds();
  }

  private upstreamEnded(): void {
    const unsent = this.queue[0];
    if (unsent !== undefined && !unsent.requestPassed) {
      // It was still kept back: the upstream only closed an idle connection.
      this.responses.restart();
      this.pair.dropUpstream();
      return;
    }
    this.upEnded = true;
    this.responses.finish();
    this.passEnds();
  }

  /** Passes a FIN on once everything before it has passed. */
  private passEnds(): void {
    if (this.pair.isClosed || this.feeding) return;
    if (this.downEnded && this.backlog === null && this.queue.every((exchange) => exchange.requestPassed)) {
      this.downEnded = false;
      this.late(() => this.pair.endUp());
    }
    if (
      this.upEnded &&
      !this.queue.some((exchange) => exchange.isStruck && this.responses.isAnswering(exchange))
    ) {
      this.upEnded = false;
      const clientGone = this.pair.down.readableEnded;
      for (const exchange of this.queue.splice(0)) {
        exchange.bytesDown = this.responses.bytesOf(exchange);
        this.finish(exchange, closedEnd(exchange, clientGone));
      }
      this.late(() => this.pair.endDown());
    }
  }

  /** Runs `end` now, or as late as a strike wants its FIN. */
  private late(end: () => void): void {
    const strikes = [...this.lingering, ...this.queue.flatMap((exchange) => exchange.strikes)];
    for (const strike of strikes) {
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

  /** The call was tried, also where nothing was read of it yet: it counts. */
  private refused(failure: unknown): Buffer | null {
    const exchange = this.queue[0] ?? this.open();
    if (!(failure instanceof TlsFailure)) return null;
    const answer = badGateway(failure);
    exchange.status = answer.status;
    return answerBytes(answer, exchange.method, true);
  }

  private opaque(): void {
    this.requests.becomeOpaque();
    this.responses.becomeOpaque();
  }

  private closed(why: PairEnd): void {
    for (const exchange of this.queue.splice(0)) {
      exchange.bytesDown = this.responses.bytesOf(exchange);
      const clientGone = why === "cut" && this.pair.down.readableEnded;
      this.finish(exchange, clientGone ? "client-abort" : END_OF[why]);
    }
    for (const strike of this.lingering) strike.end();
    this.lingering = [];
    this.onGone();
  }
}

/** Both ways of ending a tunnel are proper; an unanswered request of a client that has closed is the client's doing. */
const closedEnd = (exchange: Exchange, clientGone: boolean): ExchangeEnd => {
  if (exchange.malformed) return "malformed";
  if (exchange.tunnel) return "complete";
  return clientGone ? "client-abort" : "upstream-closed";
};
