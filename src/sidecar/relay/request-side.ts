import { epochMs } from "../clock.ts";
import type { LiveStrike } from "../strike.ts";
import type { EdgeContext } from "./edge-context.ts";
import type { Exchange } from "./exchange.ts";
import { type Framing, HttpScanner, type ScanHandler } from "./http-scanner.ts";
import { type MessageHead, parseRequestLine, requestFraming } from "./message-head.ts";
import { attributeByBody, attributeByHead, countAttempt, needsBody } from "./request-attribution.ts";
import { takeHeldRequest } from "./request-head.ts";
import { type Intervention, verdictOf } from "./request-verdict.ts";
import { throughStages } from "./stages.ts";

/** Most of a body that is kept to tell whose call it is; a longer one is attributed without it. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** What the request side asks of its connection. */
export interface RequestHost {
  readonly edge: EdgeContext;
  /** Open exchanges of the connection, oldest first. */
  readonly queue: Exchange[];
  writeUp(bytes: Buffer): void;
  /** Adds an exchange to the queue. */
  open(): Exchange;
  strikesFor(exchange: Exchange): readonly LiveStrike[];
  /** The request was decided upon by a fault: answer or cut. */
  intervene(exchange: Exchange, verdict: Intervention): void;
  /** More or fewer bytes of the client are kept back. */
  held(bytes: number): void;
  /** A request was passed on whole. */
  passed(): void;
  malformed(): void;
}

/**
 * The client's bytes. With no fault on the edge they go straight on, and the scanner only watches. With one, each request
 * is kept back until it is decided whether it is struck: at its head, or at its end where only the body tells whose it is.
 * Then requests of a connection follow one another: a pipelined one waits for the answers before it.
 */
export class RequestSide implements ScanHandler {
  private readonly host: RequestHost;
  private readonly scanner: HttpScanner;
  private chunk: Buffer = Buffer.alloc(0);
  private cursor = 0;
  /** The request being received. */
  private current: Exchange | null = null;
  private total = 0;
  private startedAt = 0;
  private clientEnded = false;

  constructor(host: RequestHost) {
    this.host = host;
    this.scanner = new HttpScanner(this);
  }

  /** Takes a chunk; returns what must wait until an exchange has ended, or null. */
  feed(chunk: Buffer): Buffer | null {
    this.chunk = chunk;
    this.cursor = 0;
    const taken = this.scanner.feed(chunk);
    this.emit(taken);
    this.total += taken;
    return taken < chunk.length ? chunk.subarray(taken) : null;
  }

  /** No request is being received. */
  get isIdle(): boolean {
    return this.current === null;
  }

  /** From now on everything is opaque. */
  becomeOpaque(): void {
    this.scanner.becomeOpaque();
  }

  /** The upgrade was accepted: all that follows is the exchange's, and goes the way of its request. */
  tunnel(exchange: Exchange): void {
    this.scanner.becomeOpaque();
    // A CONNECT is its own already; a request that was sent behind the upgrade goes on as it is.
    if (this.current !== null || this.host.queue.at(-1) !== exchange) return;
    this.current = exchange;
    if (this.clientEnded) this.finish();
  }

  /** The client sent FIN: what is kept back of an unfinished request goes on as it is. */
  finish(): void {
    this.clientEnded = true;
    const exchange = this.current;
    if (exchange === null || (exchange.requestReceived && !exchange.tunnel)) return;
    exchange.bytesUp = this.total - this.startedAt;
    if (exchange.requestMode === "hold" && exchange.strikes.length === 0) this.forwardUntouched(exchange);
    else if (exchange.requestMode === "staged") exchange.requestSink?.end();
  }

  /** Bytes received so far of the exchange's request, for records of cut exchanges. */
  bytesOf(exchange: Exchange): number {
    return exchange === this.current ? this.total - this.startedAt : exchange.bytesUp;
  }

  onStart(at: number): boolean {
    const { edge, queue } = this.host;
    const faulted = edge.faults.length > 0;
    if (queue.length > 0 && (faulted || queue.some((exchange) => exchange.isStruck))) return false;
    this.emit(at);
    const exchange = this.host.open();
    this.current = exchange;
    this.startedAt = this.total + at;
    if (faulted || edge.rewrite !== null) {
      exchange.requestMode = "hold";
      exchange.requestPassed = false;
    }
    return true;
  }

  onHead(head: MessageHead, end: number): Framing {
    const exchange = this.current;
    const line = parseRequestLine(head.startLine);
    if (exchange === null || line === null) return { type: "malformed" };
    exchange.method = line.method;
    exchange.path = line.target;
    exchange.head = head;
    attributeByHead(this.host.edge, exchange);
    const framing = requestFraming(head, line.method);
    if (framing.type === "malformed") return framing;
    if (exchange.requestMode === "hold") {
      this.emit(end);
      if (needsBody(this.host.edge, exchange, framing)) exchange.awaitsBody = true;
      else this.decide(exchange);
    }
    if (framing.type === "tunnel") {
      exchange.tunnel = true;
      exchange.body = null;
    }
    return framing;
  }

  onBody(from: number, to: number): void {
    const exchange = this.current;
    if (exchange?.body == null) return;
    exchange.bodyBytes += to - from;
    if (exchange.bodyBytes <= MAX_BODY_BYTES) {
      exchange.body.push(this.chunk.subarray(from, to));
      return;
    }
    exchange.body = null;
    countAttempt(this.host.edge, exchange);
    if (exchange.awaitsBody) this.decide(exchange);
  }

  onEnd(at: number): void {
    const exchange = this.current;
    if (exchange === null) return;
    this.emit(at);
    exchange.bytesUp = this.total + at - this.startedAt;
    exchange.requestReceived = true;
    if (exchange.requestMode === "relay") exchange.passedMs = epochMs();
    attributeByBody(this.host.edge, exchange);
    if (exchange.awaitsBody) this.decide(exchange);
    if (exchange.requestMode === "staged" && !isOpenEnded(exchange)) exchange.requestSink?.end();
    this.current = null;
  }

  onMalformed(at: number): void {
    const exchange = this.current;
    if (exchange !== null) {
      this.emit(at);
      exchange.malformed = true;
      if (exchange.requestMode === "hold") this.forwardUntouched(exchange);
    }
    this.host.malformed();
  }

  private emit(to: number): void {
    if (to <= this.cursor) return;
    const whole = this.cursor === 0 && to === this.chunk.length;
    const bytes = whole ? this.chunk : this.chunk.subarray(this.cursor, to);
    this.cursor = to;
    const exchange = this.current;
    switch (exchange?.requestMode) {
      case "hold":
        exchange.held.push(bytes);
        exchange.heldBytes += bytes.length;
        this.host.held(bytes.length);
        break;
      case "staged":
        exchange.requestSink?.write(bytes);
        break;
      case "discard":
        break;
      case "relay":
      case undefined:
        this.host.writeUp(bytes);
    }
  }

  private decide(exchange: Exchange): void {
    exchange.awaitsBody = false;
    exchange.strikes = this.host.strikesFor(exchange);
    if (exchange.strikes.length === 0) this.forwardUntouched(exchange);
    else {
      const verdict = verdictOf(exchange.strikes);
      if (verdict instanceof Promise) void this.obeyLater(exchange, verdict);
      else this.obey(exchange, verdict);
    }
  }

  private async obeyLater(exchange: Exchange, pending: Promise<Intervention | null>): Promise<void> {
    const verdict = await pending;
    if (!exchange.ended) this.obey(exchange, verdict);
  }

  private obey(exchange: Exchange, verdict: Intervention | null): void {
    if (verdict === null) this.forwardStruck(exchange);
    else this.intervene(exchange, verdict);
  }

  private intervene(exchange: Exchange, verdict: Intervention): void {
    this.host.held(-exchange.heldBytes);
    exchange.takeHeld();
    exchange.requestMode = "discard";
    exchange.requestPassed = true;
    this.host.intervene(exchange, verdict);
  }

  /** Not struck, cut short or not understood: the held bytes go on as they came (but for the URL upstream's own head). */
  private forwardUntouched(exchange: Exchange): void {
    this.host.held(-exchange.heldBytes);
    exchange.requestMode = "relay";
    exchange.requestPassed = true;
    exchange.passedMs = epochMs();
    for (const bytes of takeHeldRequest(this.host.edge, exchange)) this.host.writeUp(bytes);
    this.host.passed();
  }

  private forwardStruck(exchange: Exchange): void {
    this.host.held(-exchange.heldBytes);
    const sink = throughStages(exchange.strikes, "requestBytes", {
      write: (bytes) => {
        exchange.requestBegun = true;
        exchange.passedMs = epochMs();
        this.host.writeUp(bytes);
      },
      end: () => {
        exchange.requestPassed = true;
        this.host.passed();
      },
    });
    exchange.requestSink = sink;
    exchange.requestMode = "staged";
    for (const bytes of takeHeldRequest(this.host.edge, exchange)) sink.write(bytes);
    if (exchange.requestReceived && !isOpenEnded(exchange)) sink.end();
  }
}

/** An upgrade may be accepted: then its request never ends, and what follows it must meet the same stages. */
const isOpenEnded = (exchange: Exchange): boolean => exchange.header("upgrade") !== undefined;
