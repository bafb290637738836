import type { Socket } from "node:net";
import type { ExchangeEnd } from "../../core/exchange.ts";
import { epochMs } from "../clock.ts";
import { strikesOf } from "../fault-state.ts";
import type { CutHow } from "../faults/fault.ts";
import type { LiveStrike, StrikeHost } from "../strike.ts";
import { badGateway, TlsFailure } from "../tls-failure.ts";
import { answerBytes } from "./answer.ts";
import { Backlog } from "./backlog.ts";
import type { EdgeContext } from "./edge-context.ts";
import { Exchange } from "./exchange.ts";
import { endByPair, endByUpstreamFin } from "./exchange-end.ts";
import { HeldBytes } from "./held-bytes.ts";
import { endLate } from "./late-end.ts";
import { RequestSide } from "./request-side.ts";
import type { Intervention } from "./request-verdict.ts";
import { ResponseSide } from "./response-side.ts";
import { Silence } from "./silence.ts";
import { type PairEnd, SocketPair } from "./socket-pair.ts";
import { BACKLOG } from "./valve.ts";

/** One client connection of an HTTP edge, with the upstream connection that belongs to it. */
export class HttpConnection implements StrikeHost {
  readonly edge: EdgeContext;
  readonly queue: Exchange[] = [];
  private readonly pair: SocketPair;
  private readonly requests: RequestSide;
  private readonly responses: ResponseSide;
  private readonly onGone: () => void;
  private exchanges = 0;
  private readonly silence = new Silence();
  private readonly heldBytes: HeldBytes;
  private readonly backlog: Backlog;
  private downEnded = false;
  private upEnded = false;
  private endWhenIdle = false;
  private isOpaque = false;
  private dropsUpstream = false;
  private heir: ((down: Socket) => void) | null = null;
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
    this.backlog = new Backlog({
      take: (chunk) => this.requests.feed(chunk),
      mayResume: () => this.queue.length === 0 && !this.pair.isClosed,
      stop: () => this.pair.shutDown(BACKLOG),
      emptied: () => {
        this.pair.openDown(BACKLOG);
        this.passEnds();
      },
    });
    this.responses = new ResponseSide({
      queue: this.queue,
      writeDown: (bytes) => this.pair.writeDown(bytes),
      answered: (exchange, early) => this.answered(exchange, early),
      tunnelled: (exchange) => this.requests.tunnel(exchange),
      held: (bytes) => this.held("downstream", bytes),
      malformed: () => this.opaque(),
    });
    this.pair = new SocketPair(down, edge.dialer, {
      onDownData: (chunk) => {
        this.backlog.feed(chunk);
        this.silence.broken();
        this.actWhenIdle();
      },
      onUpData: (chunk) => {
        this.silence.broken();
        this.responses.feed(chunk);
      },
      onDownEnd: () => this.clientEnded(),
      onUpEnd: () => this.upstreamEnded(),
      onRefused: (failure) => this.refused(failure),
      onClosed: (why) => this.closed(why),
    });
    this.heldBytes = new HeldBytes(this.pair);
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

  /** Gives the client's socket to `heir` now, or after its exchange: nothing that the client sends meanwhile is lost. */
  handOver(heir: (down: Socket) => void): void {
    this.heir = heir;
    this.actWhenIdle();
  }

  /** The next exchange dials anew; the one under way goes on. */
  changeUpstream(): void {
    this.dropsUpstream = true;
    this.actWhenIdle();
  }

  cut(how: CutHow): void {
    this.pair.cut(how);
  }

  held(direction: "upstream" | "downstream", bytes: number): void {
    this.heldBytes.count(direction, bytes);
  }

  private open(): Exchange {
    for (const strike of this.lingering) strike.end();
    this.lingering = [];
    const index = this.exchanges++;
    const idleMs = index === 0 ? 0 : this.silence.ms;
    const exchange = new Exchange(this.edge.name, "http", index, idleMs);
    this.queue.push(exchange);
    this.edge.log.opened(this.edge.name);
    return exchange;
  }

  private strikesFor(exchange: Exchange): readonly LiveStrike[] {
    const strikes = strikesOf(this.edge.faults, exchange, this);
    for (const strike of strikes) this.silence.watch(strike);
    return strikes;
  }

  private intervene(exchange: Exchange, verdict: Intervention): void {
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
    if (!this.backlog.isEmpty) this.backlog.resume();
    this.actWhenIdle();
  }

  /** What was asked of the connection between two exchanges. One that is ending, or whose bytes are no HTTP, stays. */
  private actWhenIdle(): void {
    const { heir, pair, backlog } = this;
    const { down } = pair;
    if (heir === null && !this.dropsUpstream) return;
    if (this.isOpaque || pair.isClosed || down.readableEnded || down.writableEnded) return;
    if (this.queue.length > 0 || !this.requests.isIdle || !backlog.isEmpty || backlog.isTaking) return;
    if (heir !== null) {
      heir(pair.release());
      return;
    }
    this.dropsUpstream = false;
    this.responses.restart();
    pair.dropUpstream();
  }

  private finish(exchange: Exchange, end: ExchangeEnd): void {
    if (exchange.ended) return;
    exchange.ended = true;
    const index = this.queue.indexOf(exchange);
    if (index >= 0) this.queue.splice(index, 1);
    if (!exchange.requestReceived || exchange.tunnel) exchange.bytesUp = this.requests.bytesOf(exchange);
    this.edge.log.ended(exchange.record(end));
    if (this.edge.isClient && exchange.requestKey !== null)
      this.edge.attributor.closeRequest(exchange.requestKey);
    const lasting = exchange.strikes.filter(
      ({ hooks }) => hooks.delayClose !== undefined || hooks.idle !== undefined,
    );
    this.lingering = [...this.lingering, ...lasting];
    for (const strike of exchange.strikes) {
      if (lasting.includes(strike)) continue;
      // What is kept back of a request that was answered early, or of a tunnel's other way, must not be lost.
      if (end === "complete" && !exchange.requestPassed) strike.clear();
      else strike.end();
    }
  }

  private clientEnded(): void {
    this.downEnded = true;
    for (const strike of this.queue[0]?.strikes ?? []) if (!strike.over) strike.hooks.onClientEnd?.();
    if (this.backlog.isEmpty) this.requests.finish();
    this.passEnds();
  }

  private upstreamEnded(): void {
    const unsent = this.queue[0];
    if (unsent !== undefined && !unsent.requestPassed && !unsent.requestBegun) {
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
    if (this.pair.isClosed || this.backlog.isTaking) return;
    if (this.downEnded && this.backlog.isEmpty && this.queue.every((exchange) => exchange.requestPassed)) {
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
        this.finish(exchange, endByUpstreamFin(exchange, clientGone));
      }
      this.late(() => this.pair.endDown());
    }
  }

  private late(end: () => void): void {
    endLate([...this.lingering, ...this.queue.flatMap((exchange) => exchange.strikes)], end);
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
    this.isOpaque = true;
    this.requests.becomeOpaque();
    this.responses.becomeOpaque();
  }

  private closed(why: PairEnd): void {
    for (const exchange of this.queue.splice(0)) {
      exchange.bytesDown = this.responses.bytesOf(exchange);
      const clientGone = why === "cut" && this.pair.down.readableEnded;
      this.finish(exchange, clientGone ? "client-abort" : endByPair(why, "upstream-closed"));
    }
    for (const strike of this.lingering) strike.end();
    this.lingering = [];
    this.onGone();
  }
}
